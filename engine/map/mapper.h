/*
 * The mapper: one map task, from a split's chunks to a shuffle file.
 *
 *     input/reader.c  ->  job's map  ->  emit.c, tokens.c  ->  combine.h  ->  shuffle.h
 */
#ifndef MR_MAP_MAPPER_H
#define MR_MAP_MAPPER_H

#include "base/buffer.h"
#include "input/feed.h"
#include "input/split.h"
#include "map/combine.h"
#include "map/scan.h"
#include "partition/keys.h"
#include "partition/shuffle.h"

#include <stdatomic.h>

/* The sizes of a mapper's parts, made by the job's plan from its memory. */
struct mr_map_plan {
    uint32_t buckets;     /* of all partitions together */
    uint32_t bucket_room; /* bytes of payload of a bucket's buffer */
    uint32_t key_max;     /* larger keys stand beside their records */
    uint32_t block_room;  /* payload bytes of blocks of keys */
    size_t short_sets, long_sets, arena; /* of the combine table */
    size_t chunk;         /* bytes of input at a time */
    const struct mr_scan_kernel *kernel;
    bool compress;
    struct mr_seed seed;  /* of the combine table */
};

/* What a map task reads: pieces of files, or slots of the feed. */
struct mr_map_input {
    const struct mr_piece *pieces;
    size_t count;
    struct mr_feed *feed; /* NULL: the pieces */
};

/* What a map task did. */
struct mr_map_result {
    uint64_t bytes;   /* of input, after decompression */
    uint64_t records; /* that left the combine table */
    mr_total emitted; /* sum of the emitted values */
};

enum { MR_LEAVING = 32 }; /* short keys that leave the table together */

struct mr_leaving {
    struct mr_short key;
    uint64_t value;
};

struct mr_mapper {
    const struct mr_job *job;
    const void *state;
    const struct mr_map_plan *plan;
    struct mr_error *err;
    struct mr_combiner table;
    struct mr_block_writer blocks;
    struct mr_shuffle_writer shuffle;
    struct mr_key_writer keys;
    struct mr_buffer part;    /* of a key that is emitted in parts, while it is small */
    bool in_parts;            /* that key is not at its end */
    bool beside;              /* it has outgrown records */
    struct mr_buffer rekeyed; /* where the job rewrites keys */
    const struct mr_scan_kernel *kernel;
    const struct mr_records *scan_records; /* what scan is prepared for */
    struct mr_scan_set scan;
    mr_total emitted;
    struct mr_leaving leaving[MR_LEAVING]; /* the table, for the shuffle */
    size_t leaving_count;
};

/* Runs a map task: maps its input and writes its shuffle file to spool. progress is raised as
 * it goes on. Returns 0 or -1. */
int mr_map_run(const struct mr_job *job, const void *state, const struct mr_map_plan *plan,
               const struct mr_map_input *input, uint32_t task, struct mr_spool *spool,
               struct mr_store *store, struct mr_map_result *result,
               _Atomic uint64_t *progress, struct mr_error *err);

/* Adds value to a short key in its set (tokens.c). Returns 0 or -1. */
int mr_mapper_add_short(struct mr_mapper *m, struct mr_short_set *set, struct mr_short key,
                        uint64_t value);

/* The same for a key of more than MR_SHORT_KEY and at most key_max bytes; lookup is that of
 * mr_lookup_long, and of no use while long keys pass the table by. */
int mr_mapper_add_long(struct mr_mapper *m, uint64_t lookup, const unsigned char *key,
                       uint32_t size, uint64_t value);

/* Refuses what a job does between the parts of a key: nothing else may be emitted there. Returns 0
 * or -1. */
int mr_mapper_refuse(struct mr_mapper *m, const char *what);

static inline int mr_mapper_between_keys(struct mr_mapper *m, const char *what)
{
    return m->in_parts ? mr_mapper_refuse(m, what) : 0;
}

/* Everything leaves the combine table. Returns 0 or -1. */
int mr_mapper_flush(struct mr_mapper *m);

#endif
