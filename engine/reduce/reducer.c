/* The reducer: one reduce task. */
#include "reduce/reducer.h"

#include "base/error.h"
#include "base/memory.h"
#include "partition/shuffle.h"
#include "reduce/table.h"
#include "sort/merge.h"

#include <stdlib.h>
#include <string.h>

enum {
    GATHER = 16 << 20,  /* sorted together: more is out of the cache, less makes many runs */
    RUNS_LISTED = 4096, /* runs before some are merged, or their list would grow without bound */
    BATCH = 32,         /* records under way to the table together */
    AHEAD = 8           /* entries' keys are fetched so far ahead of their use */
};

static const struct mr_ordering by_key = { false, false };

struct runs {
    struct mr_run *at;
    size_t count, room;
    uint32_t numbers; /* of runs written so far */
};

struct reducer {
    const struct mr_job *job;
    const void *state;
    const struct mr_reduce_plan *plan;
    const struct mr_spool *shuffles;
    uint32_t map_tasks;
    struct mr_store *store;
    struct mr_block_link *links; /* of each map task, where the chains of some buckets end */
    uint32_t window;             /* so many buckets: a file's table is read once for all of them */
    struct mr_table table;
    struct mr_block_writer blocks;
    struct mr_key_writer keys;
    struct mr_run_writer run_writer;
    struct mr_scale scale; /* of the run being written */
    struct mr_block_reader shuffle_reader, key_reader;
    struct mr_key_pair pair;
    unsigned char *key_room; /* for the keys of a batch */
    struct runs done;    /* in the result's order */
    struct runs partial; /* of the bucket at hand, in key order */
    struct mr_reduce_result result; /* a copy of its own: others' stand beside the shared one */
    _Atomic uint64_t *progress;
    struct mr_error *err;
};

struct arrivals {
    struct mr_arrival at[BATCH];
    size_t count;
    unsigned char *keys; /* room for those that are put together */
    size_t used;
};

static struct mr_key_place own_place(struct reducer *r)
{
    return (struct mr_key_place){ r->blocks.spool, r->blocks.task, &r->pair.first };
}

/* ---- runs ------------------------------------------------------------------------------- */

static int begin_run(struct reducer *r, struct runs *runs)
{
    struct mr_run *at = mr_memory_grow(runs->at, &runs->room, runs->count, sizeof *at,
                                       "the list of runs", r->err);
    if (at == NULL)
        return -1;
    runs->at = at;
    r->scale = runs == &r->done ? r->plan->scale : (struct mr_scale){ NULL, 0 };
    mr_run_begin(&r->run_writer, r->done.numbers++);
    return 0;
}

static int add_to_run(struct reducer *r, const struct mr_record *record)
{
    struct mr_key_place place = own_place(r);
    uint64_t weight;
    if (mr_weigh(&r->scale, record, &place, &weight, r->err) < 0)
        return -1;
    return mr_run_add(&r->run_writer, record, weight, r->err);
}

static int end_run(struct reducer *r, struct runs *runs)
{
    return mr_run_end(&r->run_writer, &runs->at[runs->count++], r->err);
}

/* Sorts count entries of the table and writes the first of them as a run. */
static int write_run(struct reducer *r, struct runs *runs, struct mr_entry *entries,
                     size_t count, uint64_t first, struct mr_ordering order)
{
    if (first > count)
        first = count;
    if (first == 0)
        return 0;
    if (mr_sort_entries(entries, count, (size_t)first, r->table.region, order, own_place(r),
                        &r->pair, r->err) < 0 ||
        begin_run(r, runs) < 0)
        return -1;
    for (size_t i = 0; i < first; i++) {
        const struct mr_entry *e = &entries[i];
        if (i + AHEAD < first) {
            const struct mr_entry *soon = &entries[i + AHEAD];
            __builtin_prefetch(r->table.region + soon->at);
            __builtin_prefetch(r->table.region + soon->at + soon->size);
        }
        struct mr_record record = { r->table.region + e->at, e->size, e->out_of_line, e->value };
        if (add_to_run(r, &record) < 0)
            return -1;
    }
    return end_run(r, runs);
}

/* ---- merging runs, equal keys combined -------------------------------------------------- */

/* A record of its own, to be combined with its equals that follow. */
struct pending {
    struct mr_placed record;
    unsigned char *key; /* room for one inline key or locator */
    bool full;
};

typedef int take_record(struct reducer *r, const struct mr_record *record);

