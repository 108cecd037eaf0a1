/* The reducer of values that are bytes. */
#include "reduce/values.h"

#include "base/error.h"
#include "partition/digest.h"
#include "partition/shuffle.h"
#include "reduce/bundles.h"
#include "reduce/chains.h"
#include "reduce/result.h"
#include "reduce/task.h"
#include "sort/entries.h"
#include "sort/merge.h"
#include "store/part.h"
#include "store/value_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AHEAD = 24,     /* entries' keys are fetched so far ahead of their use */
    BATCH = 16,     /* records of a block are added so many at once */
    PLACE_BITS = 40 /* of a token in its map task */
};

static const struct mr_scale unweighed;

struct reducer {
    struct mr_context context; /* of the task's begin and end */
    const struct mr_job *job;
    const void *state;
    bool numbers;  /* what a record has as its number is its value, and it has no other */
    bool bundling; /* many are in bundles */
    bool same_key; /* the current record has that of the one before, as is known */
    const struct mr_reduce_plan *plan;
    struct mr_ordering order; /* of the records, until they are reduced */
    const struct mr_shuffles *shuffles;
    struct mr_chains chains;
    struct mr_sort_buffer records; /* records of the bucket at hand */
    struct mr_bundles bundles;
    uint64_t number; /* of the next record, where it is not its value */
    struct mr_run_list partial; /* those that it had no room for */
    struct mr_block_writer blocks;
    struct mr_key_writer keys;
    struct mr_run_maker runs;
    struct mr_block_reader key_reader, value_reader;
    unsigned char *key_room;    /* for a key that is put together, or held */
    unsigned char *record_room; /* for a record of a run that stands in parts */
    struct mr_gather gathered_key, gathered_value;
    struct mr_result out;
    struct mr_reduce_result result; /* a copy of its own: others' stand around the shared one */
    uint64_t told; /* records of it that tell how much there is of a file: */
    unsigned char group[MR_GROUP_SIZE + MR_BLOCK_SLACK]; /* the key of such a one */
    struct mr_error *err;

    /* The bucket's records in order: entries, or a merge of runs. */
    const struct mr_entry *next, *end;
    struct mr_bundle_reader bundle; /* of the entry before the next */
    struct mr_merge *merge;
    struct mr_record current;
    const unsigned char *value; /* the current record's, from its head on */
};

/* A key that is handed to the job. */
struct group {
    struct mr_value_list values; /* the first of all */
    struct reducer *r;
    struct mr_record key;
    int more;   /* whether the reducer's current record is the key's: 1, 0, or -1 */
    bool begun; /* the first value was given */
    char digits[24]; /* the only one, where they are numbers */
    uint32_t size;
};

/* ---- gathering -------------------------------------------------------------------------- */

static int next_buffered(struct reducer *r);

static void forget_records(struct reducer *r)
{
    mr_sort_buffer_clear(&r->records);
    mr_bundles_clear(&r->bundles);
}

/* Sorts the records in the buffer, to be read then. */
static int sort_buffer(struct reducer *r)
{
    struct mr_entry *entries = mr_sort_buffer_entries(&r->records);
    r->next = entries;
    r->end = entries + r->records.count;
    r->bundle = (struct mr_bundle_reader){ .next = MR_NO_PIECE };
    return mr_sort_entries(entries, r->records.count, r->records.count, r->records.region, r->order,
                           mr_run_maker_place(&r->runs), &r->runs.pair, r->err);
}

/* Gives the next record of the buffer, with its value behind its key, and the run's number as its
 * own, where it has no better one: what is in later runs comes later in the input. */
static int next_of_run(void *self, struct mr_record *record)
{
    struct reducer *r = self;
    struct mr_value value;
    int more = next_buffered(r);
    *record = r->current;
    if (!r->numbers && !r->plan->places)
        record->value = r->partial.count;
    if (more <= 0 || r->value == record->key + record->size)
        return more;
    if (!r->same_key)
        memcpy(r->record_room, record->key, record->size);
    value = mr_value_at(r->value);
    mr_value_put(r->record_room + record->size, &value);
    record->key = r->record_room;
    return more;
}

