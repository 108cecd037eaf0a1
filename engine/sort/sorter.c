/* Sorting what map emits. */
#include "sort/sorter.h"

#include "base/error.h"
#include "sort/entries.h"

#include <stdlib.h>
#include <string.h>

enum { AHEAD = 8 }; /* entries' keys are fetched so far ahead of their use */

int mr_sorter_init(struct mr_sorter *s, const struct mr_sorter_plan *plan,
                   struct mr_block_writer *blocks, struct mr_error *err)
{
    memset(s, 0, sizeof *s);
    s->plan = plan;
    s->err = err;
    if (mr_run_maker_init(&s->maker, &plan->runs, NULL, blocks, blocks->store,
                          blocks->spool->progress, err) < 0)
        return -1;
    return mr_sort_buffer_init(&s->records, plan->memory, err);
}

void mr_sorter_release(struct mr_sorter *s)
{
    mr_sort_buffer_release(&s->records);
    mr_run_maker_release(&s->maker);
    free(s->list.at);
}

/* ---- runs ------------------------------------------------------------------------------- */

/* Whether two entries that were sorted have the same key; of those that are out-of-line it is not
 * asked. Entries of equal keys were sorted down to the same slice, the last. */
static bool same_key(const struct mr_sorter *s, const struct mr_entry *a, const struct mr_entry *b)
{
    const unsigned char *region = s->records.region;
    return a->slice == b->slice && a->size == b->size && !mr_slice_continues(a->slice) &&
           !a->out_of_line && !b->out_of_line &&
           memcmp(region + a->at, region + b->at, a->size) == 0;
}

static void combine(struct mr_sorter *s, struct mr_record *record)
{
    while (s->next < s->end && same_key(s, s->next - 1, s->next) &&
           mr_combine(NULL, &record->value, s->next->value))
        s->next++;
}

/* Gives the next record of the buffer, in order. */
static int next_record(void *self, struct mr_record *record)
{
    struct mr_sorter *s = self;
    if (s->next == s->end)
        return 0;
    if (s->end - s->next > AHEAD) {
        const unsigned char *soon = s->records.region + s->next[AHEAD].at;
        __builtin_prefetch(soon);
        __builtin_prefetch(soon + s->next[AHEAD].size);
    }
    *record = mr_sort_buffer_record(&s->records, s->next++);
    if (s->plan->runs.order.values)
        record->value = 0;
    else
        combine(s, record);
    s->sum += s->plan->runs.order.values ? 1 : record->value;
    return 1;
}

static int write_run(struct mr_sorter *s)
{
    const struct mr_run_plan *p = &s->plan->runs;
    struct mr_entry *entries = mr_sort_buffer_entries(&s->records);
    size_t count = s->records.count, first = p->top < count ? (size_t)p->top : count;
    if (first == 0)
        return 0;
    mr_sort_buffer_use_huge(&s->records);
    if (mr_sort_entries(entries, count, first, s->records.region, p->order,
                        mr_run_maker_place(&s->maker), &s->maker.pair, s->err) < 0)
        return -1;
    s->next = entries;
    s->end = entries + first;
    if (mr_run_list_take(&s->maker, &s->list, p->scale, p->order.values, next_record, s) < 0)
        return -1;
    mr_sort_buffer_clear(&s->records);
    s->added = 0;
    return mr_result_limit(&s->maker, &s->list);
}

int mr_sorter_finish(struct mr_sorter *s, struct mr_block_link *at)
{
    *at = (struct mr_block_link){ 0, 0 };
    if (write_run(s) < 0)
        return -1;
    mr_sort_buffer_release(&s->records); /* what merging takes is a part of that */
    return mr_result_list(&s->maker, &s->list, at);
}

uint64_t mr_sorter_kept(const struct mr_sorter *s)
{
    uint64_t records = 0;
    for (size_t i = 0; i < s->list.count; i++)
        records += s->list.at[i].records;
    return records;
}

/* ---- records ---------------------------------------------------------------------------- */

static bool gather(struct mr_sorter *s, const struct mr_record *r, const struct mr_value *value)
{
    struct mr_record numbered = *r;
    if (value != NULL)
        numbered.value = s->added;
    if (mr_sort_buffer_add(&s->records, &numbered, value) == NULL)
        return false;
    s->added++;
    return true;
}

int mr_sorter_add(struct mr_sorter *s, const struct mr_record *r, const struct mr_value *value)
{
    if (gather(s, r, value)) {
        if (mr_sort_buffer_bytes(&s->records) < s->plan->much)
            return 0;
        return write_run(s);
    }
    if (write_run(s) < 0)
        return -1;
    if (gather(s, r, value))
        return 0;
    return mr_error_set(s->err, "a record of %u bytes does not fit in a mapper's memory; give "
                                "more with --memory", r->size + (value ? value->size : 0));
}
