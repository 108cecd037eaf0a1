/* The feed: slots of shared memory between the process that reads and those that map. */
#include "input/feed.h"

#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "input/note.h"
#include "input/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    PIPE_SIZE = 1 << 20,  /* what unprivileged users may give a pipe: pipe(7) */
    LOOK_MS = 1000,       /* between two signs that a mapper waits */
    ALL_WAITING = 1 << 20 /* more than mappers ever are */
};

/* The slots, and behind them what is closed. */
static size_t slots_size(const struct mr_feed *f)
{
    return f->count * sizeof *f->slots + sizeof *f->closed;
}

static size_t slot_memory(const struct mr_feed *f)
{
    return f->slot_size + MR_CHUNK_PAD;
}

static void name_spool(struct mr_slot *slot, size_t number)
{
    char name[sizeof slot->spool.name];
    snprintf(name, sizeof name, "record-%zu", number);
    mr_spool_create_on_disk(&slot->spool, name, 0);
}

int mr_feed_init(struct mr_feed *f, size_t count, size_t share, size_t slot_size, bool ordered,
                 struct mr_error *err)
{
    memset(f, 0, sizeof *f);
    f->freed = f->filled = f->rung = -1;
    f->count = count;
    f->share = share;
    f->slot_size = slot_size;
    f->ordered = ordered;
    f->slots = mr_memory_get_shared(slots_size(f));
    if (f->slots == NULL)
        return mr_error_memory(err, slots_size(f), "slots for streams");
    f->closed = (_Atomic int64_t *)(f->slots + count);
    for (size_t i = 0; i < count; i++) {
        f->slots[i].holder = MR_SLOT_FREE;
        f->slots[i].data = mr_memory_get_shared(slot_memory(f));
        if (f->slots[i].data == NULL)
            return mr_error_memory(err, slot_memory(f), "a slot for streams");
        name_spool(&f->slots[i], i);
    }
    f->freed = eventfd((unsigned)count, EFD_CLOEXEC | EFD_SEMAPHORE);
    f->filled = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE | EFD_NONBLOCK);
    f->rung = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (f->freed < 0 || f->filled < 0 || f->rung < 0)
        return mr_error_system(err, "cannot make an event counter for streams");
    return 0;
}

static int signal_event(int fd, uint64_t count, struct mr_error *err)
{
    if (mr_write_full(fd, &count, sizeof count) < 0)
        return mr_error_system(err, "cannot signal between the processes that read streams");
    return 0;
}

/* What the holder of a slot is that is full and may be a task's. */
static int64_t full_for(const struct mr_feed *f, int64_t task)
{
    return f->ordered ? MR_SLOT_FULL_FOR - task : MR_SLOT_FULL;
}

/* ---- the feeder ------------------------------------------------------------------------- */

/* The share that is being filled. */
struct share {
    int64_t task; /* whose it is */
    size_t count; /* of its slots that are full */
};

/* The next slot will be another task's. A stream that ends must not leave that of its last slots
 * waiting for more. Returns 0 or -1. */
static int close_share(const struct mr_feed *f, struct share *share, struct mr_error *err)
{
    if (!f->ordered || share->count == 0)
        return 0;
    share->count = 0;
    atomic_store(f->closed, ++share->task);
    return signal_event(f->filled, 1, err);
}

/* A slot has been filled. Returns 0 or -1. */
static int add_to_share(struct mr_feed *f, struct share *share, struct mr_slot *slot,
                        struct mr_error *err)
{
    slot->rank = share->count++;
    atomic_store(&slot->holder, full_for(f, share->task));
    if (signal_event(f->filled, 1, err) < 0 || signal_event(f->rung, 1, err) < 0)
        return -1;
    return share->count == f->share ? close_share(f, share, err) : 0;
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
        if (atomic_load(&f->slots[i].holder) == MR_SLOT_FREE)
            return &f->slots[i];
    mr_error_set(err, "internal error: no slot is free though one was said to be");
    return NULL;
}

/* Puts a record that is larger than the slot in the slot's file, behind the magic; the slot holds
 * its first part. */
static int spool_record(struct mr_reader *r, const struct mr_feed *f, struct mr_slot *slot,
                        struct mr_chunk *chunk, struct mr_store *store, struct mr_error *err)
{
    if (mr_spool_append(&slot->spool, store, MR_SPOOL_MAGIC, MR_SPOOL_MAGIC_SIZE, err) < 0)
        return -1;
    for (;;) {
        if (mr_spool_append(&slot->spool, store, chunk->data, chunk->size, err) < 0)
            return -1;
        if (chunk->part == MR_LAST)
            break;
        int more = mr_reader_next(r, slot->data, f->slot_size, chunk, err);
        if (more < 0)
            return -1;
        if (more == 0)
            return mr_error_set(err, "internal error: a record of '%s' has no last part",
                                mr_source_name(r->source));
    }
    slot->spooled = true;
    return mr_spool_finish(&slot->spool, store, err);
}