/* The bucket's records so far go to a run. */
static int spill(struct reducer *r)
{
    if (r->records.count == 0)
        return 0;
    if (sort_buffer(r) < 0 ||
        mr_run_list_take(&r->runs, &r->partial, unweighed, true, next_of_run, r) < 0)
        return -1;
    forget_records(r);
    return 0;
}

/* Copies a key or value that is out-of-line in a shuffle file to the reducer's own file, where it
 * can be compared with others. *from becomes its new locator, in room. */
static int copy_out_of_line(struct reducer *r, const struct mr_chain_block *b,
                            const unsigned char **from, unsigned char room[MR_LOCATOR_SIZE])
{
    struct mr_key_place place = { &r->shuffles->files[b->task], b->task, &r->key_reader };
    struct mr_record old = { *from, MR_LOCATOR_SIZE, true, 0 };
    struct mr_locator locator;
    if (mr_key_copy(&old, place, &r->blocks, &locator, r->err) < 0)
        return -1;
    mr_locator_put(room, &locator);
    *from = room;
    return 0;
}

/* Adds a record to the buffer. Returns where its value was put; NULL: the buffer is full. */
static unsigned char *keep_record(struct reducer *r, const struct mr_record *record, uint64_t hash,
                                  const struct mr_value *value)
{
    unsigned char *at = NULL;
    enum mr_bundled bundled = MR_NOT_BUNDLED;
    if (r->bundling && !record->out_of_line)
        bundled = mr_bundles_add(&r->bundles, &r->records, record, hash, value, &at);
    return bundled == MR_NOT_BUNDLED ? mr_sort_buffer_add(&r->records, record, value) : at;
}

/* A record of a block. */
struct arrival {
    struct mr_record record;
    struct mr_value value;
    uint64_t hash;
};

static int add_record(struct reducer *r, const struct mr_chain_block *b, struct arrival *a)
{
    struct mr_record *record = &a->record;
    struct mr_value *value = &a->value;
    unsigned char key_room[MR_LOCATOR_SIZE], value_room[MR_LOCATOR_SIZE];
    bool copied = value->out_of_line && r->order.by_bytes;
    r->result.digest += mr_record_digest(a->hash, value);
    if (record->out_of_line && copy_out_of_line(r, b, &record->key, key_room) < 0)
        return -1;
    if (copied && copy_out_of_line(r, b, &value->bytes, value_room) < 0)
        return -1;
    unsigned char *at = keep_record(r, record, a->hash, value);
    if (at == NULL) {
        if (spill(r) < 0)
            return -1;
        at = keep_record(r, record, a->hash, value);
    }
    if (at == NULL)
        return mr_error_set(r->err, "a record of %u bytes does not fit in a reducer's memory; "
                                    "give more with --memory", record->size + value->size);
    if (value->out_of_line && !copied)
        mr_value_set_task(at, b->task);
    return 0;
}

/* Where its first part stands orders a key, and those of the key among each other. */
static int find_place(struct reducer *r, const struct mr_chain_block *b,
                      const struct mr_value *value, uint64_t *place)
{
    struct mr_number_part part;
    if (!mr_part_get(value, &part))
        return mr_spool_damaged(&r->shuffles->files[b->task], b->at.offset,
                                "a value is no part of a number", r->err);
    if (part.place >> PLACE_BITS != 0 || b->place >> (64 - PLACE_BITS) != 0) {
        mr_error_set(r->err, "there are too many map tasks, or tokens in one, to be kept in the "
                             "order of the input");
        return mr_error_final(r->err);
    }
    *place = (uint64_t)b->place << PLACE_BITS | part.place;
    return 0;
}

/* Adds records of a block. */
static int add_batch(struct reducer *r, const struct mr_chain_block *b, struct arrival *batch,
                     size_t count)
{
    for (size_t i = 0; r->bundling && i < count; i++)
        mr_bundles_expect_bundle(&r->bundles, batch[i].hash);
    for (size_t i = 0; r->bundling && i < count; i++)
        mr_bundles_expect_value(&r->bundles, &r->records, batch[i].hash);
    for (size_t i = 0; i < count; i++) {
        struct arrival *a = &batch[i];
        if (r->plan->places && find_place(r, b, &a->value, &a->record.value) < 0)
            return -1;
        if (add_record(r, b, a) < 0)
            return -1;
    }
    return 0;
}