/* Merges runs and gives each key once, combined, to take. */
static int merge_runs(struct reducer *r, const struct mr_run *runs, size_t count,
                      struct mr_ordering order, struct pending *held, take_record *take)
{
    struct mr_runs file = { r->blocks.spool, r->blocks.task, NULL, 0 };
    struct mr_merge m;
    struct mr_run_reader *next;
    int more = mr_merge_init(&m, count, r->plan->run_room, r->store, order, r->err);
    mr_merge_watch(&m, r->progress);
    for (size_t i = 0; i < count && more == 0; i++)
        more = mr_merge_add(&m, &file, &runs[i], 0, NULL);
    held->full = false;
    while (more >= 0 && (more = mr_merge_next(&m, &next)) > 0) {
        int differ = 1;
        if (held->full && held->record.record.size == next->current.record.size &&
            mr_compare_keys(&held->record, &next->current, &r->pair, &differ, r->err) < 0)
            more = -1;
        else if (differ == 0) {
            const struct mr_record *other = &next->current.record;
            if (!mr_combine(r->job->combine, &held->record.record.value, other->value))
                more = mr_record_overflow(other, r->err);
        } else {
            if (held->full && take(r, &held->record.record) < 0)
                more = -1;
            held->record = next->current;
            memcpy(held->key, next->current.record.key, next->current.record.size);
            held->record.record.key = held->key;
            held->full = true;
        }
    }
    if (more == 0 && held->full && take(r, &held->record.record) < 0)
        more = -1;
    mr_merge_release(&m);
    return more;
}

static int merge_with_memory(struct reducer *r, const struct mr_run *runs, size_t count,
                             struct mr_ordering order, take_record *take)
{
    struct pending held;
    held.key = malloc(r->plan->run_room); /* a record never has more */
    if (held.key == NULL)
        return mr_error_memory(r->err, r->plan->run_room, "a key");
    int result = merge_runs(r, runs, count, order, &held, take);
    free(held.key);
    return result;
}

/* Merges runs until no more than max are left, the first ones first: what was merged goes to
 * the end of the queue, so no record is merged much more often than others. */
static int reduce_runs(struct reducer *r, struct runs *runs, size_t max,
                       struct mr_ordering order)
{
    while (runs->count > max) {
        size_t count = runs->count - max + 1;
        if (count > r->plan->fan_in)
            count = r->plan->fan_in;
        if (begin_run(r, runs) < 0 ||
            merge_with_memory(r, runs->at, count, order, add_to_run) < 0 || end_run(r, runs) < 0)
            return -1;
        for (size_t i = 0; i < count; i++)
            mr_spool_forget(r->blocks.spool, r->store, runs->at[i].offset, runs->at[i].end);
        memmove(runs->at, runs->at + count, (runs->count - count) * sizeof *runs->at);
        runs->count -= count;
    }
    return 0;
}

/* ---- entries, decided on ---------------------------------------------------------------- */

/* Asks the job about a record. Returns 1 to keep it, 0, or -1. */
static int decide(struct reducer *r, struct mr_record *record)
{
    r->result.distinct++;
    r->result.sum += record->value;
    int keep = 1;
    if (r->job->reduce) {
        struct mr_key key;
        mr_key_open(&key, record, own_place(r), r->err);
        keep = r->job->reduce(r->state, &key, &record->value);
    }
    r->result.kept += keep > 0;
    return keep;
}

/* Decides on the entries from number `from` on; the kept ones close ranks. */
static int decide_entries(struct reducer *r, uint32_t from)
{
    struct mr_table *t = &r->table;
    struct mr_entry *end = mr_table_entries(t) + t->count; /* entry i is end[-1 - i] */
    uint32_t kept = from;
    for (uint32_t i = from; i < t->count; i++) {
        struct mr_entry e = end[-1 - (ptrdiff_t)i];
        struct mr_record record = { t->region + e.at, e.size, e.out_of_line, e.value };
        int keep = decide(r, &record);
        if (keep < 0)
            return -1;
        e.value = record.value;
        if (keep)
            end[-1 - (ptrdiff_t)kept++] = e;
    }
    t->count = kept;
    return 0;
}

/* Writes all entries, which are decided on, as a run of the result. */
static int write_result(struct reducer *r)
{
    if (write_run(r, &r->done, mr_table_entries(&r->table), r->table.count, r->plan->top,
                  r->plan->order) < 0)
        return -1;
    mr_table_clear(&r->table);
    return r->done.count < RUNS_LISTED
               ? 0
               : reduce_runs(r, &r->done, RUNS_LISTED / 2, r->plan->order);
}

