/* The names of input files from a file that has one before each NUL (--files0-from). */
#ifndef MR_PROGRAM_NAME_LIST_H
#define MR_PROGRAM_NAME_LIST_H

#include "mapreduce.h"

struct mr_name_list {
    char **at; /* each in bytes */
    size_t count;
    char *bytes; /* the file's */
};

/* Whether a name is -, or of what standard input is, such as /dev/stdin, where that can be read but
 * once: a pipe, a socket or a terminal. */
bool mr_name_is_standard_input(const char *name);

/* Reads the file at path, - for standard input. Returns 0 or -1; free them in any case. */
int mr_name_list_read(struct mr_name_list *names, const char *path, struct mr_error *err);

void mr_name_list_free(struct mr_name_list *names);

#endif