/* Reads a record at next. Returns the byte after it, or NULL where there is none. */
static const unsigned char *get_arrival(struct reducer *r, const unsigned char *next,
                                        const unsigned char *end, struct mr_whole_key *whole,
                                        struct arrival *a)
{
    a->value = (struct mr_value){ NULL, 0, false };
    next = mr_shuffle_get(next, end, whole, r->key_room, r->plan->key_max, &a->record);
    if (next != NULL && !r->numbers)
        next = mr_value_get(next, end, &a->value);
    if (next == NULL || a->value.size > r->plan->key_max)
        return NULL;
    if (!r->numbers)
        a->record.value = r->number++;
    a->hash = mr_record_hash(&a->record);
    if (r->bundling)
        mr_bundles_expect_slot(&r->bundles, a->hash);
    return next;
}

static int add_block(struct reducer *r, const struct mr_chain_block *b)
{
    struct mr_whole_key whole = { NULL, 0 };
    const unsigned char *next = b->block.payload, *end = next + b->block.size;
    struct arrival batch[BATCH];
    while (next < end) {
        size_t count = 0;
        do {
            next = get_arrival(r, next, end, &whole, &batch[count++]);
            if (next == NULL)
                return mr_spool_damaged(&r->shuffles->files[b->task], b->at.offset,
                                        "a block holds no records", r->err);
            /* There is room for one key that is put together. */
        } while (next < end && count < BATCH && batch[count - 1].record.key != r->key_room);
        if (add_batch(r, b, batch, count) < 0)
            return -1;
    }
    mr_sort_buffer_use_huge(&r->records);
    return 0;
}

/* Gathers the records of the partition's bucket of this number. */
static int gather(struct reducer *r, uint32_t number)
{
    struct mr_chain_block block = { .task = 0 };
    int more;
    forget_records(r);
    r->number = MR_BUNDLES_MOST;
    if (mr_chains_bucket(&r->chains, number) < 0)
        return -1;
    while ((more = mr_chains_next(&r->chains, &block)) > 0)
        if (add_block(r, &block) < 0)
            return -1;
    return more;
}

/* ---- records in order ------------------------------------------------------------------- */

/* Goes to the next record of a merge, or of the sort buffer. */
static int next_merged(struct reducer *r)
{
    struct mr_run_reader *next;
    int more = mr_merge_next(r->merge, &next);
    if (more <= 0)
        return more;
    r->current = next->current.record;
    r->value = r->current.key + r->current.size;
    r->same_key = false;
    return more;
}

static int next_buffered(struct reducer *r)
{
    if (mr_bundle_next(&r->bundle, &r->value)) {
        r->same_key = true;
        return 1;
    }
    if (r->next == r->end)
        return 0;
    if (r->end - r->next > AHEAD) {
        const struct mr_entry *soon = &r->next[AHEAD];
        __builtin_prefetch(r->records.region + soon->at);
        __builtin_prefetch(r->records.region + soon->at + soon->size);
    }
    const struct mr_entry *e = r->next++;
    r->current = mr_sort_buffer_record(&r->records, e);
    r->value = r->current.key + r->current.size;
    r->same_key = false;
    if (r->bundling && mr_is_bundle(e)) {
        mr_bundle_open(&r->bundles, &r->records, e, &r->bundle);
        (void)mr_bundle_next(&r->bundle, &r->value);
    }
    return 1;
}

/* Goes to the bucket's next record. Returns 1, 0 at the end, or -1. */
static int next_record(struct reducer *r)
{
    int more = r->merge ? next_merged(r) : next_buffered(r);
    if (more > 0 && !r->plan->parts) /* these count when they are united */
        r->result.sum += r->numbers ? r->current.value : 1;
    return more;
}