static int feed_stream(struct mr_feed *f, const struct mr_sources *sources, struct mr_reader *r,
                       struct share *share, struct mr_store *store, _Atomic uint64_t *progress,
                       struct mr_error *err)
{
    for (;;) {
        struct mr_slot *slot = wait_slot(f, err);
        struct mr_chunk chunk;
        if (slot == NULL)
            return -1;
        int more = mr_reader_next(r, slot->data, f->slot_size, &chunk, err);
        if (more < 0)
            return -1;
        if (more == 0) { /* the slot goes to the next stream */
            int result = close_share(f, share, err);
            return result < 0 ? -1 : signal_event(f->freed, 1, err);
        }
        slot->spooled = false;
        slot->offset = chunk.offset;
        slot->begins_file = chunk.begins_file;
        slot->unmarked = chunk.begins_file ? r->content.unmarked : MR_UNMARKED_NONE;
        if (chunk.begins_file && mr_notes_begin_stream(sources, r->source, &chunk, err) < 0)
            return -1;
        if (chunk.part != MR_WHOLE && spool_record(r, f, slot, &chunk, store, err) < 0)
            return -1;
        slot->size = chunk.size;
        slot->source = r->source;
        slot->ends_file = chunk.ends_file;
        atomic_fetch_add(progress, 1);
        if (add_to_share(f, share, slot, err) < 0)
            return -1;
    }
}

/* Each time that a pipe is full or empty, a process must wake another. Where the kernel gives no
 * more room, that is slower but right. */
static void widen(int fd)
{
    int size = fcntl(fd, F_GETPIPE_SZ);
    if (size >= 0 && size < PIPE_SIZE)
        fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
}

int mr_feed_run(struct mr_feed *f, const struct mr_sources *sources, struct mr_store *store,
                _Atomic uint64_t *progress, struct mr_error *err)
{
    struct share share = { 0, 0 };
    int result = 0;
    for (size_t i = 0; i < sources->count && result == 0; i++) {
        if (!sources->at[i].stream)
            continue;
        struct mr_reader r;
        result = mr_reader_open(&r, &sources->at[i], 0, MR_TO_END, err);
        if (result == 0) {
            mr_reader_watch(&r, progress);
            widen(r.content.fd);
            result = feed_stream(f, sources, &r, &share, store, progress, err);
        }
        mr_reader_close(&r);
    }
    atomic_store(f->closed, INT64_MAX);
    return result < 0 ? -1 : signal_event(f->filled, ALL_WAITING, err);
}

/* ---- the mappers ------------------------------------------------------------------------ */

struct mr_slot *mr_feed_take(struct mr_feed *f, int64_t task)
{
    for (size_t i = 0; i < f->count; i++) {
        int64_t full = full_for(f, task);
        if (atomic_compare_exchange_strong(&f->slots[i].holder, &full, task))
            return &f->slots[i];
    }
    return NULL;
}

/* The next of the slots that a task holds, in order. */
static struct mr_slot *next_in_order(struct mr_feed *f, const struct mr_slot_cursor *cursor)
{
    for (size_t i = 0; i < f->count; i++) {
        struct mr_slot *slot = &f->slots[i];
        if (atomic_load(&slot->holder) == cursor->task && slot->rank == cursor->had)
            return slot;
    }
    return NULL;
}

/* The next slot that a task holds from before. */
static struct mr_slot *next_held(struct mr_feed *f, struct mr_slot_cursor *cursor)
{
    if (f->ordered)
        return next_in_order(f, cursor);
    while (cursor->looked < f->count) {
        struct mr_slot *slot = &f->slots[cursor->looked++];
        if (atomic_load(&slot->holder) == cursor->task)
            return slot;
    }
    return NULL;
}

/* Waits until a slot may have been filled. To wait for whoever writes the stream is no fault of
 * a mapper's: it counts as progress. */
static int wait_filled(const struct mr_feed *f, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct pollfd filled = { f->filled, POLLIN, 0 };
    uint64_t one;
    int got = poll(&filled, 1, LOOK_MS);
    if (got > 0) /* another may have been quicker */
        got = (int)read(f->filled, &one, sizeof one);
    atomic_fetch_add(progress, 1);
    if (got < 0 && errno != EINTR && errno != EAGAIN)
        return mr_error_system(err, "cannot wait for a full slot");
    return 0;
}

int mr_feed_next(struct mr_feed *f, struct mr_slot_cursor *cursor, struct mr_slot **slot,
                 _Atomic uint64_t *progress, struct mr_error *err)
{
    if (cursor->had == f->share)
        return 0;
    *slot = next_held(f, cursor);
    while (*slot == NULL) {
        /* Whether there will be more must be known before the slots are looked at. */
        bool closed = cursor->task < atomic_load(f->closed);
        struct mr_slot *taken = mr_feed_take(f, cursor->task);
        if (taken == NULL && closed)
            return 0;
        if (taken == NULL && wait_filled(f, progress, err) < 0)
            return -1;
        *slot = f->ordered ? next_in_order(f, cursor) : taken;
    }
    cursor->had++;
    return 1;
}

/* ---- the supervisor --------------------------------------------------------------------- */

int mr_feed_release(struct mr_feed *f, int64_t task, struct mr_store *store,
                    struct mr_error *err)
{
    uint64_t freed = 0;
    for (size_t i = 0; i < f->count; i++) {
        struct mr_slot *s = &f->slots[i];
        if (atomic_load(&s->holder) != task)
            continue;
        if (s->spooled) {
            mr_spool_drop(&s->spool, store);
            name_spool(s, i);
        }
        atomic_store(&s->holder, MR_SLOT_FREE);
        freed++;
    }
    return signal_event(f->freed, freed, err);
}

void mr_feed_free(struct mr_feed *f, struct mr_store *store)
{
    for (size_t i = 0; f->slots && i < f->count; i++) {
        mr_memory_release(f->slots[i].data, slot_memory(f));
        if (store != NULL)
            mr_spool_drop(&f->slots[i].spool, store);
    }
    mr_memory_release(f->slots, slots_size(f));
    if (f->count > 0) {
        mr_close(&f->freed);
        mr_close(&f->filled);
        mr_close(&f->rung);
    }
    memset(f, 0, sizeof *f);
}
