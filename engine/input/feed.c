/* The feed: slots of shared memory between the process that reads and those that map. */
#include "input/feed.h"

#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "input/reader.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static size_t slots_size(const struct mr_feed *f)
{
    return f->count * sizeof *f->slots;
}

static size_t slot_size(const struct mr_feed *f)
{
    return f->room + MR_CHUNK_PAD;
}

static void name_spool(struct mr_slot *slot, size_t number)
{
    char name[sizeof slot->spool.name];
    snprintf(name, sizeof name, "record-%zu", number);
    mr_spool_create_on_disk(&slot->spool, name, 0);
}

int mr_feed_init(struct mr_feed *f, size_t count, size_t room, struct mr_error *err)
{
    memset(f, 0, sizeof *f);
    f->freed = f->rung = -1;
    f->count = count;
    f->room = room;
    f->slots = mr_memory_get_shared(slots_size(f));
    if (f->slots == NULL)
        return mr_error_memory(err, slots_size(f), "slots for streams");
    for (size_t i = 0; i < count; i++) {
        f->slots[i].data = mr_memory_get_shared(slot_size(f));
        if (f->slots[i].data == NULL)
            return mr_error_memory(err, slot_size(f), "a slot for streams");
        name_spool(&f->slots[i], i);
    }
    f->freed = eventfd((unsigned)count, EFD_CLOEXEC | EFD_SEMAPHORE);
    f->rung = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (f->freed < 0 || f->rung < 0)
        return mr_error_system(err, "cannot make an event counter for streams");
    return 0;
}

static int signal_event(int fd, struct mr_error *err)
{
    uint64_t one = 1;
    if (mr_write_full(fd, &one, sizeof one) < 0)
        return mr_error_system(err, "cannot signal between the feeder and the supervisor");
    return 0;
}

/* Waits for a free slot. */
static struct mr_slot *wait_slot(struct mr_feed *f, struct mr_error *err)
{
    uint64_t one;
    if (mr_read_full(f->freed, &one, sizeof one) != sizeof one) {
        mr_error_system(err, "cannot wait for a free slot");
        return NULL;
    }
    for (size_t i = 0; i < f->count; i++)
        if (atomic_load(&f->slots[i].state) == MR_SLOT_FREE)
            return &f->slots[i];
    mr_error_set(err, "no slot is free though one was said to be");
    return NULL;
}

/* Puts a record that is larger than the slot in the slot's file; the slot holds its first
 * part. */
static int spool_record(struct mr_reader *r, const struct mr_feed *f, struct mr_slot *slot,
                        struct mr_chunk *chunk, struct mr_store *store, struct mr_error *err)
{
    for (;;) {
        if (mr_spool_append(&slot->spool, store, chunk->data, chunk->size, err) < 0)
            return -1;
        if (chunk->part == MR_LAST)
            break;
        int more = mr_reader_next(r, slot->data, f->room, chunk, err);
        if (more < 0)
            return -1;
        if (more == 0)
            return mr_error_set(err, "a record of '%s' has no last part",
                                mr_source_name(r->source));
    }
    slot->spooled = true;
    return mr_spool_finish(&slot->spool, store, err);
}

static int feed_stream(struct mr_feed *f, struct mr_reader *r, struct mr_store *store,
                       _Atomic uint64_t *progress, struct mr_error *err)
{
    for (;;) {
        struct mr_slot *slot = wait_slot(f, err);
        struct mr_chunk chunk;
        if (slot == NULL)
            return -1;
        int more = mr_reader_next(r, slot->data, f->room, &chunk, err);
        if (more < 0)
            return -1;
        if (more == 0)
            return signal_event(f->freed, err); /* the slot goes to the next stream */
        slot->spooled = false;
        if (chunk.part != MR_WHOLE && spool_record(r, f, slot, &chunk, store, err) < 0)
            return -1;
        slot->size = chunk.size;
        slot->records = chunk.records;
        slot->ends_file = chunk.ends_file;
        atomic_store(&slot->state, MR_SLOT_FULL);
        atomic_fetch_add(progress, 1);
        if (signal_event(f->rung, err) < 0)
            return -1;
    }
}

int mr_feed_run(struct mr_feed *f, const struct mr_sources *sources, struct mr_store *store,
                _Atomic uint64_t *progress, struct mr_error *err)
{
    int result = 0;
    for (size_t i = 0; i < sources->count && result == 0; i++) {
        if (!sources->at[i].stream)
            continue;
        struct mr_reader r;
        result = mr_reader_open(&r, &sources->at[i], 0, MR_TO_END, err);
        if (result == 0)
            result = feed_stream(f, &r, store, progress, err);
        mr_reader_close(&r);
    }
    return result;
}

int mr_feed_take(struct mr_feed *f)
{
    for (size_t i = 0; i < f->count; i++) {
        int full = MR_SLOT_FULL;
        if (atomic_compare_exchange_strong(&f->slots[i].state, &full, MR_SLOT_TAKEN))
            return (int)i;
    }
    return -1;
}

int mr_feed_free_slot(struct mr_feed *f, int slot, struct mr_store *store, struct mr_error *err)
{
    struct mr_slot *s = &f->slots[slot];
    if (s->spooled) {
        mr_spool_drop(&s->spool, store);
        name_spool(s, (size_t)slot);
    }
    atomic_store(&s->state, MR_SLOT_FREE);
    return signal_event(f->freed, err);
}

void mr_feed_free(struct mr_feed *f, struct mr_store *store)
{
    for (size_t i = 0; f->slots && i < f->count; i++) {
        mr_memory_release(f->slots[i].data, slot_size(f));
        if (store != NULL)
            mr_spool_drop(&f->slots[i].spool, store);
    }
    mr_memory_release(f->slots, slots_size(f));
    if (f->count > 0) {
        mr_close(&f->freed);
        mr_close(&f->rung);
    }
    memset(f, 0, sizeof *f);
}
