/*
 * The bundler: values that are bytes, of keys that come often, on their way into the shuffle file.
 *
 *     the 1, a 2, the 3, a 4, the 5    records    the 1 | a 2 | the 3 | a 4 | the 5
 *                                      bundled    the: 1 3 5 | a: 2 4
 *
 * They gather in bundles (sort/bundles.h) until the memory for these is full. Then each bundle is
 * written to its bucket as one record with a list of values, or as few as hold it, and the reducer
 * adds the list to its own bundle at once: a value costs neither of them a record. A record for
 * which no bundle has room goes into the shuffle file as it comes, and so do all once bundling is
 * found not to pay; until a sample of these shows that their keys do come often (recurrence.h).
 *
 * The values of a key keep their order. A key that has no bundle gets none until all are written,
 * so none of its records overtakes another; and before a record of a key goes to a partition of its
 * own choice, all bundles are written.
 *
 * Bundles are seldom in the nearest cache. So small records are added in batches, before which the
 * memory that all of a batch need is prefetched.
 */
#ifndef MR_MAP_BUNDLER_H
#define MR_MAP_BUNDLER_H

#include "map/recurrence.h"
#include "partition/shuffle.h"
#include "sort/bundles.h"

enum {
    MR_BUNDLER_WAIT = 16, /* records of a batch, at most, */
    MR_BUNDLER_SMALL = 48 /* with keys and values of so many bytes together */
};

/* A record of a batch: its key, in 16 bytes at least, of which those behind it are as struct
 * mr_short has them, and its value. */
struct mr_bundler_wait {
    uint64_t hash;
    uint32_t key, value; /* bytes of them */
    unsigned char bytes[MR_BUNDLER_SMALL + MR_BUNDLES_FEW];
};

struct mr_bundler {
    struct mr_shuffle_writer *shuffle; /* NULL: nothing is bundled */
    struct mr_sort_buffer records;
    struct mr_bundles bundles;
    struct mr_recurrence recurrence; /* of keys that are not bundled, as that did not pay */
    uint32_t waiting; /* records of the batch, so far */
    struct mr_bundler_wait wait[MR_BUNDLER_WAIT];
    unsigned char *list; /* what is written of a bundle at once, */
    uint32_t list_max;   /* so many bytes at most */
    uint64_t digest;     /* of the values that were added (partition/digest.h), */
    uint64_t taken;      /* which are so many, */
    uint64_t left;       /* and were written as so many records */
    struct mr_error *err;
};

/* Prepares to bundle records for a shuffle file being written, in about memory bytes, with keys of
 * at most key_max. What is pointed to stays the caller's. Returns 0 or -1; release it in either
 * case. */
int mr_bundler_init(struct mr_bundler *b, struct mr_shuffle_writer *shuffle, uint32_t key_max,
                    size_t memory, struct mr_error *err);

void mr_bundler_release(struct mr_bundler *b);

/* Adds a record, whose key is inline, to a bundle or to the shuffle file, now or later. Returns 0
 * or -1. */
int mr_bundler_add(struct mr_bundler *b, const unsigned char *key, uint32_t size,
                   const struct mr_value *value);

/* Writes all that was added. Returns 0 or -1. */
int mr_bundler_flush(struct mr_bundler *b);

#endif
