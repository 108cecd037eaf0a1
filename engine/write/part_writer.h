/*
 * A part's writer: where a part of an output directory, or all of an output that is a file, is just
 * what one task makes in sequence, that task writes it as it makes it (sort/direct.h), and nothing
 * is left to be merged.
 *
 *     mr_part_writer_init -> its sink takes lines and records -> mr_part_writer_finish
 *
 * An attempt begins the part anew, whatever one before it has written.
 */
#ifndef MR_WRITE_PART_WRITER_H
#define MR_WRITE_PART_WRITER_H

#include "sort/direct.h"
#include "write/text.h"
#include "write/writer.h"

struct mr_part_writer {
    struct mr_direct_sink sink; /* the first of all */
    const struct mr_write_plan *plan;
    struct mr_text text;
    struct mr_write_result written;
};

/* Prepares to write a part of the output, or all of a file, in the plan's format. Plan and output
 * stand until it is released. */
void mr_part_writer_init(struct mr_part_writer *w, const struct mr_write_plan *plan,
                         struct mr_output *output, uint32_t part, _Atomic uint64_t *progress);

/* Ends it, and has what is a part be on the disk; *result is what it has. Returns 0 or -1. */
int mr_part_writer_finish(struct mr_part_writer *w, struct mr_write_result *result,
                          struct mr_error *err);

void mr_part_writer_release(struct mr_part_writer *w);

#endif
