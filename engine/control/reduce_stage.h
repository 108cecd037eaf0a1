/* The reduce stage: a task for each partition of what the mappers emitted. */
#ifndef MR_CONTROL_REDUCE_STAGE_H
#define MR_CONTROL_REDUCE_STAGE_H

#include "control/map_stage.h"

/* What a task leaves. */
struct mr_reduced {
    struct mr_reduce_result result; /* the first of all */
    struct mr_write_result written; /* its part, where it writes that itself */
};

struct mr_reduce_stage {
    struct mr_stage stage;
    const struct mr_map_stage *maps;
    struct mr_plan *plan;
    struct mr_output *output; /* where each task writes what it makes; NULL: it leaves runs */
    bool weighs; /* the runs' records are to be weighed: the output may be written in ranges */
    bool *suspect;   /* of each task: its keys are to be looked at one by one */
    struct mr_ranking *rankings; /* shared, one a task; NULL: none are wanted */
    uint32_t *order; /* where values are bytes: the map tasks in the order of the input */
};

/* Makes the stage, which the caller has set to zeros, the last of all. What is pointed to stays the
 * caller's. Returns 0 or -1. */
int mr_reduce_stage_init(struct mr_reduce_stage *r, struct mr_stages *all,
                         const struct mr_map_stage *maps, struct mr_plan *plan,
                         struct mr_output *output, bool weighs, struct mr_error *err);

/* Frees what the stage has besides its tasks. */
void mr_reduce_stage_release(struct mr_reduce_stage *r);

#endif
