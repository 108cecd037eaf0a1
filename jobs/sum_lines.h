/*
 * Lines that are summed: from each, its key, which may be several fields, and its number.
 *
 *     a b 1.5     -k 2,1 -v 3     b LF a, 1.5
 */
#ifndef SUM_LINES_H
#define SUM_LINES_H

#include "sum_options.h"
#include "text/aggregate.h"
#include "text/bytes.h"
#include "text/evicting_table.h"

enum { SUM_SLOTS = 1 << 10 };

/* A key whose numbers come often, with them. */
struct sum_slot {
    struct evicting_slot key;
    struct aggregate all;
};

/* What a map task has. */
struct sum_task {
    struct bytes key;    /* of several fields */
    struct bytes values; /* of a row with quotes */
    struct evicting_table often;
    struct sum_slot slots[SUM_SLOTS];
};

/* These are functions of struct mr_job. */
const struct mr_records *sum_records(const void *state, const char *path);
const struct mr_quotes *sum_quotes(const void *state, const char *path);
int sum_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out);
int sum_end(const void *state, void *task, struct mr_context *out);

/* Emits a line of what a program writes (mixed.h): a key, a tab and a number. */
int sum_emit_line(const void *state, struct mr_context *out, const unsigned char *line,
                  size_t size);

#endif
