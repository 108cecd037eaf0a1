/*
 * Folding: the values of a key, brought together before they leave the mapper, by the job's
 * combine_values.
 *
 * When a bucket's buffer is full, its records are sorted by key, equal keys staying in their order,
 * and each key is handed to the job with its values; what the job emits takes their place:
 *
 *     a 1 | b 7 | a 2 | a 4       to be summed       a 7 | b 7 | (free)
 *
 * Where that has made room, the buffer is not written out but filled further. So where there are
 * few keys nearly nothing leaves the mapper, and where there are many a record costs its share of a
 * small sort. A bucket with a key or value that is out-of-line is left as it is.
 */
#ifndef MR_MAP_FOLD_H
#define MR_MAP_FOLD_H

#include "partition/shuffle.h"
#include "sort/sort_buffer.h"
#include "store/assembly.h"

struct mr_fold {
    struct mr_assembly out; /* what the job emits to; the first of all */
    const struct mr_job *job;
    const void *state;
    struct mr_shuffle_writer *shuffle;
    struct mr_sort_buffer records; /* the bucket's, sorted */
    unsigned char *key_room; /* for a key that is put together */
    uint32_t key_max;
    uint32_t bucket;         /* the one at hand */
    struct mr_record key;    /* the one that the job was handed */
    uint64_t folded;         /* records that others have taken the place of */
    uint64_t digest;         /* what that has changed of the digest (partition/digest.h) */
    struct mr_error *err;
};

/* Prepares to fold buckets of a shuffle file being written, where their records, with keys whole,
 * fit in about memory bytes, in the task whose context it is given. What is pointed to stays the
 * caller's. Returns 0 or -1; release it in either case. */
int mr_fold_init(struct mr_fold *f, const struct mr_context *task, const void *state,
                 struct mr_shuffle_writer *shuffle, struct mr_key_writer *keys, uint32_t key_max,
                 size_t memory);

/* Folds what is in a bucket's buffer. Returns 0 or -1. */
int mr_fold_bucket(struct mr_fold *f, uint32_t bucket);

void mr_fold_release(struct mr_fold *f);

#endif
