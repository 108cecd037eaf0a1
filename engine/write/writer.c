/* The writer: one merge task. */
#include "write/writer.h"

#include "base/error.h"
#include "write/format.h"
#include "write/pair.h"

#include <stdlib.h>

enum {
    GATHER = 1 << 18,   /* text of all parts together before it is written */
    GATHER_MIN = 1 << 9 /* of one */
};

static int add_runs(struct mr_merge *m, const struct mr_write_range *range)
{
    if (range->until != NULL)
        mr_merge_until(m, range->until);
    for (size_t f = 0; f < range->file_count; f++)
        for (size_t i = 0; i < range->files[f].count; i++)
            if (mr_merge_add(m, &range->files[f], &range->files[f].at[i], (uint32_t)f,
                             range->from) < 0)
                return -1;
    return 0;
}

static int write_records(struct mr_merge *m, const struct mr_write_plan *plan,
                         const struct mr_write_range *range, struct mr_text *texts,
                         struct mr_write_result *result)
{
    struct mr_run_reader *next;
    int more = 1;
    /* Counted here: in the shared memory around the result, other writers count. */
    uint64_t records = 0;
    while (records < range->limit && (more = mr_merge_next(m, &next)) > 0) {
        struct mr_key_place place = { next->current.spool, next->current.task,
                                      &m->readers.first };
        struct mr_text *text = &texts[range->apart ? next->source : 0];
        const struct mr_record *r = &next->current.record;
        if ((plan->order.values ? mr_pair_write(text, plan->format, r, &place, m->err)
                                : mr_format_record(text, plan->format, r, &place, m->err)) < 0)
            return -1;
        records++;
    }
    result->records = records;
    return more < 0 ? -1 : 0;
}

/* What one of so many texts, all written side by side, gathers. */
static size_t gather_of(size_t texts)
{
    return GATHER / texts > GATHER_MIN ? GATHER / texts : GATHER_MIN;
}

static int write_texts(struct mr_merge *m, const struct mr_write_plan *plan,
                       const struct mr_write_range *range, struct mr_text *texts, size_t count,
                       struct mr_write_result *result)
{
    if (add_runs(m, range) < 0)
        return -1;
    texts[0].from = result->from = m->before;
    if (write_records(m, plan, range, texts, result) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (mr_text_finish(&texts[i], m->err) < 0)
            return -1;
        result->bytes += texts[i].bytes;
    }
    return 0;
}

int mr_write_run(const struct mr_write_plan *plan, const struct mr_write_range *range,
                 const struct mr_store *store, struct mr_output *output,
                 struct mr_write_result *result, _Atomic uint64_t *progress,
                 struct mr_error *err)
{
    size_t runs = 0, count = range->apart ? range->file_count : 1;
    for (size_t f = 0; f < range->file_count; f++)
        runs += range->files[f].count;
    *result = (struct mr_write_result){ 0, 0, 0 };
    /* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): there is a file at least */
    struct mr_text *texts = calloc(count, sizeof *texts);
    if (texts == NULL)
        return mr_error_memory(err, count * sizeof *texts, "the output's text");
    for (size_t i = 0; i < count; i++)
        texts[i] = (struct mr_text){ .gather = gather_of(count), .output = output,
                                     .part = range->part + (uint32_t)i, .progress = progress };
    struct mr_merge m;
    int status = mr_merge_init(&m, runs, plan->run_room, store, plan->order, err);
    m.scale = plan->scale;
    mr_merge_watch(&m, progress);
    if (status == 0)
        status = write_texts(&m, plan, range, texts, count, result);
    for (size_t i = 0; i < count; i++)
        mr_text_release(&texts[i]);
    mr_merge_release(&m);
    free(texts);
    return status;
}
