/*
 * The writer: one merge task, from runs to text at its place in the output.
 *
 * A task merges a range of the total order (or all of it, or one reducer's runs). Ranges are merged
 * side by side: what the runs weigh before a range (sort/run.h) is where its text begins. Without
 * reducers nothing is merged: a task writes the runs of some mappers, one after the other.
 */
#ifndef MR_WRITE_WRITER_H
#define MR_WRITE_WRITER_H

#include "sort/merge.h"
#include "write/text.h"

#include <stdatomic.h>

enum { MR_WRITE_MEMORY = 512 << 10 }; /* bytes of a merge task but for the merge, about */

struct mr_write_plan {
    struct mr_ordering order;
    bool pairs;            /* values are bytes of the job's */
    enum mr_format format;
    struct mr_scale scale; /* of that format, as the reducers' */
    uint32_t run_payload;     /* payload bytes of the runs' blocks */
    bool limit_lines;      /* limits are of lines, too, of which a record may be several */
};

/* Whether a record is as many lines as its number says. */
static inline bool mr_write_repeats(const struct mr_write_plan *plan)
{
    return plan->format == MR_LINES && !plan->pairs;
}

/* Writes a record of the result, whose place is where it stands if it is out-of-line, to a text.
 * Returns 0 or -1. */
int mr_write_record(const struct mr_write_plan *plan, struct mr_text *text,
                    const struct mr_record *r, const struct mr_key_place *place,
                    struct mr_error *err);

/* What a merge task does. */
struct mr_write_range {
    const struct mr_runs *files; /* the runs to merge, or to write one after the other */
    size_t file_count;
    bool in_sequence;
    uint64_t start; /* in sequence: where the text begins in the output */
    const struct mr_point *from, *until; /* NULL: from the first, to the last */
    uint64_t limit;                      /* records at most */
    uint32_t part; /* of a directory, where the text goes; the first of several */
    bool part_a_file; /* each file's records go to a part of their own, from that one on */
    mr_total shares_of; /* what values are shown as shares of, in percent; 0: they are not */
    mr_total others;    /* the value of a last record, (others), if it is not 0; */
    bool less_written;  /* less the values that are written here */
    bool shares_of_groups, others_of_groups; /* in the place of these, by what records tell of each
                                                file (store/group.h) */
};

/* Who is handed a result's records, one by one. */
struct mr_receiver {
    int (*take)(void *arg, struct mr_key *key, uint64_t number, struct mr_key *value,
                struct mr_error *err);
    void *arg;
    uint64_t memory; /* of the run; a key and a value that are put together have parts of it */
    /* Called now and then: -1 ends it. */
    int (*listen)(void *arg, struct mr_error *err);
    void *listen_arg;
};

struct mr_write_result {
    uint64_t records, from, bytes; /* from: where the text begins in the output */
    uint64_t lines; /* for these and others: one each, or as many as its number says (MR_LINES) */
};

/* Merges and formats a range, and writes it to the output. Returns 0 or -1. */
int mr_write_run(const struct mr_write_plan *plan, const struct mr_write_range *range,
                 const struct mr_store *store, struct mr_output *output,
                 struct mr_write_result *result, _Atomic uint64_t *progress,
                 struct mr_error *err);

/* Merges a range and hands its records over, in this process, without any text; *records is how
 * many. Returns 0 or -1. */
int mr_write_hand_over(const struct mr_write_plan *plan, const struct mr_write_range *range,
                       const struct mr_store *store, const struct mr_receiver *receiver,
                       uint64_t *records, struct mr_error *err);

#endif
