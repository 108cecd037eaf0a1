/* The writer: one merge task. */
#include "write/writer.h"

#include "base/error.h"
#include "write/format.h"

#include <stdlib.h>
#include <string.h>

enum {
    GATHER = 1 << 16,    /* text of all spools together before it is written */
    GATHER_MIN = 1 << 9, /* of one */
    DISK_MIN = 1 << 12   /* what one spool gathers for the disk at least: a page */
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
        if (mr_format_record(text, plan->format, &next->current.record, &place, m->err) < 0)
            return -1;
        records++;
    }
    result->records = records;
    return more < 0 ? -1 : 0;
}

/* What one of so many texts, all written side by side, may gather of the bytes for all. */
static size_t share_of(size_t bytes, size_t texts, size_t least)
{
    return bytes / texts > least ? bytes / texts : least;
}

int mr_write_run(const struct mr_write_plan *plan, const struct mr_write_range *range,
                 struct mr_store *store, struct mr_write_result *result,
                 _Atomic uint64_t *progress, struct mr_error *err)
{
    size_t runs = 0, text_count = range->apart ? range->file_count : 1;
    for (size_t f = 0; f < range->file_count; f++)
        runs += range->files[f].count;
    *result = (struct mr_write_result){ 0, 0 };
    /* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): there is a file at least */
    struct mr_text *texts = calloc(text_count, sizeof *texts);
    if (texts == NULL)
        return mr_error_memory(err, text_count * sizeof *texts, "the output's text");
    struct mr_merge m;
    int status = mr_merge_init(&m, runs, plan->run_room, store, plan->order, err);
    for (size_t i = 0; i < text_count; i++) {
        texts[i].spool = &range->spools[i];
        texts[i].store = store;
        texts[i].number = range->number + (uint32_t)i;
        texts[i].progress = progress;
        range->spools[i].gather = share_of(MR_SPOOL_GATHER, text_count, DISK_MIN);
        texts[i].gather = share_of(GATHER, text_count, GATHER_MIN);
    }
    if (status == 0)
        status = add_runs(&m, range);
    if (status == 0)
        status = write_records(&m, plan, range, texts, result);
    for (size_t i = 0; i < text_count; i++) {
        if (status == 0)
            status = mr_text_finish(&texts[i], err);
        result->bytes += texts[i].bytes;
        mr_text_release(&texts[i]);
    }
    mr_merge_release(&m);
    free(texts);
    return status;
}
