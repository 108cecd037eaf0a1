/* The reducer of numbers. */
#include "reduce/reducer.h"

#include "base/error.h"
#include "partition/digest.h"
#include "partition/shuffle.h"
#include "reduce/chains.h"
#include "reduce/prune.h"
#include "reduce/shuffle_survey.h"
#include "reduce/table.h"
#include "reduce/task.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 32 }; /* records in flight to the table together */

static const struct mr_ordering by_key = { .by_value = false };
static const struct mr_scale unweighed;

struct reducer {
    struct mr_context context; /* of the job's functions */
    const struct mr_job *job;
    const void *state;
    const struct mr_reduce_plan *plan;
    const struct mr_shuffles *shuffles;
    struct mr_chains chains;
    struct mr_prune prune;
    uint32_t wanted;             /* of the bucket's cells, a bit each; 0: all */
    struct mr_table table;
    struct mr_block_writer blocks;
    struct mr_block_reader key_reader;
    struct mr_run_maker runs;
    unsigned char *key_room;     /* for the keys of a batch */
    struct mr_run_list done;     /* in the result's order */
    struct mr_run_list partial;  /* of the current bucket, in key order */
    unsigned char group[MR_GROUP_SIZE + MR_BLOCK_SLACK]; /* a key that is no more than that */
    struct mr_reduce_result result; /* copied to shared memory at the end: other tasks' results
                                       share a cache line with it there */
    struct mr_error *err;
};

struct arrivals {
    struct mr_arrival at[BATCH];
    size_t count;
    unsigned char *keys; /* room for those that are put together */
    size_t used;
};

/* ---- entries, decided on ---------------------------------------------------------------- */

/* Has a record tell how much of its file was dropped, where that is asked for. Returns 1 to keep
 * it, or 0. */
static int drop(struct reducer *r, struct mr_record *record, uint64_t value)
{
    if (!r->plan->group_totals)
        return 0;
    mr_group_put(r->group, mr_group_make(mr_group_source(mr_group_of(record)), MR_GROUP_DROPPED));
    *record = (struct mr_record){ r->group, MR_GROUP_SIZE, false, value };
    return 1;
}

/* Asks the job about a record. Returns 1 to keep it, 0, or -1. */
static int decide(struct reducer *r, struct mr_record *record)
{
    if (r->plan->group_totals && mr_group_kind(mr_group_of(record)) == MR_GROUP_ALL)
        return 1;
    r->result.distinct++;
    r->result.sum += record->value;
    int keep = 1;
    uint64_t value = record->value;
    if (r->job->reduce) {
        struct mr_key_place place = mr_run_maker_place(&r->runs);
        int may = r->shuffles->one_by_one
                      ? mr_reduce_may_have(&r->context, r->shuffles, record, place)
                      : 1;
        if (may <= 0)
            return may;
        keep = mr_reduce_decide(&r->context, r->state, record, place, &record->value);
        if (keep < 0)
            return -1;
        r->result.dropped += keep == 0 ? value : 0;
        r->result.others += keep == MR_OTHERS ? value : 0;
        if (keep == 0)
            return drop(r, record, value);
        keep = keep == 1;
    }
    if (keep <= 0 || (r->prune.top > 0 && !mr_prune_takes(&r->prune, record)))
        return 0;
    r->result.kept++;
    return 1;
}

/* Gives an entry another key, which is no larger. */
static void rewrite(const struct mr_table *t, struct mr_entry *e, const struct mr_record *record)
{
    memcpy(t->records.region + e->at, record->key, record->size);
    e->slice = mr_record_slice(record);
    e->size = record->size & 0x7FFFFFFF;
    e->out_of_line = 0;
}