/* Whether the current record has a key: 1, 0, or -1. */
static int has_key(struct reducer *r, const struct mr_record *key)
{
    const struct mr_record *c = &r->current;
    if (c->size != key->size || c->out_of_line != key->out_of_line)
        return 0;
    if (!c->out_of_line)
        return mr_same_bytes(c->key, key->key, c->size);
    struct mr_locator a = mr_locator_get(c->key), b = mr_locator_get(key->key);
    if (a.hash != b.hash || a.size != b.size)
        return 0;
    struct mr_file_record x = { *c, r->blocks.spool, r->blocks.task };
    struct mr_file_record y = { *key, r->blocks.spool, r->blocks.task };
    int order;
    if (mr_compare_keys(&x, &y, &r->runs.pair, &order, r->err) < 0)
        return -1;
    return order == 0;
}

/* Goes to the key's next record. */
static int next_of_key(struct group *g)
{
    struct reducer *r = g->r;
    int more = next_record(r);
    if (more > 0)
        more = r->same_key ? 1 : has_key(r, &g->key);
    else if (more == 0)
        r->current.key = NULL;
    return g->more = more;
}

/* ---- values ----------------------------------------------------------------------------- */

/* Opens the value of the current record. */
static int open_value(struct group *g)
{
    struct reducer *r = g->r;
    struct mr_value value = mr_value_at(r->value);
    if (!value.out_of_line) {
        mr_values_open_here(&g->values, &value);
        return 1;
    }
    struct mr_key_place place = { r->blocks.spool, r->blocks.task, &r->value_reader };
    if (!r->order.by_bytes) {
        place.task = mr_value_task(&value);
        if (place.task >= r->shuffles->count)
            return mr_error_set(r->err, "internal error: a value is in no shuffle file");
        place.spool = &r->shuffles->files[place.task];
    }
    mr_values_open(&g->values, &value, place);
    return 1;
}

static int next_value(struct mr_value_list *values)
{
    struct group *g = (struct group *)(void *)values;
    if (g->begun && g->more > 0 && next_of_key(g) < 0)
        return -1;
    g->begun = true;
    return g->more > 0 ? open_value(g) : g->more;
}

/* ---- numbers ---------------------------------------------------------------------------- */

static int next_number(struct mr_value_list *values)
{
    struct group *g = (struct group *)(void *)values;
    if (g->begun)
        return 0;
    g->begun = true;
    struct mr_value value = { (const unsigned char *)g->digits, g->size, false };
    mr_values_open(values, &value, mr_run_maker_place(&g->r->runs));
    return 1;
}

/* Combines all numbers of the key. */
static int add_up(struct group *g, uint64_t *number)
{
    const struct reducer *r = g->r;
    *number = r->current.value;
    while (next_of_key(g) > 0)
        if (!mr_combine(r->job->combine, number, r->current.value))
            return mr_record_overflow(&g->key, 0, r->err);
    return g->more;
}

/* Calls the job's reduce, which may change the number. Returns what it returns, or -1. */
static int decide(const struct group *g, struct mr_key_place place, uint64_t *number)
{
    const struct reducer *r = g->r;
    struct mr_context *context = &g->r->out.out.context;
    struct mr_key key;
    if (r->job->reduce == NULL)
        return 1;
    mr_mark_enter(context->mark, MR_IN_REDUCE);
    mr_reduce_open_key(context, &key, &g->key, place);
    int keep = r->job->reduce(r->state, &key, number, context);
    if (keep < 0)
        return mr_reduce_failed(context, "reduce", &g->key, place);
    mr_mark_enter(context->mark, MR_IN_ENGINE);
    return keep;
}

/* Writes the number that the key has, unless the job's reduce drops it, in digits. Returns 1, 0
 * where it is dropped, or -1. */
static int take_number(struct group *g, struct mr_key_place place, uint64_t number)
{
    int keep = decide(g, place, &number);
    g->size = (uint32_t)snprintf(g->digits, sizeof g->digits, "%" PRIu64, number);
    return keep < 0 ? -1 : keep == 1;
}

