/* Sorted buckets: the buffer or the runs of one, read in order. */
#include "reduce/sorted_bucket.h"

#include "base/error.h"
#include "reduce/bucket_gather.h"

#include <string.h>

static const struct mr_scale unweighed;

/* The records come from the buffer, or from a merge of runs and what is still in it. */
static int open_records(struct mr_sorted_bucket *b)
{
    if (b->partial.count == 0)
        return mr_sorted_sort(b);
    if (mr_sorted_spill(b) < 0 ||
        mr_run_list_shrink(b->runs, &b->partial, unweighed, b->plan->fan_in, b->order) < 0)
        return -1;
    b->merging = true;
    return mr_run_list_open(b->runs, &b->partial, b->order, &b->merge);
}

int mr_sorted_open(struct mr_sorted_bucket *b, uint32_t number)
{
    return mr_sorted_gather(b, number) < 0 ? -1 : open_records(b);
}

void mr_sorted_close(struct mr_sorted_bucket *b)
{
    if (!b->merging)
        return;
    b->merging = false;
    mr_merge_release(&b->merge);
    mr_run_list_clear(b->runs, &b->partial);
}

/* ---- records in order ------------------------------------------------------------------- */

/* Goes to the next record of a merge, or of the sort buffer. */
static int next_merged(struct mr_sorted_bucket *b)
{
    struct mr_run_reader *next;
    int more = mr_merge_next(&b->merge, &next);
    if (more <= 0)
        return more;
    b->current = next->current.record;
    b->value = b->current.key + b->current.size;
    b->same_key = false;
    return more;
}

int mr_sorted_next(struct mr_sorted_bucket *b)
{
    int more = b->merging ? next_merged(b) : mr_sorted_next_buffered(b);
    if (more > 0)
        b->sum += b->numbers ? b->current.value : 1;
    return more;
}

/* Whether the current record has a key: 1, 0, or -1. */
static int has_key(struct mr_sorted_bucket *b, const struct mr_record *key)
{
    const struct mr_record *c = &b->current;
    if (c->size != key->size || c->out_of_line != key->out_of_line)
        return 0;
    if (!c->out_of_line)
        return mr_same_bytes(c->key, key->key, c->size);
    struct mr_locator one = mr_locator_get(c->key), other = mr_locator_get(key->key);
    if (one.hash != other.hash || one.size != other.size)
        return 0;
    struct mr_file_record x = { *c, b->blocks->spool, b->blocks->task };
    struct mr_file_record y = { *key, b->blocks->spool, b->blocks->task };
    int order;
    if (mr_compare_keys(&x, &y, &b->runs->pair, &order, b->err) < 0)
        return -1;
    return order == 0;
}

int mr_sorted_next_of(struct mr_sorted_bucket *b, const struct mr_record *key)
{
    int more = mr_sorted_next(b);
    if (more > 0)
        return b->same_key ? 1 : has_key(b, key);
    if (more == 0)
        b->current.key = NULL;
    return more;
}

struct mr_record mr_sorted_hold_key(struct mr_sorted_bucket *b)
{
    struct mr_record key = b->current;
    if (b->merging)
        key.key = memcpy(b->key_room, key.key, key.size);
    return key;
}

struct mr_key_place mr_sorted_key_place(struct mr_sorted_bucket *b)
{
    return (struct mr_key_place){ b->blocks->spool, b->blocks->task, &b->key_reader };
}

int mr_sorted_open_value(struct mr_sorted_bucket *b, struct mr_value_list *values)
{
    struct mr_value value = mr_value_at(b->value);
    if (!value.out_of_line) {
        mr_values_open_here(values, &value);
        return 1;
    }
    struct mr_key_place place = { b->blocks->spool, b->blocks->task, &b->value_reader };
    if (!b->order.by_bytes) {
        place.task = mr_value_task(&value);
        if (place.task >= b->shuffles->count)
            return mr_error_set(b->err, "internal error: a value is in no shuffle file");
        place.spool = &b->shuffles->files[place.task];
    }
    mr_values_open(values, &value, place);
    return 1;
}

/* Gives the key and value of an entry. Returns whether they stand there alone and whole. */
static inline bool get_pair(const struct mr_sorted_bucket *b, const struct mr_entry *e,
                            struct mr_pair *pair)
{
    if (e->out_of_line || (b->bundling && (mr_is_bundle(e) || mr_is_list(e))))
        return false;
    const unsigned char *key = b->records.region + e->at;
    const struct mr_value value = mr_value_at(key + e->size);
    *pair = (struct mr_pair){ { key, e->size }, { value.bytes, value.size } };
    return !value.out_of_line;
}

/* Whether the record behind that of an entry has another key, if there is one. */
static bool ends_key(const struct mr_sorted_bucket *b, const struct mr_entry *e)
{
    const unsigned char *region = b->records.region;
    return e + 1 == b->end || e[1].out_of_line || e[1].size != e->size ||
           !mr_same_bytes(region + e->at, region + e[1].at, e->size);
}

ssize_t mr_sorted_pairs(struct mr_sorted_bucket *b, struct mr_pair *to, size_t most,
                        uint64_t *ended)
{
    const struct mr_entry *e = b->next - 1;
    size_t count = 0;
    *ended = 0;
    if (b->merging)
        return 0;
    for (; count < most && e < b->end && get_pair(b, e, &to[count]); count++, e++) {
        mr_sorted_expect(b, e);
        *ended += ends_key(b, e);
    }
    if (count == 0)
        return 0;
    b->sum += count - 1; /* the current one has been counted */
    b->next = e;
    const int more = mr_sorted_next(b);
    if (more == 0)
        b->current.key = NULL;
    return more < 0 ? -1 : (ssize_t)count;
}

size_t mr_sorted_many(struct mr_sorted_bucket *b, struct mr_bytes *to, size_t most)
{
    struct mr_bundle_reader *bundle = &b->bundle;
    size_t count = 0;
    while (count < most && (bundle->again > 0 || bundle->at != bundle->end)) {
        const unsigned char *head = bundle->again > 0 ? bundle->last : bundle->at;
        const struct mr_value value = mr_value_at(head);
        if (value.out_of_line)
            break;
        (void)mr_bundle_next(bundle, &head);
        to[count++] = (struct mr_bytes){ value.bytes, value.size };
        for (; bundle->again > 0 && count < most; bundle->again--, count++)
            to[count] = to[count - 1];
    }
    b->sum += count;
    return count;
}
