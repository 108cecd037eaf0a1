/*
 * Lines as Hadoop Streaming reads and writes them: a line ends at LF, CR LF or a lone CR; it has a
 * key, which ends before the N-th separator, and a value; both are written with another separator
 * between them, and LF.
 *
 *     one separator a key, tab to tab:    a TAB b CR c    ->    a TAB b LF c TAB LF
 *
 * So a line without a separator, all of which is a key, is written with one behind it.
 * Bytes come in pieces of any size, and nothing of a line is kept.
 */
#ifndef HADOOP_RECORDS_H
#define HADOOP_RECORDS_H

#include "text/separator.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct records {
    /* What is done. */
    uint64_t fields;     /* separators that a key's end is the last of; 0: lines stay as they are */
    struct separator separator; /* that is looked for */
    const char *written; /* in the place of a key's end */
    bool lf_only;        /* a CR ends no line */

    /* What has been done. */
    uint64_t lines;  /* whole ones */
    uint64_t seen;   /* separators of this line */
    size_t held;     /* bytes of it that may begin another, and are not written */
    bool inside;     /* some of this line has come, its end has not */
    bool after_cr;   /* an LF that comes next belongs to the line's end before it */
};

/* What so many bytes can become, at most. */
size_t records_room(const struct records *r, size_t size);

/* Converts bytes to lines at to, which has room for records_room of them. Returns how many bytes it
 * wrote. */
size_t records_convert(struct records *r, const char *bytes, size_t size, char *to);

/* Ends the last line, if it has no end, at to, which has room for records_room of 0. Returns
 * the same. */
size_t records_end(struct records *r, char *to);

#endif
