/*
 * The mapper: one map task, from a split's chunks to a shuffle file, or without a reducer to a run
 * of the result, or several that are sorted.
 *
 *     input/reader.c  ->  gather.h  ->  job's map
 *                 ->  emit.h  ->  combine.h  ->  collector.h  ->  shuffle.h
 */
#ifndef MR_MAP_MAPPER_H
#define MR_MAP_MAPPER_H

#include "input/feed.h"
#include "input/split.h"
#include "map/emit.h"

#include <stdatomic.h>

/* The sizes of a mapper's parts, made by the job's plan from its memory. */
struct mr_map_plan {
    uint32_t buckets;        /* of all partitions together */
    uint32_t bucket_payload; /* bytes of payload of a bucket's buffer */
    uint32_t cells;          /* of a bucket, in which values are summed; 0: they are not */
    uint32_t key_max;        /* larger keys are out-of-line */
    uint32_t key_payload;    /* bytes of payload of the blocks of such keys */
    size_t short_sets, long_sets, arena; /* of the combine table */
    size_t fold;          /* bytes in which the values of a bucket are combined; 0: they are not */
    size_t bundles;       /* bytes in which the values of keys gather; 0: they do not */
    size_t chunk;         /* bytes of input at a time */
    size_t task;          /* bytes that the job has for each task (task_size) */
    size_t record_max;    /* bytes of a record that the job wants whole */
    size_t job_memory;    /* bytes that the job may get of the system besides */
    const struct mr_scan_kernel *kernel;
    bool compress;
    struct mr_seed seed;  /* of the combine table */
    bool by_group;        /* each file is counted apart (store/group.h), */
    bool by_source;       /* what leaves says of which file it is, */
    bool by_place;        /* or where it first stands (store/partial.h) */
    bool group_totals;    /* and how much there is of each is told to the reducers */
    bool reversed;        /* the result's order is turned round */
    enum mr_format format; /* of its lines; MR_LINES: its values are left as they are */
    bool direct;          /* there is no reducer: what is emitted is the result */
    struct mr_direct_plan result; /* what then becomes of what is emitted */
};

/* Whether map tasks sort the result. */
static inline bool mr_map_sorts(const struct mr_map_plan *p)
{
    return p->result.sorter.memory > 0;
}

/* What a map task reads: pieces of files, or slots of the feed. */
struct mr_map_input {
    const struct mr_piece *pieces;
    size_t count;
    struct mr_feed *feed; /* NULL: the pieces */
    int64_t feed_task;    /* which of the feed's tasks it is */
    struct mr_counters *counters; /* where the job counts; NULL: nowhere */
    struct mr_mark *mark;         /* where the mapper marks how far it is; NULL: nowhere */
    const struct mr_bad_records *bad; /* what earlier attempts died at; NULL: nothing */
};

/* What a map task did. */
struct mr_map_result {
    uint64_t bytes;   /* of input, after decompression */
    uint64_t records; /* that left the combine table; of values that are bytes, these */
    mr_total emitted; /* sum of the emitted values; of bytes, how many there were */
    uint64_t digest;  /* of values that are bytes (store/value.h) */
    uint64_t unmarked; /* files that seem to be UTF-16 or UTF-32 without a mark */
    uint64_t unmarked_source, unmarked_as; /* the first, and what it seems to be (mr_unmarked) */
    uint64_t source;  /* the first that it read: where it stands in the order of the input */
    uint64_t kept;    /* without a reducer: records of the result */
    mr_total sorted;  /* where they are sorted: as emitted, of what is in the runs */
    struct mr_block_link runs; /* the same: where the list of the result's runs stands */
};

/* Runs a map task: maps its input and writes its shuffle file to spool. progress is raised as
 * it goes on. Returns 0 or -1. */
int mr_map_run(const struct mr_job *job, const void *state, const struct mr_map_plan *plan,
               const struct mr_map_input *input, uint32_t task, struct mr_spool *spool,
               struct mr_store *store, struct mr_map_result *result,
               _Atomic uint64_t *progress, struct mr_error *err);

#endif
