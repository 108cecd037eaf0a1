/*
 * Lines of a mapper that is a program, as the records of a job that is none:
 *
 *     be TAB 2     key "be", number 2          a job's of numbers: behind the last tab
 *     be           key "be", number 1
 *     a TAB b c    key "a", value "b c"        a job's of bytes: behind the first tab
 *
 * A line that comes in parts is emitted in parts, too. What may be its number waits for what comes
 * behind it, as another tab makes it part of the key:
 *
 *     parts     "be"    "\t2"    "2\t"     "3"
 *     emitted   "be"             "\t22"    the number 3
 *     held              "\t2"    "\t"
 */
#ifndef TAB_RECORD_H
#define TAB_RECORD_H

#include "mapreduce.h"
#include "shown_line.h"

enum { TAB_DIGITS = 64 }; /* of a number at most, leading zeros too */

/* What is known of a line that comes in parts. */
struct tab_record {
    bool has_tab;
    size_t held; /* bytes: the last tab, with what may be the number; 0: it cannot be one */
    unsigned char tail[1 + TAB_DIGITS]; /* these */
    struct shown_line begin; /* how the line begins, for a message */
};

/* Emits a line, without its end, or a part of one, as a key and a number. Messages name the mapper
 * and the job. Returns 0 or -1. */
int tab_record_emit_number(struct tab_record *t, const char *mapper, const char *job,
                           struct mr_context *out, const unsigned char *line, size_t size,
                           enum mr_part part);

/* Emits a line, without its end, or a part of one, as a key and a value. Returns 0 or -1. */
int tab_record_emit_bytes(struct tab_record *t, struct mr_context *out, const unsigned char *line,
                          size_t size, enum mr_part part);

#endif