static int no_room(struct reducer *r, uint32_t size)
{
    return mr_error_set(r->err, "a key of %u bytes does not fit in a reducer's memory; give "
                                "more with -S", size);
}

/* Keys of an over-full bucket, each complete, on their way into the result. */
static int take_to_result(struct reducer *r, const struct mr_record *record)
{
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

/* Has each key of the bucket that began at entry `from` one entry, as it has already unless the
 * table gave its index up. */
static int settle(struct reducer *r, uint32_t from)
{
    return r->table.listed
               ? mr_table_unite(&r->table, from, own_place(r), &r->pair, r->err)
               : 0;
}

/* The table is full in the middle of a bucket that began at entry `from`: everything goes to
 * runs, the earlier buckets' entries to the result's, this bucket's to partial ones. */
static int spill(struct reducer *r, uint32_t *from)
{
    struct mr_table *t = &r->table;
    if (settle(r, *from) < 0)
        return -1;
    struct mr_entry *entries = mr_table_entries(t);
    uint32_t mine = t->count - *from;
    if (write_run(r, &r->done, entries + mine, *from, r->plan->top, r->plan->order) < 0 ||
        write_run(r, &r->partial, entries, mine, MR_ALL, by_key) < 0)
        return -1;
    mr_table_clear(t);
    *from = 0;
    return 0;
}

/* Adds a record that is under way; where the table is full, once more when it is empty. */
static int add_arrival(struct reducer *r, const struct mr_arrival *a, struct mr_key_place place,
                       uint32_t *from)
{
    for (int tries = 0; tries < 2; tries++) {
        int added = a->record.out_of_line
                        ? mr_table_add_out_of_line(&r->table, &a->record, place, own_place(r),
                                                   &r->keys, r->err)
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

/* Brings in a block's records. */
static int add_block(struct reducer *r, const struct mr_block *block, struct mr_block_link link,
                     struct mr_key_place place, uint32_t *from)
{
    struct arrivals arrivals = { .keys = r->key_room };
    struct mr_whole_key whole = { NULL, 0 };
    const unsigned char *next = block->payload, *end = next + block->size;
    while (next < end) {
        struct mr_record record;
        unsigned char *room = arrivals.keys + arrivals.used;
        next = mr_shuffle_get(next, end, &whole, room, r->plan->key_max, &record);
        if (next == NULL)
            return mr_spool_damaged(place.spool, link.offset, "a block holds no records", r->err);
        if (record.key == room)
            arrivals.used += record.size + MR_BLOCK_SLACK;
        arrivals.at[arrivals.count++].record = record;
        if (arrivals.count == BATCH && add_arrivals(r, &arrivals, place, from) < 0)
            return -1;
    }
    return add_arrivals(r, &arrivals, place, from);
}

/* Finds the chains of the partition's buckets from number `from` on, of a window of them. */
static int find_chains(struct reducer *r, uint32_t from)
{
    uint32_t left = r->plan->count - from, count = left < r->window ? left : r->window;
    for (uint32_t i = 0; i < r->map_tasks; i++)
        if (mr_shuffle_table(&r->shuffle_reader, &r->shuffles[i], i, r->plan->buckets,
                             r->plan->first + from, count, r->links + (size_t)i * r->window,
                             r->err) < 0)
            return -1;
    return 0;
}

/* Brings in one map task's records of a bucket. */
static int read_bucket(struct reducer *r, uint32_t number, uint32_t map_task, uint32_t *from)
{
    const struct mr_spool *shuffle = &r->shuffles[map_task];
    struct mr_key_place place = { shuffle, map_task, &r->key_reader };
    uint32_t bucket = r->plan->first + number;
    struct mr_block_link link = r->links[(size_t)map_task * r->window + number % r->window];
    while (link.offset != 0) {
        struct mr_block block;
        if (mr_block_read(&r->shuffle_reader, shuffle, map_task, MR_BLOCK_RECORDS, bucket, link,
                          &block, r->err) < 0)
            return -1;
        if (add_block(r, &block, link, place, from) < 0)
            return -1;
        link = block.before;
    }
    return 0;
}

/* Reduces the partition's bucket of this number. */
static int reduce_bucket(struct reducer *r, uint32_t number)
{
    mr_table_next_bucket(&r->table);
    uint32_t from = r->table.count;
    if (number % r->window == 0 && find_chains(r, number) < 0)
        return -1;
    for (uint32_t i = 0; i < r->map_tasks; i++)
        if (read_bucket(r, number, i, &from) < 0)
            return -1;
    if (r->partial.count == 0)
        return settle(r, from) < 0 ? -1 : decide_entries(r, from);
    if (spill(r, &from) < 0 || reduce_runs(r, &r->partial, r->plan->fan_in, by_key) < 0 ||
        merge_with_memory(r, r->partial.at, r->partial.count, by_key, take_to_result) < 0)
        return -1;
    for (size_t i = 0; i < r->partial.count; i++)
        mr_spool_forget(r->blocks.spool, r->store, r->partial.at[i].offset, r->partial.at[i].end);
    r->partial.count = 0;
    return 0;
}

static int reduce_all(struct reducer *r)
{
    size_t gather = r->plan->table / 2 < GATHER ? r->plan->table / 2 : GATHER;
    for (uint32_t i = 0; i < r->plan->count; i++) {
        if (reduce_bucket(r, i) < 0)
            return -1;
        size_t gathered = r->table.used + r->table.count * sizeof(struct mr_entry);
        if (gathered >= gather && write_result(r) < 0)
            return -1;
    }
    if (write_result(r) < 0 || reduce_runs(r, &r->done, r->plan->runs_max, r->plan->order) < 0)
        return -1;
    return mr_runs_write(&r->blocks, r->done.at, r->done.count, &r->result.runs, r->err);
}

static int reducer_init(struct reducer *r, struct mr_spool *spool, uint32_t task)
{
    const struct mr_reduce_plan *p = r->plan;
    uint32_t shuffle_room = p->bucket_room > p->buckets * 12 ? p->bucket_room : p->buckets * 12;
    mr_block_reader_init(&r->shuffle_reader, r->store, shuffle_room);
    mr_block_reader_init(&r->key_reader, r->store, p->block_room);
    mr_block_reader_init(&r->pair.first, r->store, p->block_room);
    mr_block_reader_init(&r->pair.second, r->store, p->block_room);
    r->shuffle_reader.progress = r->key_reader.progress = r->progress;
    r->pair.first.progress = r->pair.second.progress = spool->progress = r->progress;
    if (mr_table_init(&r->table, p->table, &p->seed, r->job->combine, r->err) < 0 ||
        mr_block_writer_init(&r->blocks, spool, r->store, task, p->compress, r->err) < 0 ||
        mr_key_writer_init(&r->keys, &r->blocks, p->block_room, r->err) < 0)
        return -1;
    size_t windows = p->links / sizeof *r->links / (r->map_tasks + (size_t)1);
    r->window = windows < p->count ? (uint32_t)windows : p->count;
    if (r->window == 0)
        r->window = 1;
    size_t links = ((size_t)r->map_tasks * r->window + 1) * sizeof *r->links; /* never none */
    r->links = malloc(links);
    if (r->links == NULL)
        return mr_error_memory(r->err, links, "the places of buckets");
    size_t room = BATCH * (p->key_max + (size_t)MR_BLOCK_SLACK);
    r->key_room = malloc(room);
    if (r->key_room == NULL)
        return mr_error_memory(r->err, room, "keys on their way into a table");
    return mr_run_writer_init(&r->run_writer, &r->blocks, p->run_room, r->err);
}

static void reducer_release(struct reducer *r)
{
    mr_table_release(&r->table);
    mr_key_writer_release(&r->keys);
    mr_run_writer_release(&r->run_writer);
    mr_block_writer_release(&r->blocks);
    mr_block_reader_release(&r->shuffle_reader);
    mr_block_reader_release(&r->key_reader);
    mr_block_reader_release(&r->pair.first);
    mr_block_reader_release(&r->pair.second);
    free(r->links);
    free(r->key_room);
    free(r->done.at);
    free(r->partial.at);
}

int mr_reduce_run(const struct mr_job *job, const void *state, const struct mr_reduce_plan *plan,
                  const struct mr_spool *shuffles, uint32_t map_tasks, uint32_t task,
                  struct mr_spool *spool, struct mr_store *store,
                  struct mr_reduce_result *result, _Atomic uint64_t *progress,
                  struct mr_error *err)
{
    struct reducer r = {
        .job = job, .state = state, .plan = plan, .shuffles = shuffles, .map_tasks = map_tasks,
        .store = store, .progress = progress, .err = err,
    };
    int status = reducer_init(&r, spool, task);
    if (status == 0)
        status = reduce_all(&r);
    if (status == 0)
        status = mr_spool_finish(spool, store, err);
    *result = r.result;
    reducer_release(&r);
    return status;
}