/* Asks the job about the entries from number `from` on, and moves those that are kept together. */
static int decide_entries(struct reducer *r, uint32_t from)
{
    struct mr_table *t = &r->table;
    struct mr_entry *end = mr_table_entries(t) + t->records.count; /* entry i is end[-1 - i] */
    const bool prunes = r->prune.top > 0 && r->job->reduce == NULL && !r->plan->group_totals;
    uint32_t kept = from;
    for (uint32_t i = from; i < t->records.count; i++) {
        struct mr_entry *e = &end[-1 - (ptrdiff_t)i];
        if (prunes && mr_prune_is_behind(&r->prune, e->value, e->slice)) { /* mostly, if so */
            r->result.distinct++;
            r->result.sum += e->value;
            continue;
        }
        struct mr_record record = { t->records.region + e->at, e->size, e->out_of_line, e->value };
        int keep = decide(r, &record);
        if (keep < 0)
            return -1;
        if (keep == 0)
            continue;
        e->value = record.value;
        if (record.key == r->group)
            rewrite(t, e, &record);
        if (kept < i)
            end[-1 - (ptrdiff_t)kept] = *e;
        kept++;
    }
    mr_table_shorten(t, kept);
    return 0;
}

/* Whether a record is a key's, and does not tell how much there is of a file. */
static bool is_key(const struct reducer *r, const struct mr_record *record)
{
    return !r->plan->group_totals || mr_group_kind(mr_group_of(record)) == MR_GROUP_KEYS;
}

/* Writes entries, which are decided on, as a run of the result. */
static int write_entries(struct reducer *r, struct mr_entry *entries, uint32_t count)
{
    for (uint32_t i = 0; r->shuffles->ranking != NULL && i < count; i++) {
        const struct mr_record record = mr_sort_buffer_record(&r->table.records, &entries[i]);
        if (is_key(r, &record) && mr_reduce_rank(&r->context, r->shuffles, &record,
                                                 mr_run_maker_place(&r->runs)) < 0)
            return -1;
    }
    return mr_result_write(&r->runs, &r->done, entries, count, r->table.records.region);
}

/* Writes all entries, which are decided on, as a run of the result. */
static int write_result(struct reducer *r)
{
    struct mr_table *t = &r->table;
    if (write_entries(r, mr_table_entries(t), t->records.count) < 0)
        return -1;
    mr_table_clear(t);
    return 0;
}

static int no_room(struct reducer *r, uint32_t size)
{
    return mr_error_set(r->err, "a key of %u bytes does not fit in a reducer's memory; give "
                                "more with --memory", size);
}

/* Takes a key of an over-full bucket, which is complete, into the result. */
static int take_to_result(void *self, const struct mr_record *record)
{
    struct reducer *r = self;
    struct mr_record decided = *record;
    int keep = decide(r, &decided);
    if (keep <= 0)
        return keep;
    if (mr_table_append(&r->table, &decided) == 0)
        return 0;
    if (write_result(r) < 0)
        return -1;
    if (mr_table_append(&r->table, &decided) < 0)
        return no_room(r, decided.size);
    return 0;
}

/* ---- buckets ---------------------------------------------------------------------------- */

/* Leaves one entry for each key of the bucket that began at entry `from`: there are more only where
 * the table has given its index up. */
static int unite_entries(struct reducer *r, uint32_t from)
{
    return r->table.unindexed ? mr_table_unite(&r->table, from, mr_run_maker_place(&r->runs),
                                               &r->runs.pair, r->err)
                              : 0;
}

/* The table is full in the middle of a bucket that began at entry `from`: everything goes to
 * runs, the earlier buckets' entries to the result's, this bucket's to partial ones. */
static int spill(struct reducer *r, uint32_t *from)
{
    struct mr_table *t = &r->table;
    if (unite_entries(r, *from) < 0)
        return -1;
    struct mr_entry *entries = mr_table_entries(t);
    uint32_t mine = t->records.count - *from;
    if (write_entries(r, entries + mine, *from) < 0 ||
        mr_run_list_write(&r->runs, &r->partial, unweighed, entries, mine, MR_ALL,
                          t->records.region, by_key) < 0)
        return -1;
    mr_table_clear(t);
    *from = 0;
    return 0;
}

/* Adds a record whose place in the index was fetched; where the table is full, it is emptied
 * first. */
