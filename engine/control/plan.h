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

/* What files were made by. A run that goes on with them must be planned by the same; how many
 * processes work at once, and in how much memory, is its own. */
struct mr_layout {
    unsigned reducers;
    uint32_t buckets, bucket_payload, run_payload;
    size_t runs_max;
    uint64_t split_size;
    uint64_t made_for; /* bytes of memory */
    bool compress;
    bool direct;       /* nothing is shuffled, so the buckets take no memory */
};

struct mr_plan {
    struct mr_machine machine;
    uint64_t made_for; /* the memory by which the layout was chosen */
    bool no_reduce;             /* what map emits is the result: as it comes, or sorted */
    bool in_sequence;           /* tasks emit the result in the order that it has */
    bool parts;                 /* the output is a directory of them: */
    bool ordered_parts;         /* they are ranges of the order */
    bool to_file;               /* it is a file that is put in its place when whole */
    bool kept;                  /* what tasks make is, for another run to go on with */
    bool may_sort;              /* map tasks may sort the result, if they are not too many */
    unsigned mappers, reducers; /* as asked for: work at once if memory allows; partitions */
    uint64_t memory;            /* -S */
    uint64_t spool_memory;      /* of temporary files, at most */
    uint64_t split_size;
    unsigned map_at_once, reduce_at_once, merge_at_once;
    uint64_t map_memory;        /* a mapper's share */
    uint64_t decode_memory;     /* what decompression may take: the part of that which has no
                                   other use, and 10 MB where that is less */
    size_t slots, slot_size;    /* of streams */
    size_t slot_share;          /* slots that a map task takes */
    struct mr_map_plan map;
    struct mr_reduce_plan reduce; /* but for the partition's own figures */
    struct mr_write_plan write;
    bool handed_over;     /* the result goes to the program itself */
    bool prunes;          /* where the job allows for it: nobody asks how many keys there are */
    bool percent, others; /* of the output; then one merge task makes it all, but for parts */
};

/* Whether a layout that was read is one that a plan can have. */
bool mr_layout_is_possible(const struct mr_layout *layout);

/* What a plan depends on besides the job and its configuration. */
struct mr_given {
    struct mr_machine machine;
    uint64_t bytes;               /* of files */
    bool streams;                 /* whether there are any */
    const struct mr_layout *kept; /* that of files that are there; NULL: there are none */
};

/* Makes the plan of a job. What the configuration does not ask for is taken from the layout that is
 * kept, if there is one; so is the layout itself, where what is asked for allows. Returns 0 or
 * -1. */
int mr_plan_make(struct mr_plan *p, const struct mr_job *job, const struct mr_config *config,
                 const struct mr_given *given, struct mr_error *err);

/* How many map tasks files have is known now; 0 where there are streams, whose tasks nobody knows.
 * Decides whether they sort the result themselves, without a reduce stage: so they do where the
 * runs that they leave can be merged at once. */
void mr_plan_map_tasks(struct mr_plan *p, uint64_t tasks);

/* Whether map tasks are to be in the order of the input, those of streams, too. */
bool mr_plan_is_ordered(const struct mr_plan *p, const struct mr_job *job);

/* Plans the reducers, of whose memory the places in so many map tasks' files are a part. Making a
 * plan does so for the map tasks that files will have, about. Returns 0, or -1 where files that are
 * there are too many for the memory. */
int mr_plan_reducers(struct mr_plan *p, uint64_t map_tasks, struct mr_error *err);

/* Whether each part of a directory is to be just what one task makes, a map task where there are no
 * reducers; else it is a range of all. */
bool mr_plan_parts_by_maker(const struct mr_plan *p);

/* Whether tasks write to the output what they make, and nothing is left to be merged: where a part,
 * or the only reducer's file, is just what one makes in sequence. */
bool mr_plan_makers_write(const struct mr_plan *p);

/* How many ranges of the order to merge side by side for so many bytes of runs. */
size_t mr_plan_ranges(const struct mr_plan *p, uint64_t bytes);

#endif