/* Whether a key has none, but tells how much there is of a file. */
static bool tells_of_group(const struct reducer *r, const struct mr_record *key)
{
    return r->plan->group_totals && mr_group_kind(mr_group_of(key)) != MR_GROUP_KEYS;
}

/* ---- parts of numbers ------------------------------------------------------------------- */

/* Brings all parts of the key together. */
static int unite_parts(struct group *g, struct mr_united *u)
{
    const struct reducer *r = g->r;
    struct mr_number_part part = { 0, 0, 0 };
    uint64_t last = 0;
    int more;
    *u = (struct mr_united){ 0, 0 };
    while ((more = mr_values_next(&g->values)) > 0) {
        struct mr_value value = mr_value_at(r->value);
        if (!mr_part_get(&value, &part))
            return mr_error_set(r->err, "internal error: a value is no part of a number");
        if (u->sources == 0)
            u->number = part.number;
        else if (!mr_combine(r->job->combine, &u->number, part.number))
            return mr_record_overflow(&g->key, r->shuffles->key_head, r->err);
        u->sources += u->sources == 0 || part.source != last;
        last = part.source;
    }
    return more;
}

/* Adds a record of the key at hand to the result; place is that of its first part. */
static int put_united(struct reducer *r, const struct mr_united *u, uint64_t place)
{
    unsigned char bytes[MR_UNITED_MAX];
    const struct mr_value value = mr_united_put(bytes, u);
    return mr_result_put(&r->out, r->plan->places ? place : u->number, &value);
}

/* Has the result tell how much of the key's file was dropped, where that is asked for. */
static int tell_dropped(struct reducer *r, const struct mr_united *u)
{
    const struct mr_record key = { r->group, MR_GROUP_SIZE, false, 0 };
    if (!r->plan->group_totals)
        return 0;
    mr_group_put(r->group, mr_group_make(mr_group_source(mr_group_of(&r->out.key)),
                                         MR_GROUP_DROPPED));
    mr_result_key(&r->out, &key);
    r->told++;
    return put_united(r, u, 0);
}

/* Makes a record of the result of a key's parts, unless the job's reduce drops it. */
static int reduce_parts(struct group *g)
{
    struct reducer *r = g->r;
    struct mr_key_place where = { r->blocks.spool, r->blocks.task, &r->key_reader };
    struct mr_context *context = &r->out.out.context;
    const uint64_t place = r->current.value;
    struct mr_united all, kept;
    if (unite_parts(g, &all) < 0)
        return -1;
    if (tells_of_group(r, &g->key)) {
        r->told++;
        return put_united(r, &all, 0);
    }
    r->result.distinct++;
    r->result.sum += all.number;
    int may = mr_reduce_may_have(context, r->shuffles, &g->key, where);
    if (may <= 0)
        return may;
    kept = all;
    int keep = decide(g, where, &kept.number);
    if (keep < 0)
        return -1;
    r->result.dropped += keep == 0 ? all.number : 0;
    r->result.others += keep == MR_OTHERS ? all.number : 0;
    if (keep != 1)
        return keep == 0 ? tell_dropped(r, &all) : 0;
    g->key.value = kept.number;
    if (r->shuffles->ranking != NULL &&
        mr_reduce_rank(context, r->shuffles, &g->key, where) < 0)
        return -1;
    return put_united(r, &kept, place);
}

/* ---- keys ------------------------------------------------------------------------------- */

/* What is done where the job has no reduce: each value is a record of the result. */
static int pass_on(struct mr_value_list *values, struct mr_context *out)
{
    int more;
    while ((more = mr_values_next(values)) > 0) {
        const unsigned char *bytes;
        size_t size;
        int pieces;
        if (mr_result_begin(out, NULL, 0) < 0)
            return -1;
        while ((pieces = mr_values_read(values, &bytes, &size)) > 0)
            if (mr_result_add(out, bytes, size) < 0)
                return -1;
        if (pieces < 0 || mr_result_end(out) < 0)
            return -1;
    }
    return more;
}

