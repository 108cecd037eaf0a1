/*
 * Errors with context. Inside the engine a function that can fail returns 0 or -1 and
 * describes a failure in the caller's struct mr_error; only the program prints it.
 *
 *   if (fd < 0)
 *       return mr_error_system(err, "cannot open '%s'", path);
 *
 * leaves "cannot open 'x.csv': No such file or directory" and returns -1. All texts are made by
 * base/message.h, so they are printable; mr_error_set stands in mapreduce.h, as jobs need it too.
 */
#ifndef MR_BASE_ERROR_H
#define MR_BASE_ERROR_H

#include "mapreduce.h"

#include <stdarg.h>

/* As mr_error_set, which is for what no errno explains, and appends errno's meaning. Keeps errno
 * in err->code. Returns -1. */
int mr_error_system(struct mr_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts what was being done in front of what went wrong: "map task 7: ...". Returns -1. */
int mr_error_prefix(struct mr_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends what a person can do about it, as far as there is room. */
void mr_error_suffix(struct mr_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As mr_error_set. */
int mr_error_set_list(struct mr_error *err, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Marks the failure as one that another attempt cannot cure, such as bad input. Returns -1. */
int mr_error_final(struct mr_error *err);

/* Out of memory while getting size bytes for what. Returns -1. */
int mr_error_memory(struct mr_error *err, size_t size, const char *what);

#endif