static int add_arrival(struct reducer *r, const struct mr_arrival *a, struct mr_key_place place,
                       uint32_t *from)
{
    for (int tries = 0; tries < 2; tries++) {
        int added = a->record.out_of_line
                        ? mr_table_add_out_of_line(&r->table, &a->record, place,
                                                   mr_run_maker_place(&r->runs), &r->blocks,
                                                   r->err)
                        : mr_table_add(&r->table, a, r->err);
        if (added >= 0)
            return 0;
        if (added == -2 || spill(r, from) < 0)
            return -1;
    }
    return no_room(r, a->record.size);
}

static int add_arrivals(struct reducer *r, struct arrivals *a, struct mr_key_place place,
                        uint32_t *from)
{
    for (size_t i = 0; i < a->count; i++)
        mr_table_expect(&r->table, &a->at[i].record, &a->at[i]);
    for (size_t i = 0; i < a->count; i++)
        if (add_arrival(r, &a->at[i], place, from) < 0)
            return -1;
    a->count = a->used = 0;
    return 0;
}

/* Whether a record is in a cell of which nothing is wanted. */
static inline bool is_pruned(const struct reducer *r, const struct mr_record *record)
{
    const struct mr_reduce_plan *p = r->plan;
    uint32_t cell = mr_bucket(mr_record_hash(record), p->buckets * p->cells) % p->cells;
    return (r->wanted >> cell & 1) == 0;
}

/* Brings in a block's records: some, or all. Compiled for each, as every record comes by here. */
static inline __attribute__((always_inline)) int add_records(struct reducer *r,
                                                             const struct mr_chain_block *b,
                                                             bool some, uint32_t *from)
{
    const struct mr_spool *shuffle = &r->shuffles->files[b->task];
    struct mr_key_place place = { shuffle, b->task, &r->key_reader };
    struct arrivals arrivals = { .keys = r->key_room };
    struct mr_whole_key whole = { NULL, 0 };
    const unsigned char *next = b->block.payload, *end = next + b->block.size;
    while (next < end) {
        struct mr_record record;
        unsigned char *room = arrivals.keys + arrivals.used;
        next = mr_shuffle_get(next, end, &whole, room, r->plan->key_max, &record);
        if (next == NULL)
            return mr_spool_damaged(shuffle, b->at.offset, "a block holds no records", r->err);
        if (some && is_pruned(r, &record)) {
            r->result.sum += record.value;
            continue;
        }
        if (record.key == room)
            arrivals.used += record.size + MR_BLOCK_SLACK;
        arrivals.at[arrivals.count++].record = record;
        if (arrivals.count == BATCH && add_arrivals(r, &arrivals, place, from) < 0)
            return -1;
    }
    return add_arrivals(r, &arrivals, place, from);
}

static int add_block(struct reducer *r, const struct mr_chain_block *b, uint32_t *from)
{
    return r->wanted != 0 ? add_records(r, b, true, from) : add_records(r, b, false, from);
}

/* Reduces the partition's bucket of this number. */
static int reduce_bucket(struct reducer *r, uint32_t number)
{
    struct mr_chain_block block = { .task = 0 };
    uint32_t from = r->table.records.count;
    int more;
    mr_table_next_bucket(&r->table);
    if (mr_chains_bucket(&r->chains, number) < 0)
        return -1;
    while ((more = mr_chains_next(&r->chains, &block)) > 0)
        if (add_block(r, &block, &from) < 0)
            return -1;
    if (more < 0)
        return -1;
    if (r->partial.count == 0)
        return unite_entries(r, from) < 0 ? -1 : decide_entries(r, from);
    if (spill(r, &from) < 0 ||
        mr_run_list_shrink(&r->runs, &r->partial, unweighed, r->plan->fan_in, by_key) < 0 ||
        mr_run_list_unite(&r->runs, &r->partial, by_key, take_to_result, r) < 0)
        return -1;
    mr_run_list_clear(&r->runs, &r->partial);
    return 0;
}

/* The same, and writes what has gathered of the result where that is much. */
static int reduce_next(struct reducer *r, uint32_t number)
{
    if (reduce_bucket(r, number) < 0)
        return -1;
    size_t much = mr_result_gather(r->plan->table, r->done.count, r->plan->runs_max);
    return mr_sort_buffer_bytes(&r->table.records) >= much ? write_result(r) : 0;
}

