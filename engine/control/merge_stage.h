/*
 * The merge stage: a task for each range of the order, which writes it to its place in the output.
 * Ranges of a file are merged side by side:
 *
 *     merge 0 |----->      | merge 1 |--->          | merge 2 ...
 *
 * There is one task where nobody can say before where text belongs: for a stream, which is written
 * from its beginning to its end, and for the first N of all, as no range knows how many come before
 * it. In a directory of parts, each reducer's runs are a task; or one makes all parts, of the
 * first N. There is none where the tasks before have written the output themselves
 * (mr_plan_makers_write): then it is only counted, and put in its place.
 *
 * Without reducers, the stage before is the map stage, whose runs are in order as they are, one
 * task's after the other in the order of the input; a range is the runs of some tasks, of about as
 * many bytes as each other's. But where map tasks sort, their runs are merged as reducers' are, and
 * records that are equal come in the order of the tasks' input.
 */
#ifndef MR_CONTROL_MERGE_STAGE_H
#define MR_CONTROL_MERGE_STAGE_H

#include "control/map_stage.h"
#include "control/plan.h"
#include "control/stage.h"
#include "sort/ranges.h"
#include "write/output.h"

struct mr_merge_stage {
    struct mr_stage stage;
    const struct mr_plan *plan;
    uint64_t top; /* records at most */
    struct mr_output *output;
    /* Optional: called when all is written, before the output is put in its place. Returns 0 or
     * -1. */
    int (*before_commit)(void *arg, struct mr_error *err);
    void *arg;
    const struct mr_map_stage *maps; /* without reducers: the stage before; else NULL */
    uint32_t *order; /* its tasks' numbers in the order of the input; NULL: they are that */
    struct mr_runs *runs;      /* of the tasks of the stage before */
    struct mr_point *bounds;   /* between ranges */
    struct mr_write_range *ranges; /* one a task */
};

/* Makes the stage, which the caller has set to zeros, the last of all; the one before it leaves
 * struct mr_reduce_result, or is maps where there are no reducers, else NULL. Its tasks are made
 * when that one is done. What is pointed to stays the caller's. */
void mr_merge_stage_init(struct mr_merge_stage *m, struct mr_stages *all,
                         const struct mr_map_stage *maps, const struct mr_plan *plan, uint64_t top,
                         struct mr_output *output);

/* Frees what the stage has besides its tasks. */
void mr_merge_stage_release(struct mr_merge_stage *m);

#endif
