/*
 * Direct: where there is no reducer, what map emits is the result as it is, and goes into one run
 * in the order in which it comes; and so does what the reduce of a job in sequence emits. Or it is
 * sorted, and goes into as many runs as that makes (sorter.h). Or it needs no run, where a sink
 * takes it, which writes it as it comes.
 *
 *     key and number    a record
 *     key and bytes     a record with its value behind the key, as results have it (assembly.h)
 *     what is larger than records hold    blocks of its own, between those of the run
 *     many lines        a record, where they are only to be written one behind the other, whose
 *                       value is they, with LFs between them, and whose number is how many there
 *                       are besides the first
 *
 *     file head | run | run | key | key | run ... | points | list
 */
#ifndef MR_SORT_DIRECT_H
#define MR_SORT_DIRECT_H

#include "sort/sorter.h"
#include "store/assembly.h"

/* Who takes the result in the place of a run. Both return 0 or -1. */
struct mr_direct_sink {
    /* So many lines, between which LFs stand, where those may come together. */
    int (*lines)(struct mr_direct_sink *sink, const unsigned char *lines, size_t size,
                 uint64_t count, struct mr_error *err);
    /* A record; place is where its key or value stands if it is out-of-line. */
    int (*record)(struct mr_direct_sink *sink, const struct mr_record *r,
                  const struct mr_key_place *place, struct mr_error *err);
};

/* What it is to do, as the job's plan has it. */
struct mr_direct_plan {
    struct mr_direct_sink *sink; /* takes all; NULL: it goes into a run */
    uint32_t run_payload;  /* payload bytes of the run's blocks */
    struct mr_scale scale; /* of the result */
    uint64_t top;          /* records of the result at most: more are not kept */
    bool pack_lines;       /* many lines may be one record: all are only written, as they are */
    struct mr_sorter_plan sorter; /* how records are sorted, if they are */
};

struct mr_direct {
    struct mr_assembly out; /* assembles values; the first of all */
    const struct mr_direct_plan *plan;
    struct mr_block_writer *blocks;
    struct mr_run_writer run;
    struct mr_sorter sorter; /* in the place of that one run, where records are sorted */
    bool begun; /* the run has */
    struct mr_block_reader reader; /* for weighing or writing what is out-of-line */
    struct mr_record key;          /* of the value that is being assembled */
    struct mr_buffer record;       /* a key, and its value behind it */
    uint64_t records;              /* emitted */
    struct mr_error *err;
};

/* Prepares to write the run to blocks' spool, which nothing else than keys may be written to once a
 * record was added; values: they are bytes, of which a record holds value_max, and
 * keys writes what is larger. What is pointed to stays the caller's. Returns 0 or -1; release it in
 * either case. */
int mr_direct_init(struct mr_direct *d, const struct mr_direct_plan *plan, bool values,
                   uint32_t value_max, struct mr_block_writer *blocks, struct mr_key_writer *keys,
                   struct mr_error *err);

/* Adds a record whose value is a number. Returns 0 or -1. */
int mr_direct_add(struct mr_direct *d, const struct mr_record *r);

/* Adds a key with bytes for a value. Returns 0 or -1. */
int mr_direct_add_value(struct mr_direct *d, const struct mr_record *key, const void *value,
                        size_t size);

/* The same for a value that is assembled as results have it. */
int mr_direct_add_pair(struct mr_direct *d, const struct mr_record *key,
                       const struct mr_value *value);

/* Adds each of some lines, between which LFs stand, as a value without a key. Returns 0 or -1. */
int mr_direct_add_lines(struct mr_direct *d, const unsigned char *lines, size_t size);

/* The same for a value in parts: its record begins, bytes are added, and it ends. The key stands
 * until then. */
int mr_direct_begin(struct mr_direct *d, const struct mr_record *key);
int mr_direct_extend(struct mr_direct *d, const void *bytes, size_t size);
int mr_direct_end(struct mr_direct *d);

/* Ends the run, or all; *runs is where the list of the file's runs stands then, if there are any.
 * Returns 0 or -1. */
int mr_direct_finish(struct mr_direct *d, struct mr_block_link *runs);

/* How many records of the result there are then; the first ones wanted of a task that sorts, else
 * all that were emitted. */
uint64_t mr_direct_kept(const struct mr_direct *d);

void mr_direct_release(struct mr_direct *d);

#endif
