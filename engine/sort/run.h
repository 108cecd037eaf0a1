/*
 * Runs: records in order, in consecutive blocks of a temporary file.
 *
 * Keys in order begin alike, so a key is written as how many of its bytes are those of the key
 * before it, and a record (record.h) of the others:
 *
 *     that=9  the=9  them=5        0 that=9 | 2 e=9, for "the" | 3 m=5, for "them"
 *
 * A block's first key is written whole, so that reading can begin there; its number still tells
 * what it shares with the block before. An out-of-line key, and the one after, share none.
 *
 * The reader needs no memory to put keys together: it writes the shared bytes before the others
 * into the block, over what it has read. There is room, as no key is longer than all others'
 * bytes so far. The numbers are worth more than the room they save: merge.h.
 *
 * A run comes with a few sample points, each the first record of one of its blocks and that
 * block's place, so that a reader can start near any point of the order. While a run is
 * written, points are kept for every block; when they are too many, every second is dropped
 * and from then on only every second (fourth, eighth ...) block gets one:
 *
 *     blocks   0 1 2 3 4 5 6 7 8        points   0 1 2 3 | 0 2 4 6 | 0 4 8
 *
 * Each record has a weight, how many bytes of output it will make, and a point tells the weight of
 * all records before it: so a reader that starts near it knows where its output belongs.
 */
#ifndef MR_SORT_RUN_H
#define MR_SORT_RUN_H

#include "base/buffer.h"
#include "sort/order.h"
#include "store/value.h"

enum {
    MR_POINTS = 256,   /* sample points of a run at most */
    MR_POINT_KEY = 64, /* bytes of a point's key at most; longer keys are cut */
};

/* A place in the order: a record's value and key, or the key's first bytes. */
struct mr_point {
    uint64_t value;
    uint64_t offset; /* of the block it begins */
    uint64_t before; /* the weight of the run's records before it */
    uint32_t size;
    unsigned char key[MR_POINT_KEY];
};

/* Where a run stands in its file. */
struct mr_run {
    uint64_t offset, end; /* of its blocks */
    uint64_t records, weight;
    struct mr_block_link points; /* the block of its points */
    uint32_t number;             /* in its file: the owner of its blocks */
};

/* How records are weighed: how many bytes of output each will make. */
struct mr_scale {
    /* Sets *weight. Returns 0 or -1. NULL: weights do not matter, all are 0. */
    int (*weigh)(const struct mr_scale *scale, const struct mr_record *r,
                 const struct mr_key_place *place, uint64_t *weight, struct mr_error *err);
    int kind; /* of output, as weigh understands it, */
    const struct mr_columns *columns; /* what it has other than keys and values, or NULL */
};

/* The weight of a record; place is where an out-of-line key stands. Returns 0 or -1. */
static inline int mr_weigh(const struct mr_scale *scale, const struct mr_record *r,
                           const struct mr_key_place *place, uint64_t *weight,
                           struct mr_error *err)
{
    *weight = 0;
    return scale->weigh ? scale->weigh(scale, r, place, weight, err) : 0;
}

/* A run being written. */
struct mr_run_writer {
    struct mr_block_writer *blocks;
    uint32_t payload_max; /* bytes of a block */
    /* These are to be set before the first run begins. */
    bool values; /* records have values that are bytes, behind their keys */
    bool gaps;   /* what is out-of-line is written between the run's blocks */
    bool slack;  /* records have MR_BLOCK_SLACK readable bytes behind them, all of which are set */
    unsigned char *block;
    uint32_t fill;
    unsigned char *key; /* the last record's */
    uint32_t key_size;  /* 0 where it is out-of-line */
    struct mr_run run;
    struct mr_point *points;
    uint32_t point_count, stride, until_point; /* blocks between points; until the next */
};

/* Gets memory for writing runs, one after the other. Returns 0 or -1; release it in either
 * case. */
int mr_run_writer_init(struct mr_run_writer *w, struct mr_block_writer *blocks,
                       uint32_t payload_max, struct mr_error *err);

/* Begins a run. Until it ends nothing else may be written to the spool, or with gaps only what is
 * out-of-line: such a run has no points, and is read with gaps (merge.h). */
void mr_run_begin(struct mr_run_writer *w, uint32_t number);

/* Adds the next record in order. Returns 0 or -1. */
int mr_run_add(struct mr_run_writer *w, const struct mr_record *r, uint64_t weight,
               struct mr_error *err);

/* Ends the run and says where it stands. Returns 0 or -1. */
int mr_run_end(struct mr_run_writer *w, struct mr_run *run, struct mr_error *err);

void mr_run_writer_release(struct mr_run_writer *w);

/* Reads the next record of a run's block from [from, end), which has MR_BLOCK_SLACK bytes behind it
 * and whose read bytes it changes: *r was the record before it, and is this one then. first: it is
 * the block's first; values: records have values that are bytes. *shared becomes how many bytes its
 * key shares with the key before. Returns the byte after it, or NULL when what stands there is no
 * record. */
static inline unsigned char *mr_run_get(unsigned char *from, const unsigned char *end, bool first,
                                        bool values, struct mr_record *r, uint32_t *shared)
{
    const unsigned char *before = r->key;
    uint64_t common, have = r->out_of_line ? 0 : r->size;
    const unsigned char *next = mr_varint_get(from, end, &common);
    if (next != NULL)
        next = mr_record_get(next, end, r);
    if (next == NULL || common > (first ? r->size : have) || (r->out_of_line && common > 0))
        return NULL;
    from += next - from;
    *shared = (uint32_t)common;
    if (!first) {
        unsigned char *key = from - r->size - common;
        if (common <= 16)
            mr_copy_into(key, before, common);
        else
            memmove(key, before, common);
        r->key = key;
        r->size += (uint32_t)common;
    }
    if (!values)
        return from;
    struct mr_value value;
    next = mr_value_get(from, end, &value);
    return next == NULL ? NULL : from + (next - from);
}

/* Writes the list of a file's runs, found again by *at. Returns 0 or -1. */
int mr_runs_write(struct mr_block_writer *blocks, const struct mr_run *runs, size_t count,
                  struct mr_block_link *at, struct mr_error *err);

/* The runs of one file. */
struct mr_runs {
    struct mr_spool *spool;
    uint32_t task;
    struct mr_run *at;
    size_t count;
};

/* Reads a list of runs; free(runs->at) is the caller's in either case. Returns 0 or -1. */
int mr_runs_read(struct mr_runs *runs, struct mr_spool *spool, const struct mr_store *store,
                 uint32_t task, struct mr_block_link at, struct mr_error *err);

/* Reads a run's points into points, which has room for MR_POINTS. Returns their count or -1. */
int mr_run_points(struct mr_block_reader *reader, const struct mr_spool *spool, uint32_t task,
                  const struct mr_run *run, struct mr_point *points, struct mr_error *err);

/* Compares a record with a point: by rank, then by key. Returns 0, or -1. */
int mr_point_compare(const struct mr_file_record *r, const struct mr_point *p,
                     struct mr_ordering order, struct mr_key_pair *readers, int *result,
                     struct mr_error *err);

/* Compares two points alone. */
int mr_points_compare(const struct mr_point *a, const struct mr_point *b,
                      struct mr_ordering order);

/* The largest payload that a block of points or of a list of runs may have. */
#define MR_INDEX_MAX ((size_t)MR_POINTS * (3 * MR_VARINT_MAX + 1 + MR_POINT_KEY) + (1 << 20))

#endif
