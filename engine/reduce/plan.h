/* What every reduce task is given and leaves, whatever brings the values of its keys together. */
#ifndef MR_REDUCE_PLAN_H
#define MR_REDUCE_PLAN_H

#include "base/context.h"
#include "base/ranking.h"
#include "partition/hash.h"
#include "sort/direct.h"
#include "sort/run_list.h"

#include <stdatomic.h>

/* The sizes of a reducer's parts, made by the job's plan from its memory. */
struct mr_reduce_plan {
    uint32_t buckets;        /* of all partitions together */
    uint32_t first, count;   /* this partition's */
    uint32_t bucket_payload; /* payload bytes of shuffle blocks */
    uint32_t run_payload;    /* payload bytes of the runs' blocks */
    uint32_t key_max, key_payload; /* larger keys are out-of-line, in blocks of so many bytes */
    size_t table;            /* bytes */
    uint64_t memory;         /* with so much of it, a run's reducers surely have so large tables; */
    uint64_t memory_alone;   /* with so much, one reducer has; 0: it is the same */
    size_t links;            /* bytes for where chains begin, if one bucket has not more */
    size_t fan_in;           /* runs merged at once while the table stands */
    size_t runs_max;         /* runs left for the final merge */
    struct mr_ordering order;
    struct mr_scale scale;   /* of the result's runs */
    bool partials;            /* values are partial numbers (store/partial.h), */
    bool places;             /* of which the key's place is that of the first */
    uint64_t min_sources, max_sources; /* in how many inputs a key of the result stands; 0: any */
    bool group_totals;       /* how much there is of each file is in the result, too */
    uint64_t top;
    uint32_t cells;          /* of a bucket, in which values are summed; 0: nothing is pruned */
    uint64_t prune_top, prune_least; /* by them: see prune.h */
    enum mr_format format;   /* of the result's lines, as in struct mr_map_plan */
    bool pack_lines;         /* many lines of the result may be one record (direct.h) */
    bool compress;
    struct mr_direct_sink *sink; /* who takes the result in the place of runs, in sequence; or
                                    NULL */
    struct mr_seed seed;     /* of the table */
};

/* Of that, what is about runs. */
static inline struct mr_run_plan mr_reduce_run_plan(const struct mr_reduce_plan *p)
{
    return (struct mr_run_plan){ .run_payload = p->run_payload, .key_payload = p->key_payload,
                                 .fan_in = p->fan_in, .runs_max = p->runs_max, .order = p->order,
                                 .scale = p->scale, .top = p->top };
}

/* What a reduce task is given: the shuffle files that it reads its part of, and what the job's
 * functions are. */
struct mr_shuffles {
    struct mr_spool *files; /* one a map task */
    uint32_t count;
    const uint32_t *order; /* the map tasks in the order of the input; NULL: as they are numbered */
    /* What the inputs are called that the tasks read; NULL: nobody says. */
    const char *(*input_name)(const void *inputs, uint64_t source);
    const void *inputs;
    struct mr_counters *counters; /* where the job counts; NULL: nowhere */
    struct mr_mark *mark;     /* where the reducer marks whose code runs; NULL: nowhere */
    const struct mr_bad_records *bad; /* what earlier attempts died at; NULL: nothing */
    bool one_by_one;          /* each key is looked at, and marked */
    struct mr_ranking *ranking; /* of what is kept, where that is numbers, to be filled in; NULL:
                                   nobody wants it */
    size_t key_head;          /* bytes of keys that are not the job's (store/group.h) */
};

/* What a reduce task did. */
struct mr_reduce_result {
    mr_total sum;      /* of all values, before the job's reduce; of bytes, how many there were */
    uint64_t digest;   /* of values that are bytes (store/value.h), else 0 */
    mr_total dropped;  /* of values that are numbers, the sum of those that were dropped, */
    mr_total others;   /* and of those that count among all, nevertheless (MR_OTHERS) */
    uint64_t distinct; /* keys before the job's reduce */
    uint64_t kept;     /* records of the result */
    struct mr_block_link runs; /* where the list of runs stands */
};

#endif
