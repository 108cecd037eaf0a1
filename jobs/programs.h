/*
 * Programs as mapper and reducer: what both sides share. Between them the lines are records
 * (keyed_line.h).
 */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "exchange.h"
#include "keyed_line.h"

struct programs {
    const char *mapper;  /* a command; NULL: lines are taken as they are */
    const char *reducer; /* NULL: none */
    struct line_keys keys;
    bool numeric, turned; /* what is sorted by, where no key says so itself */
};

/* A map task. */
struct program_mapper {
    const struct programs *programs;
    struct exchange exchange;
    uint64_t source;     /* the rank of the file that the program gets */
    const char *file;    /* its name */
    uint64_t start;      /* where in it the program's input begins */
    bool unended;        /* the last line so far has no end */
    struct keyed_line line;
};

enum {
    PROGRAM_GATHERED = 256 << 10, /* bytes that are fed at once */
    PROGRAM_KEY_SHOWN = 100       /* bytes of a key, in a message */
};

/* A reduce task. */
struct program_reducer {
    struct exchange exchange;
    uint64_t records; /* so far */
    char key[PROGRAM_KEY_SHOWN + 1];
    size_t fill;
    unsigned char gathered[PROGRAM_GATHERED];
};

int program_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out);
int program_map_end(const void *state, void *task, struct mr_context *out);
int program_reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                   struct mr_context *out);
int program_reduce_end(const void *state, void *task, struct mr_context *out);

#endif
