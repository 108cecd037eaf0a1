/*
 * A sink: where tokens go that are not emitted as they are, many at a time, and when a line ends.
 * Those that make others of them have a batch, which may have a sink of its own. Of "7,it's a-b,8",
 * the words of field 2 by two:
 *
 *     cutter      it's a-b          the field
 *     splitter    it's | a-b        its words
 *     window      it's a-b          each with the next one
 */
#ifndef SINK_H
#define SINK_H

#include "mapreduce.h"

struct sink {
    /* Takes whole tokens: the i-th is [at[2i], at[2i + 1]) of bytes, behind which MR_CHUNK_PAD more
     * may be read; they stand until it returns. Returns 0 or -1, as the others do. */
    int (*take)(struct sink *s, struct mr_context *out, const unsigned char *bytes,
                const uint32_t *at, size_t count);

    /* Takes a part of one that is too large to be whole; none cuts a valid UTF-8 sequence. */
    int (*take_part)(struct sink *s, struct mr_context *out, const unsigned char *bytes,
                     size_t size, bool last);

    /* The line ends that they were of. Optional. */
    int (*end_line)(struct sink *s, struct mr_context *out);
};

#endif
