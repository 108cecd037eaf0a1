/* The survey of a range's runs. */
#include "write/run_survey.h"

/* Reads a run's records in the range, as far as the result may have them. Returns 0 or -1. */
static int read_run(const struct mr_write_plan *plan, const struct mr_write_range *range,
                    const struct mr_store *store, const struct mr_runs *file,
                    const struct mr_run *run, _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_merge m;
    struct mr_run_reader *next;
    uint64_t left = plan->order.by_group ? UINT64_MAX : range->limit;
    int more = mr_merge_init(&m, 1, plan->run_payload, store, plan->order, err);
    mr_merge_watch(&m, progress);
    m.gaps = range->in_sequence;
    if (more == 0 && range->until != NULL)
        mr_merge_until(&m, range->until);
    if (more == 0)
        more = mr_merge_add(&m, file, run, 0, range->from) < 0 ? -1 : 1;
    for (; more > 0 && left > 0; left--)
        more = mr_merge_next(&m, &next);
    mr_merge_release(&m);
    return more < 0 ? -1 : 0;
}

static int read_file(const struct mr_write_plan *plan, const struct mr_write_range *range,
                     const struct mr_store *store, const struct mr_runs *file,
                     _Atomic uint64_t *progress, struct mr_error *err)
{
    for (size_t i = 0; i < file->count; i++)
        if (read_run(plan, range, store, file, &file->at[i], progress, err) < 0)
            return -1;
    return 0;
}

void mr_survey_runs(const struct mr_write_plan *plan, const struct mr_write_range *range,
                    const struct mr_store *store, _Atomic uint64_t *progress,
                    const struct mr_error *err)
{
    struct mr_error other = { 0 };
    if (err->damaged == 0 || err->final)
        return;
    for (size_t i = 0; i < range->file_count; i++) {
        const struct mr_runs *file = &range->files[i];
        bool known = file->spool->id == err->damaged || mr_spool_is_marked(file->spool);
        if (!known && read_file(plan, range, store, file, progress, &other) < 0 &&
            !mr_spool_mark_damaged(file->spool, &other))
            return; /* no memory, say */
    }
}
