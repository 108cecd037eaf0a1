/* The buffer of a sorted bucket. */
#include "reduce/bucket_buffer.h"

#include "base/error.h"
#include "sort/entries.h"

#include <stdlib.h>
#include <string.h>

static const struct mr_scale unweighed;

/* ---- memory ----------------------------------------------------------------------------- */

int mr_sorted_init(struct mr_sorted_bucket *b, size_t memory, struct mr_run_maker *runs,
                   struct mr_store *store, _Atomic uint64_t *progress, struct mr_error *err)
{
    const struct mr_reduce_plan *p = b->plan;
    size_t bundles = b->bundling ? mr_bundles_memory(p->table / 32) : 0;
    b->runs = runs;
    b->blocks = runs->blocks;
    b->err = err;
    mr_block_reader_init(&b->key_reader, store, p->key_payload);
    mr_block_reader_init(&b->value_reader, store, p->key_payload);
    b->key_reader.progress = b->value_reader.progress = progress;
    b->record_max = (size_t)p->key_max + p->bucket_payload + MR_BLOCK_SLACK;
    b->key_room = malloc(p->run_payload + (size_t)MR_BLOCK_SLACK); /* no record has more */
    b->record_room = calloc(1, p->run_payload + (size_t)MR_BLOCK_SLACK);
    if (b->key_room == NULL || b->record_room == NULL)
        return mr_error_memory(err, p->run_payload, "a record");
    if (mr_sort_buffer_init(&b->records, memory - bundles, err) < 0 ||
        mr_bundles_init(&b->bundles, bundles, err) < 0)
        return -1;
    return mr_chains_init(&b->chains, p, b->shuffles, store, progress, err);
}

void mr_sorted_release(struct mr_sorted_bucket *b)
{
    mr_sort_buffer_release(&b->records);
    mr_bundles_release(&b->bundles);
    mr_chains_release(&b->chains);
    mr_block_reader_release(&b->key_reader);
    mr_block_reader_release(&b->value_reader);
    free(b->key_room);
    free(b->record_room);
    free(b->partial.at);
}

/* ---- records ---------------------------------------------------------------------------- */

void mr_sorted_clear(struct mr_sorted_bucket *b)
{
    mr_sort_buffer_clear(&b->records);
    mr_bundles_clear(&b->bundles);
    mr_ranged_clear(&b->ranges);
}

static int sort_entries(struct mr_sorted_bucket *b, struct mr_entry *entries, size_t count)
{
    return mr_sort_by_keys(entries, count, b->shared, b->records.region, b->order,
                           mr_run_maker_place(b->runs), &b->runs->pair, b->err);
}

int mr_sorted_open_ranges(struct mr_sorted_bucket *b)
{
    size_t count;
    struct mr_entry *sample = mr_ranged_sample(&b->records, &mr_ranged_plan, &count);
    if (sample == NULL)
        return 0;
    if (sort_entries(b, sample, count) < 0)
        return -1;
    return mr_ranged_open(&b->ranges, &b->records, &mr_ranged_plan, sample, count, b->shared,
                          mr_run_maker_place(b->runs), &b->runs->pair, b->err);
}

/* Sorts some entries, which are read next. Returns 0 or -1. */
static int begin_entries(struct mr_sorted_bucket *b, struct mr_entry *entries, size_t count)
{
    b->next = entries;
    b->end = entries + count;
    return sort_entries(b, entries, count);
}

/* Goes to the next range that has records, if there is one. Returns 1, 0 if not, or -1. */
static int next_range(struct mr_sorted_bucket *b)
{
    size_t count;
    struct mr_entry *entries = NULL;
    if (b->ranges.open)
        entries = mr_ranged_next(&b->ranges, &b->records, &count);
    if (entries == NULL)
        return 0;
    return begin_entries(b, entries, count) < 0 ? -1 : 1;
}

int mr_sorted_sort(struct mr_sorted_bucket *b)
{
    b->bundle = (struct mr_bundle_reader){ .next = MR_NO_PIECE };
    if (b->ranges.open)
        return next_range(b) < 0 ? -1 : 0;
    return begin_entries(b, mr_sort_buffer_entries(&b->records), b->records.count);
}

/* Begins to read the values of an entry that may have many. Returns whether it may. */
static bool open_values(struct mr_sorted_bucket *b, const struct mr_entry *e)
{
    if (mr_is_bundle(e)) {
        mr_bundle_open(&b->bundles, &b->records, e, &b->bundle);
        return true;
    }
    if (!mr_is_list(e))
        return false;
    struct mr_value list = mr_value_at(b->value);
    mr_bundle_open_list(&list, &b->bundle);
    return true;
}

int mr_sorted_next_buffered(struct mr_sorted_bucket *b)
{
    if (mr_bundle_next(&b->bundle, &b->value)) {
        b->same_key = true;
        return 1;
    }
    if (b->next == b->end) {
        int more = next_range(b);
        if (more <= 0)
            return more;
    }
    const struct mr_entry *e = b->next++;
    mr_sorted_expect(b, e);
    b->current = mr_sort_buffer_record(&b->records, e);
    b->value = b->current.key + b->current.size;
    b->same_key = false;
    if (b->bundling && open_values(b, e))
        (void)mr_bundle_next(&b->bundle, &b->value);
    return 1;
}

/* Gives the next record of the buffer, with its value behind its key, and the run's number as its
 * own, where it has no better one: what is in later runs comes later in the input. */
static int next_of_run(void *self, struct mr_record *record)
{
    struct mr_sorted_bucket *b = self;
    struct mr_value value;
    int more = mr_sorted_next_buffered(b);
    *record = b->current;
    if (!b->numbers && !b->plan->places)
        record->value = b->partial.count;
    if (more <= 0 || b->value == record->key + record->size)
        return more;
    if (!b->same_key)
        memcpy(b->record_room, record->key, record->size);
    value = mr_value_at(b->value);
    mr_value_put(b->record_room + record->size, &value);
    record->key = b->record_room;
    return more;
}

int mr_sorted_spill(struct mr_sorted_bucket *b)
{
    if (b->records.count == 0)
        return 0;
    if (mr_sorted_sort(b) < 0 ||
        mr_run_list_take(b->runs, &b->partial, unweighed, true, next_of_run, b) < 0)
        return -1;
    mr_sorted_clear(b);
    return 0;
}