/* The current record's key, in memory that stands while its values are read. */
static struct mr_record hold_key(struct reducer *r)
{
    struct mr_record key = r->current;
    if (r->merge != NULL)
        key.key = memcpy(r->key_room, key.key, key.size);
    return key;
}

/* Hands a key to the job, if that is not to be passed over. */
static int call_job(struct group *g)
{
    /* Not by the readers that keys are compared with: what it gives is to stand meanwhile. */
    struct reducer *r = g->r;
    struct mr_key_place place = { r->blocks.spool, r->blocks.task, &r->key_reader };
    struct mr_context *context = &r->out.out.context;
    struct mr_key key;
    uint64_t number = 0;
    if (r->numbers && add_up(g, &number) < 0)
        return -1;
    int may = mr_reduce_may_have(context, r->shuffles, &g->key, place);
    if (may <= 0)
        return may;
    if (r->numbers && (may = take_number(g, place, number)) <= 0)
        return may;
    mr_mark_enter(context->mark, MR_IN_REDUCE);
    mr_key_open(&key, &g->key, place, r->err);
    key.gather = &r->gathered_key;
    if (r->job->reduce_values(r->state, &key, &g->values, context) < 0)
        return mr_reduce_failed(context, "reduce_values", &g->key, place);
    mr_mark_enter(context->mark, MR_IN_ENGINE);
    return 0;
}

/* Reduces the key of the current record, and goes on to the next key's first. */
static int reduce_key(struct reducer *r)
{
    struct group g = { .values = { .next = r->numbers ? next_number : next_value,
                                   .gather = &r->gathered_value, .err = r->err },
                       .r = r, .key = hold_key(r), .more = 1 };
    int result;
    r->result.distinct += !r->plan->parts;
    mr_result_key(&r->out, &g.key);
    if (g.key.out_of_line) { /* what it and its values may have does not depend on keys before */
        mr_buffer_free(&r->gathered_key.bytes);
        mr_buffer_free(&r->gathered_value.bytes);
    }
    if (r->plan->parts)
        result = reduce_parts(&g);
    else if (r->job->reduce_values != NULL)
        result = call_job(&g);
    else
        result = pass_on(&g.values, &r->out.out.context);
    if (result < 0 || (!r->job->in_sequence && mr_assembly_check(&r->out.out) < 0))
        return -1;
    while (g.more > 0)
        if (next_of_key(&g) < 0)
            return -1;
    return g.more;
}

static int reduce_keys(struct reducer *r)
{
    int more = next_record(r);
    if (more <= 0)
        return more;
    while (r->current.key != NULL)
        if (reduce_key(r) < 0)
            return -1;
    return 0;
}

/* ---- buckets ---------------------------------------------------------------------------- */

static int reduce_buffer(struct reducer *r)
{
    return sort_buffer(r) < 0 ? -1 : reduce_keys(r);
}

static int reduce_runs(struct reducer *r)
{
    struct mr_merge merge;
    if (spill(r) < 0 ||
        mr_run_list_shrink(&r->runs, &r->partial, unweighed, r->plan->fan_in, r->order) < 0)
        return -1;
    int result = mr_run_list_open(&r->runs, &r->partial, r->order, &merge);
    r->merge = &merge;
    if (result == 0)
        result = reduce_keys(r);
    r->merge = NULL;
    mr_merge_release(&merge);
    mr_run_list_clear(&r->runs, &r->partial);
    return result;
}

static int reduce_all(struct reducer *r)
{
    for (uint32_t i = 0; i < r->plan->count; i++) {
        if (gather(r, i) < 0 || (r->partial.count > 0 ? reduce_runs(r) : reduce_buffer(r)) < 0 ||
            mr_result_pause(&r->out) < 0)
            return -1;
    }
    /* The end may emit only in sequence: there is no key. */
    struct mr_context *context = r->job->in_sequence ? &r->out.out.context : &r->context;
    if (mr_reduce_task_end(context, r->state) < 0)
        return -1;
    return mr_result_finish(&r->out, &r->result.runs);
}

