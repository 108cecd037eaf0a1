/*
 * The writer: one merge task, from the reducers' runs to text.
 *
 * A task merges a range of the total order (or all of it, or one reducer's runs) and leaves the
 * formatted lines in a spool. Ranges are merged side by side; their spools, one behind the
 * other, are the output.
 */
#ifndef MR_WRITE_WRITER_H
#define MR_WRITE_WRITER_H

#include "sort/merge.h"

#include <stdatomic.h>

struct mr_write_plan {
    struct mr_ordering order;
    enum mr_format format;
    uint32_t run_room; /* payload bytes of the runs' blocks */
};

/* What a merge task does. */
struct mr_write_range {
    const struct mr_runs *files; /* the reducers' runs to merge */
    size_t file_count;
    const struct mr_point *from, *until; /* NULL: from the first, to the last */
    uint64_t limit;                      /* records at most */
    struct mr_spool *spools;             /* where the text goes: one, or one for each file */
    uint32_t number;                     /* of the first of these texts */
    bool apart;                          /* one for each file */
};

struct mr_write_result {
    uint64_t records, bytes;
};

/* Merges and formats a range. Returns 0 or -1. */
int mr_write_run(const struct mr_write_plan *plan, const struct mr_write_range *range,
                 struct mr_store *store, struct mr_write_result *result,
                 _Atomic uint64_t *progress, struct mr_error *err);

#endif
