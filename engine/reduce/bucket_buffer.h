/*
 * The buffer of a sorted bucket: records in memory, which are sorted, and read in order, or written
 * as a run when there is no room for more.
 *
 * Who fills it is reduce/bucket_gather.h; who reads it, and the runs, reduce/sorted_bucket.h.
 */
#ifndef MR_REDUCE_BUCKET_BUFFER_H
#define MR_REDUCE_BUCKET_BUFFER_H

#include "reduce/chains.h"
#include "sort/bundles.h"
#include "sort/merge.h"
#include "sort/ranged_buffer.h"
#include "sort/run_list.h"

struct mr_sorted_bucket {
    const struct mr_reduce_plan *plan;
    const struct mr_shuffles *shuffles;
    bool numbers;  /* what a record has as its number is its value, and it has no other */
    bool bundling; /* many are in bundles */
    struct mr_ordering order; /* of the records */

    struct mr_record current;   /* the current record, */
    const unsigned char *value; /* and its value, from its head on */
    mr_total sum;    /* of the numbers of all records so far, or, without, how many there were */
    uint64_t digest; /* of those of values that are bytes (partition/digest.h) */

    struct mr_chains chains;
    struct mr_sort_buffer records;
    struct mr_ranged_buffer ranges; /* of them, once they are many */
    size_t record_max;          /* bytes of one at most, and what may be written behind its key */
    struct mr_bundles bundles;
    uint64_t number;            /* of the next record, where it is not its value */
    struct mr_run_list partial; /* those that the buffer had no room for */
    struct mr_block_writer *blocks;
    struct mr_run_maker *runs;
    struct mr_block_reader key_reader, value_reader;
    unsigned char *key_room;    /* for a key that is put together, or held */
    unsigned char *record_room; /* for a record of a run that stands in parts */
    struct mr_error *err;

    uint32_t shared; /* so many first bytes at least do the keys of all in the buffer share */
    bool same_key;   /* the current record has the key of the one before, as is known */
    const struct mr_entry *next, *end; /* of the buffer or its current range, in order */
    struct mr_bundle_reader bundle;    /* of the entry before the next */
    bool merging;                      /* there are runs: */
    struct mr_merge merge;
};

/* Gets that much memory for records. plan, shuffles and what stands up to order are set before;
 * runs are written by runs, to whose file large keys are copied, too. Returns 0 or -1; release it
 * in either case. */
int mr_sorted_init(struct mr_sorted_bucket *b, size_t memory, struct mr_run_maker *runs,
                   struct mr_store *store, _Atomic uint64_t *progress, struct mr_error *err);

void mr_sorted_release(struct mr_sorted_bucket *b);

/* Empties the buffer. */
void mr_sorted_clear(struct mr_sorted_bucket *b);

/* Has the records in the buffer stand by ranges from here on. Returns 0 or -1. */
int mr_sorted_open_ranges(struct mr_sorted_bucket *b);

/* Sorts the records in the buffer, or of the first range, to be read then. Returns 0 or -1. */
int mr_sorted_sort(struct mr_sorted_bucket *b);

enum {
    MR_SORTED_AHEAD = 24, /* records are asked for so many before they are read, */
    MR_SORTED_LINE = 64,  /* by lines of the cache, */
    MR_SORTED_ASKED = 512 /* and of a large key these bytes: where they lead is seen by then */
};

/* Asks for the memory of a record that is read soon after that of an entry: it may stand anywhere
 * in the buffer. */
static inline void mr_sorted_expect(const struct mr_sorted_bucket *b, const struct mr_entry *e)
{
    if (b->end - e <= MR_SORTED_AHEAD)
        return;
    const struct mr_entry *soon = &e[MR_SORTED_AHEAD];
    const unsigned char *key = b->records.region + soon->at;
    const uint32_t asked = soon->size < MR_SORTED_ASKED ? soon->size : MR_SORTED_ASKED;
    for (uint32_t i = 0; i < asked; i += MR_SORTED_LINE)
        __builtin_prefetch(key + i);
    __builtin_prefetch(key + soon->size);
}

/* Goes to the buffer's next record in order. Returns 1, 0 at the end, or -1. */
int mr_sorted_next_buffered(struct mr_sorted_bucket *b);

/* The bucket's records so far go to a run, and the buffer is empty. Returns 0 or -1. */
int mr_sorted_spill(struct mr_sorted_bucket *b);

#endif