static int reducer_init(struct reducer *r, struct mr_spool *spool, struct mr_store *store,
                        uint32_t task, _Atomic uint64_t *progress)
{
    const struct mr_reduce_plan *p = r->plan;
    /* What it has of memory: records, results, a key and a value that are whole, and the job's. */
    size_t eighth = p->table / 8;
    size_t results = r->job->in_sequence ? 0 : 2 * eighth;
    size_t bundles = r->bundling ? mr_bundles_memory(eighth / 4) : 0;
    mr_block_reader_init(&r->key_reader, store, p->key_payload);
    mr_block_reader_init(&r->value_reader, store, p->key_payload);
    r->key_reader.progress = r->value_reader.progress = spool->progress = progress;
    r->gathered_key.max = r->gathered_value.max = 2 * eighth;
    r->gathered_key.other = &r->gathered_value;
    r->gathered_value.other = &r->gathered_key;
    r->key_room = malloc(p->run_payload + (size_t)MR_BLOCK_SLACK); /* no record has more */
    r->record_room = malloc(p->run_payload + (size_t)MR_BLOCK_SLACK);
    if (r->key_room == NULL || r->record_room == NULL)
        return mr_error_memory(r->err, p->run_payload, "a record");
    if (mr_sort_buffer_init(&r->records, 5 * eighth - results - bundles, r->err) < 0 ||
        mr_bundles_init(&r->bundles, bundles, r->err) < 0 ||
        mr_block_writer_init(&r->blocks, spool, store, task, p->compress, r->err) < 0 ||
        mr_key_writer_init(&r->keys, &r->blocks, p->key_payload, r->err) < 0 ||
        mr_chains_init(&r->chains, p, r->shuffles, store, progress, r->err) < 0 ||
        (r->job->values != MR_NUMBERS && mr_chains_in_order(&r->chains) < 0) ||
        mr_run_maker_init(&r->runs, p, NULL, &r->blocks, store, progress, r->err) < 0)
        return -1;
    if (mr_reduce_task_begin(&r->context, r->job, r->state, r->shuffles, r->err) < 0)
        return -1;
    r->context.number = task;
    r->context.format = r->plan->format;
    r->context.progress = progress;
    struct mr_context emitting = r->context;
    emitting.emits = MR_EMITS_RESULT;
    emitting.memory = eighth;
    return mr_result_init(&r->out, &emitting, &r->runs, &r->keys, results);
}

static void reducer_release(struct reducer *r)
{
    mr_sort_buffer_release(&r->records);
    mr_bundles_release(&r->bundles);
    mr_result_release(&r->out);
    mr_chains_release(&r->chains);
    mr_key_writer_release(&r->keys);
    mr_run_maker_release(&r->runs);
    mr_block_writer_release(&r->blocks);
    mr_block_reader_release(&r->key_reader);
    mr_block_reader_release(&r->value_reader);
    mr_buffer_free(&r->gathered_key.bytes);
    mr_buffer_free(&r->gathered_value.bytes);
    free(r->key_room);
    free(r->record_room);
    free(r->partial.at);
    mr_context_release(&r->context);
}

int mr_reduce_values_run(const struct mr_job *job, const void *state,
                         const struct mr_reduce_plan *plan, const struct mr_shuffles *shuffles,
                         uint32_t task, struct mr_spool *spool, struct mr_store *store,
                         struct mr_reduce_result *result, _Atomic uint64_t *progress,
                         struct mr_error *err)
{
    struct reducer r = { .job = job, .state = state,
                         .numbers = job->values == MR_NUMBERS && !plan->parts, .plan = plan,
                         .shuffles = shuffles,
                         .order = { .values = true,
                                    .by_bytes = (plan->parts && !plan->places) ||
                                                job->value_order == MR_BY_VALUE_BYTES },
                         .err = err };
    r.bundling = !r.numbers && !r.order.by_bytes && !plan->places;
    int status = reducer_init(&r, spool, store, task, progress);
    if (status == 0)
        status = reduce_all(&r);
    if (status == 0)
        status = mr_spool_finish(spool, store, err);
    r.result.kept = r.out.records - r.told;
    *result = r.result;
    reducer_release(&r);
    return status;
}
