/* Lists of a reducer's runs. */
#include "sort/run_list.h"

#include "base/error.h"
#include "base/memory.h"
#include "sort/entries.h"
#include "sort/merge.h"

#include <stdlib.h>
#include <string.h>

enum {
    AHEAD = 8,         /* entries' keys are fetched so far ahead of their use */
    /* Bytes of a result that are sorted together: few, which a processor's caches hold, as long as
     * that does not make too many runs. */
    GATHER_MIN = 4 << 20,
    GATHER_MAX = 16 << 20,
    RUNS_LISTED = 4096 /* runs of a result before some are merged */
};

int mr_run_maker_init(struct mr_run_maker *m, const struct mr_run_plan *plan,
                      uint64_t (*combine)(uint64_t, uint64_t), struct mr_block_writer *blocks,
                      struct mr_store *store, _Atomic uint64_t *progress, struct mr_error *err)
{
    memset(m, 0, sizeof *m);
    m->plan = *plan;
    m->combine = combine;
    m->blocks = blocks;
    m->store = store;
    m->progress = progress;
    m->err = err;
    mr_block_reader_init(&m->pair.first, store, plan->key_payload);
    mr_block_reader_init(&m->pair.second, store, plan->key_payload);
    m->pair.first.progress = m->pair.second.progress = progress;
    int result = mr_run_writer_init(&m->writer, blocks, plan->run_payload, err);
    m->writer.slack = true; /* records come from sort buffers and from blocks */
    return result;
}

void mr_run_maker_release(struct mr_run_maker *m)
{
    mr_run_writer_release(&m->writer);
    mr_block_reader_release(&m->pair.first);
    mr_block_reader_release(&m->pair.second);
    memset(m, 0, sizeof *m);
}

struct mr_key_place mr_run_maker_place(struct mr_run_maker *m)
{
    return (struct mr_key_place){ m->blocks->spool, m->blocks->task, &m->pair.first };
}

/* ---- writing ---------------------------------------------------------------------------- */

static int begin_run(struct mr_run_maker *m, struct mr_run_list *list, struct mr_scale scale,
                     bool values)
{
    struct mr_run *at = mr_memory_grow(list->at, &list->room, list->count, sizeof *at,
                                       "the list of runs", m->err);
    if (at == NULL)
        return -1;
    list->at = at;
    m->scale = scale;
    m->writer.values = values;
    mr_run_begin(&m->writer, m->numbers++);
    return 0;
}

static int add_to_run(void *self, const struct mr_record *record)
{
    struct mr_run_maker *m = self;
    struct mr_key_place place = mr_run_maker_place(m);
    uint64_t weight;
    if (mr_weigh(&m->scale, record, &place, &weight, m->err) < 0)
        return -1;
    return mr_run_add(&m->writer, record, weight, m->err);
}

static int end_run(struct mr_run_maker *m, struct mr_run_list *list)
{
    return mr_run_end(&m->writer, &list->at[list->count++], m->err);
}

int mr_run_list_write(struct mr_run_maker *m, struct mr_run_list *list, struct mr_scale scale,
                      struct mr_entry *entries, size_t count, uint64_t first,
                      const unsigned char *region, struct mr_ordering order)
{
    struct mr_quota quota = { .limit = first };
    if (first > count || order.by_group)
        first = count;
    if (first == 0)
        return 0;
    if (mr_sort_entries(entries, count, (size_t)first, region, order, mr_run_maker_place(m),
                        &m->pair, m->err) < 0 ||
        begin_run(m, list, scale, order.values) < 0)
        return -1;
    for (size_t i = 0; i < first; i++) {
        const struct mr_entry *e = &entries[i];
        if (i + AHEAD < first) {
            const struct mr_entry *soon = &entries[i + AHEAD];
            __builtin_prefetch(region + soon->at);
            __builtin_prefetch(region + soon->at + soon->size);
        }
        struct mr_record record = { region + e->at, e->size, e->out_of_line, e->value };
        if (order.by_group && !mr_quota_take(&quota, &record))
            continue;
        if (add_to_run(m, &record) < 0)
            return -1;
    }
    return end_run(m, list);
}

int mr_run_list_take(struct mr_run_maker *m, struct mr_run_list *list, struct mr_scale scale,
                     bool values, int (*next)(void *self, struct mr_record *record), void *self)
{
    struct mr_record record;
    int more;
    if (begin_run(m, list, scale, values) < 0)
        return -1;
    while ((more = next(self, &record)) > 0)
        if (add_to_run(m, &record) < 0)
            return -1;
    return more < 0 ? -1 : end_run(m, list);
}

/* ---- merging ---------------------------------------------------------------------------- */

typedef int take_record(void *self, const struct mr_record *record);

/* Hands each record of a merge to take, in order. */
static int pass_on(struct mr_merge *merge, take_record *take, void *self)
{
    struct mr_run_reader *next;
    int more;
    while ((more = mr_merge_next(merge, &next)) > 0)
        if (take(self, &next->current.record) < 0)
            return -1;
    return more;
}

/* Hands each key of a merge to take once, with its values combined; key has room for one, or for
 * its locator. */
