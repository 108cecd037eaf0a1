/* Folding. */
#include "map/fold.h"

#include "base/error.h"
#include "partition/digest.h"
#include "sort/entries.h"
#include "store/value_list.h"

#include <stdlib.h>
#include <string.h>

/* A key that is handed to the job. */
struct group {
    struct mr_value_list values; /* the first of all */
    const struct mr_sort_buffer *records;
    const struct mr_entry *next, *end; /* the key's entries that were not given */
};

/* Puts a record that the job has emitted in the place of the key's records. */
static int keep(struct mr_assembly *out, const struct mr_value *value)
{
    struct mr_fold *f = (struct mr_fold *)(void *)out;
    uint64_t hash = mr_record_hash(&f->key);
    f->digest += mr_record_digest(hash, value);
    return mr_shuffle_add_value(f->shuffle, f->bucket, &f->key, value, f->err);
}

int mr_fold_init(struct mr_fold *f, const struct mr_context *task, const void *state,
                 struct mr_shuffle_writer *shuffle, struct mr_key_writer *keys, uint32_t key_max,
                 size_t memory)
{
    memset(f, 0, sizeof *f);
    f->out = (struct mr_assembly){ .context = *task, .headless = true, .value_max = key_max,
                                   .keys = keys, .keep = keep };
    f->out.context.emits = MR_EMITS_RESULT;
    f->job = task->job;
    f->state = state;
    f->shuffle = shuffle;
    f->key_max = key_max;
    f->err = task->err;
    f->key_room = malloc(key_max + (size_t)MR_LOCATOR_SIZE + (size_t)2 * MR_BLOCK_SLACK);
    if (f->key_room == NULL)
        return mr_error_memory(f->err, key_max, "a key");
    return mr_sort_buffer_init(&f->records, memory, f->err);
}

void mr_fold_release(struct mr_fold *f)
{
    mr_sort_buffer_release(&f->records);
    mr_assembly_release(&f->out);
    free(f->key_room);
    memset(f, 0, sizeof *f);
}

/* Copies a bucket's records to the sort buffer. Returns whether they can be folded. */
static bool take_records(struct mr_fold *f, uint32_t bucket, uint64_t *digest)
{
    const struct mr_shuffle_writer *w = f->shuffle;
    const unsigned char *next = w->bytes + bucket * w->stride + MR_BLOCK_HEAD;
    const unsigned char *end = next + w->bucket[bucket].fill;
    struct mr_whole_key whole = { NULL, 0 };
    mr_sort_buffer_clear(&f->records);
    *digest = 0;
    while (next < end) {
        struct mr_record r;
        struct mr_value value = { NULL, 0, false };
        next = mr_shuffle_get(next, end, &whole, f->key_room, f->key_max, &r);
        if (next != NULL)
            next = mr_value_get(next, end, &value);
        if (next == NULL || r.out_of_line || value.out_of_line)
            return false;
        r.value = f->records.count;
        *digest += mr_record_digest(mr_record_hash(&r), &value);
        if (mr_sort_buffer_add(&f->records, &r, &value) == NULL)
            return false;
    }
    return true;
}

static int next_value(struct mr_value_list *values)
{
    static const struct mr_key_place nowhere = { NULL, 0, NULL };
    struct group *g = (struct group *)(void *)values;
    if (g->next == g->end)
        return 0;
    struct mr_record r = mr_sort_buffer_record(g->records, g->next++);
    struct mr_value value = mr_record_value(&r);
    mr_values_open(values, &value, nowhere);
    return 1;
}

static bool has_key(const struct mr_sort_buffer *p, const struct mr_entry *e,
                    const struct mr_record *key)
{
    return e->size == key->size && memcmp(p->region + e->at, key->key, key->size) == 0;
}

/* Has the job fold the key of the first entry. Returns the first entry of another key, or NULL. */
static const struct mr_entry *fold_key(struct mr_fold *f, const struct mr_entry *first,
                                       const struct mr_entry *end)
{
    const struct mr_entry *next = first + 1;
    struct mr_key key;
    f->key = mr_sort_buffer_record(&f->records, first);
    while (next < end && has_key(&f->records, next, &f->key))
        next++;
    if (next == first + 1) { /* alone: it stays as it is */
        struct mr_value value = mr_record_value(&f->key);
        return keep(&f->out, &value) < 0 ? NULL : next;
    }
    struct group g = { { .next = next_value, .err = f->err }, &f->records, first, next };
    mr_key_open(&key, &f->key, (struct mr_key_place){ NULL, 0, NULL }, f->err);
    struct mr_mark *mark = f->out.context.mark;
    /* The buffer may have become full in the midst of the job's map. */
    enum mr_running before = mark ? mark->running : MR_IN_ENGINE;
    mr_mark_enter(mark, MR_IN_COMBINE);
    if (f->job->combine_values(f->state, &key, &g.values, &f->out.context) < 0) {
        (void)mr_context_failed(&f->out.context, "combine_values");
        return NULL;
    }
    mr_mark_enter(mark, before);
    if (mr_assembly_check(&f->out) < 0)
        return NULL;
    return next;
}

int mr_fold_bucket(struct mr_fold *f, uint32_t bucket)
{
    struct mr_bucket *b = &f->shuffle->bucket[bucket];
    uint32_t before = b->fill;
    uint64_t digest;
    if (!take_records(f, bucket, &digest) || f->records.count < 2)
        return 0;
    struct mr_ordering order = { .values = true,
                                 .by_bytes = f->job->value_order == MR_BY_VALUE_BYTES };
    struct mr_entry *next = mr_sort_buffer_entries(&f->records), *end = next + f->records.count;
    if (mr_sort_entries(next, f->records.count, f->records.count, f->records.region, order,
                        (struct mr_key_place){ NULL, 0, NULL }, NULL, f->err) < 0)
        return -1;
    f->digest -= digest;
    f->folded += f->records.count;
    b->fill = 0;
    b->whole.size = 0;
    f->bucket = bucket;
    for (const struct mr_entry *e = next; e < end;)
        if ((e = fold_key(f, e, end)) == NULL)
            return -1;
    /* Where folding has freed little, the buffer is written out: else it would be folded again for
     * every few records. */
    return b->fill > before / 2 ? mr_shuffle_flush(f->shuffle, bucket, f->err) : 0;
}
