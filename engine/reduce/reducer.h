/*
 * The reducer: one reduce task, from its partition's part of every shuffle file to sorted runs.
 *
 * Bucket by bucket, the records of all map tasks meet in a table; the job's reduce decides of
 * each key; what stays is sorted and written as a run whenever enough has gathered:
 *
 *     bucket 4: the=3 to=1 the=2  ->  the=5 to=1  ->  run 0: the=5 to=1 ...
 *
 * A bucket with more keys than the table holds is brought together by sorting instead: each
 * time the table is full it is written as a run in the order of keys, and when the bucket is at
 * its end these runs are merged, equal keys meeting side by side. So any number of keys in a bucket
 * costs disk and time but not memory; and keys that crowd the table's index cost a sort (table.h).
 */
#ifndef MR_REDUCE_REDUCER_H
#define MR_REDUCE_REDUCER_H

#include "partition/hash.h"
#include "sort/run.h"

#include <stdatomic.h>

/* The sizes of a reducer's parts, made by the job's plan from its memory. */
struct mr_reduce_plan {
    uint32_t buckets;       /* of all partitions together */
    uint32_t first, count;  /* this partition's */
    uint32_t bucket_room;   /* payload bytes of shuffle blocks */
    uint32_t run_room;      /* payload bytes of the runs' blocks */
    uint32_t key_max, block_room;
    size_t table;           /* bytes */
    size_t links;           /* bytes for the places of chains, if one bucket's are not more */
    size_t fan_in;          /* runs merged at once while the table stands */
    size_t runs_max;        /* runs left for the final merge */
    struct mr_ordering order;
    struct mr_scale scale;  /* of the result's runs */
    uint64_t top;
    bool compress;
    struct mr_seed seed;    /* of the table */
};

/* What a reduce task did. */
struct mr_reduce_result {
    mr_total sum;      /* of all values, before the job's reduce */
    uint64_t distinct; /* keys before the job's reduce */
    uint64_t kept;     /* keys after it */
    struct mr_block_link runs; /* where the list of runs stands */
};

/* Reduces the plan's buckets of the shuffle files of tasks 0 to map_tasks - 1 and writes runs to
 * spool. Returns 0 or -1. */
int mr_reduce_run(const struct mr_job *job, const void *state, const struct mr_reduce_plan *plan,
                  const struct mr_spool *shuffles, uint32_t map_tasks, uint32_t task,
                  struct mr_spool *spool, struct mr_store *store,
                  struct mr_reduce_result *result, _Atomic uint64_t *progress,
                  struct mr_error *err);

#endif