static int unite(struct mr_run_maker *m, struct mr_merge *merge, unsigned char *key,
                 take_record *take, void *self)
{
    struct mr_file_record held = { .record = { .key = NULL } };
    struct mr_run_reader *next;
    int more;
    while ((more = mr_merge_next(merge, &next)) > 0) {
        int differ = 1;
        if (held.record.key && held.record.size == next->current.record.size &&
            mr_compare_keys(&held, &next->current, &m->pair, &differ, m->err) < 0)
            return -1;
        if (differ == 0) {
            const struct mr_record *other = &next->current.record;
            if (!mr_combine(m->combine, &held.record.value, other->value))
                return mr_record_overflow(other, mr_key_head(m->plan.order), m->err);
            continue;
        }
        if (held.record.key && take(self, &held.record) < 0)
            return -1;
        held = next->current;
        mr_copy_wide(key, next->current.record.key, next->current.record.size);
        held.record.key = key;
    }
    return more == 0 && held.record.key ? take(self, &held.record) : more;
}

/* Begins to merge count runs. */
static int open_runs(struct mr_run_maker *m, const struct mr_run *runs, size_t count,
                     struct mr_ordering order, struct mr_merge *merge)
{
    struct mr_runs file = { m->blocks->spool, m->blocks->task, NULL, 0 };
    int result = mr_merge_init(merge, count, m->plan.run_payload, m->store, order, m->err);
    mr_merge_watch(merge, m->progress);
    for (size_t i = 0; i < count && result == 0; i++)
        result = mr_merge_add(merge, &file, &runs[i], 0, NULL);
    return result;
}

int mr_run_list_open(struct mr_run_maker *m, const struct mr_run_list *list,
                     struct mr_ordering order, struct mr_merge *merge)
{
    return open_runs(m, list->at, list->count, order, merge);
}

static int merge_runs(struct mr_run_maker *m, const struct mr_run *runs, size_t count,
                      struct mr_ordering order, take_record *take, void *self)
{
    struct mr_merge merge;
    /* No record has more. */
    unsigned char *key = calloc(1, m->plan.run_payload + (size_t)MR_BLOCK_SLACK);
    int result = open_runs(m, runs, count, order, &merge);
    if (key == NULL)
        result = mr_error_memory(m->err, m->plan.run_payload, "a key");
    if (result == 0 && key != NULL)
        result = order.values ? pass_on(&merge, take, self) : unite(m, &merge, key, take, self);
    mr_merge_release(&merge);
    free(key);
    return result;
}

/* Gives back the space of runs that have been read for the last time. */
static void forget(struct mr_run_maker *m, const struct mr_run *runs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mr_spool_forget(m->blocks->spool, m->store, runs[i].offset, runs[i].end);
}

int mr_run_list_shrink(struct mr_run_maker *m, struct mr_run_list *list, struct mr_scale scale,
                       size_t max, struct mr_ordering order)
{
    while (list->count > max) {
        size_t from = list->next + 1 < list->count ? list->next : 0;
        size_t count = list->count - max + 1;
        if (count > m->plan.fan_in)
            count = m->plan.fan_in;
        if (count > list->count - from)
            count = list->count - from;
        if (begin_run(m, list, scale, order.values) < 0 ||
            merge_runs(m, list->at + from, count, order, add_to_run, m) < 0 ||
            end_run(m, list) < 0)
            return -1;
        struct mr_run *first = list->at + from;
        forget(m, first, count);
        list->count--;
        *first = list->at[list->count];
        memmove(first + 1, first + count, (list->count - from - count) * sizeof *first);
        list->count -= count - 1;
        list->next = from + 1;
    }
    return 0;
}

int mr_run_list_unite(struct mr_run_maker *m, const struct mr_run_list *list,
                      struct mr_ordering order, take_record *take, void *self)
{
    return merge_runs(m, list->at, list->count, order, take, self);
}

void mr_run_list_clear(struct mr_run_maker *m, struct mr_run_list *list)
{
    forget(m, list->at, list->count);
    list->count = list->next = 0;
}

/* ---- the result ------------------------------------------------------------------------- */

size_t mr_result_gather(size_t memory, size_t runs, size_t runs_max)
{
    size_t wanted = GATHER_MAX;
    if (runs < runs_max)
        wanted = GATHER_MIN + (size_t)2 * GATHER_MAX / runs_max * runs;
    if (wanted > GATHER_MAX)
        wanted = GATHER_MAX;
    return memory / 2 < wanted ? memory / 2 : wanted;
}

static int shrink_result(struct mr_run_maker *m, struct mr_run_list *list, size_t max)
{
    return mr_run_list_shrink(m, list, m->plan.scale, max, m->plan.order);
}

int mr_result_limit(struct mr_run_maker *m, struct mr_run_list *list)
{
    return list->count < RUNS_LISTED ? 0 : shrink_result(m, list, RUNS_LISTED / 2);
}

int mr_result_write(struct mr_run_maker *m, struct mr_run_list *list, struct mr_entry *entries,
                    size_t count, const unsigned char *region)
{
    if (mr_run_list_write(m, list, m->plan.scale, entries, count, m->plan.top, region,
                          m->plan.order) < 0)
        return -1;
    return mr_result_limit(m, list);
}

int mr_result_list(struct mr_run_maker *m, struct mr_run_list *list, struct mr_block_link *at)
{
    if (shrink_result(m, list, m->plan.runs_max) < 0)
        return -1;
    return mr_runs_write(m->blocks, list->at, list->count, at, m->err);
}
