/*
 * Lines of a mapper that is a program, as the records of a job that is none:
 *
 *     be TAB 2     key "be", number 2          a job's of numbers: behind the last tab
 *     be           key "be", number 1
 *     a TAB b c    key "a", value "b c"        a job's of bytes: behind the first tab
 */
#ifndef TAB_RECORD_H
#define TAB_RECORD_H

#include "mapreduce.h"

/* Emits a line, without its end, as a key and a number. Messages name the mapper and the job.
 * Returns 0 or -1. */
int tab_record_emit_number(const char *mapper, const char *job, struct mr_context *out,
                           const unsigned char *line, size_t size);

/* Emits a line, without its end, as a key and a value. Returns 0 or -1. */
int tab_record_emit_bytes(struct mr_context *out, const unsigned char *line, size_t size);

#endif