/* Only some cells of a bucket are looked at where that saves more than it costs. */
static uint32_t choose_cells(const struct reducer *r, const struct mr_prune_bucket *b)
{
    uint32_t wanted = mr_prune_wanted(&r->prune, b);
    return (uint32_t)__builtin_popcount(wanted) <= r->prune.each / 2 ? wanted : 0;
}

/* Reduces what the result needs of the partition. */
static int reduce_wanted(struct reducer *r)
{
    if (mr_prune_order(&r->prune, &r->chains) < 0)
        return -1;
    for (uint32_t i = 0; i < r->plan->count; i++) {
        const struct mr_prune_bucket *b = &r->prune.buckets[i];
        mr_total sum;
        if (mr_prune_passes(&r->prune, b, &sum)) {
            r->result.sum += sum;
            continue;
        }
        r->wanted = choose_cells(r, b);
        if (reduce_next(r, b->number) < 0)
            return -1;
    }
    return 0;
}

static int reduce_all(struct reducer *r)
{
    for (uint32_t i = 0; i < r->plan->count; i++)
        if (reduce_next(r, i) < 0)
            return -1;
    return 0;
}

/* Pruning takes buckets in another order: only where the links to all of them are held, or else the
 * files' tables would be read again for each bucket. */
static int reduce_partition(struct reducer *r)
{
    bool prunes = r->plan->cells > 0 && r->chains.window == r->plan->count;
    if ((prunes ? reduce_wanted(r) : reduce_all(r)) < 0 || write_result(r) < 0)
        return -1;
    return mr_result_list(&r->runs, &r->done, &r->result.runs);
}

static int reducer_init(struct reducer *r, struct mr_spool *spool, struct mr_store *store,
                        uint32_t task, _Atomic uint64_t *progress)
{
    const struct mr_reduce_plan *p = r->plan;
    mr_block_reader_init(&r->key_reader, store, p->key_payload);
    r->key_reader.progress = spool->progress = progress;
    if (mr_reduce_task_begin(&r->context, r->job, r->state, r->shuffles, r->err) < 0 ||
        mr_table_init(&r->table, p->table, &p->seed, r->job->combine, r->err) < 0 ||
        mr_block_writer_init(&r->blocks, spool, store, task, p->compress, r->err) < 0 ||
        mr_chains_init(&r->chains, p, r->shuffles, store, progress, r->err) < 0 ||
        mr_prune_init(&r->prune, p, r->err) < 0)
        return -1;
    r->table.key_head = r->shuffles->key_head;
    size_t room = BATCH * (p->key_max + (size_t)MR_BLOCK_SLACK);
    r->key_room = malloc(room);
    if (r->key_room == NULL)
        return mr_error_memory(r->err, room, "keys on their way into a table");
    const struct mr_run_plan runs = mr_reduce_run_plan(p);
    return mr_run_maker_init(&r->runs, &runs, r->job->combine, &r->blocks, store, progress, r->err);
}

static void reducer_release(struct reducer *r)
{
    mr_table_release(&r->table);
    mr_chains_release(&r->chains);
    mr_prune_release(&r->prune);
    mr_run_maker_release(&r->runs);
    mr_block_writer_release(&r->blocks);
    mr_block_reader_release(&r->key_reader);
    free(r->key_room);
    free(r->done.at);
    free(r->partial.at);
    mr_context_release(&r->context);
}

int mr_reduce_run(const struct mr_job *job, const void *state, const struct mr_reduce_plan *plan,
                  const struct mr_shuffles *shuffles, uint32_t task, struct mr_spool *spool,
                  struct mr_store *store, struct mr_reduce_result *result,
                  _Atomic uint64_t *progress, struct mr_error *err)
{
    struct reducer r = { .job = job, .state = state, .plan = plan, .shuffles = shuffles,
                         .err = err };
    int status = reducer_init(&r, spool, store, task, progress);
    if (status == 0)
        status = reduce_partition(&r);
    if (status == 0)
        status = mr_reduce_task_end(&r.context, state);
    if (status == 0)
        status = mr_spool_finish(spool, store, err);
    if (status < 0)
        mr_survey_shuffles(&r.chains, err);
    *result = r.result;
    reducer_release(&r);
    return status;
}
