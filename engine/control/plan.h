/*
 * The plan: who may have how much of the job's memory, and the sizes that follow from it.
 *
 *     -S  =  1/2 the processes that work at once, in equal shares
 *         +  1/8 and 2 MB: the supervisor, and what every process has anyway
 *         +  the rest: temporary files while they are in memory
 *
 * When processes must share too little, fewer work at once. Nothing here changes the output.
 */
#ifndef MR_CONTROL_PLAN_H
#define MR_CONTROL_PLAN_H

#include "map/mapper.h"
#include "reduce/reducer.h"
#include "write/writer.h"

struct mr_plan {
    struct mr_machine machine;
    unsigned mappers, reducers; /* as asked for: work at once if memory allows; partitions */
    uint64_t memory;            /* -S */
    uint64_t spool_memory;      /* of temporary files, at most */
    uint64_t split_size;
    unsigned map_at_once, reduce_at_once, merge_at_once;
    size_t slots, slot_room;    /* of streams */
    size_t slot_share;          /* slots that a map task takes */
    struct mr_map_plan map;
    struct mr_reduce_plan reduce; /* but for the partition's own figures */
    struct mr_write_plan write;
};

/* Makes the plan for so many bytes of files, and streams or not. Returns 0 or -1. */
int mr_plan_make(struct mr_plan *p, const struct mr_config *config, uint64_t bytes, bool streams,
                 struct mr_error *err);

/* Plans the reducers, of whose memory the places in so many map tasks' files are a part. Making a
 * plan does so for the map tasks that files will have, about. */
void mr_plan_reducers(struct mr_plan *p, uint64_t map_tasks);

/* How many ranges of the order to merge side by side for so many bytes of runs. */
size_t mr_plan_ranges(const struct mr_plan *p, uint64_t bytes);

#endif
