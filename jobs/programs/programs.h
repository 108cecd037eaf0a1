/*
 * Programs as mapper and reducer: what both sides share. Between them the lines are records
 * (keyed_line.h).
 */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "exchange.h"
#include "keyed_line.h"
#include "recent.h"
#include "tab_keys.h"
#include "tab_record.h"

struct programs {
    const char *mapper;   /* a command; NULL: lines are taken as they are */
    const char *combiner; /* NULL: none */
    const char *reducer;  /* NULL: none */
    struct line_keys keys;
    bool numeric, reverse; /* how keys are sorted by that do not say so themselves */
    /* Of a job that has one program only (mixed.h): what emits a line of its mapper's, or a part of
     * one, NULL: as a keyed line; whether it is to get lines whole; and whether values come to its
     * reducer without the separator before them. */
    int (*emit)(const struct programs *p, struct mr_context *out, const unsigned char *line,
                size_t size, enum mr_part part);
    bool whole_lines;
    bool bare_values;
    bool numbers; /* these are numbers, so that only the last separator stands before one */
};

enum {
    PROGRAM_GATHERED = 256 << 10, /* bytes that are fed at once */
    PROGRAM_LINE = 16 << 10,      /* of a line that is put together before */
    PROGRAM_MANY = 64,            /* values that are taken at once */
    PROGRAM_SHORT = 16,           /* bytes that are copied as registers, of which most lines'
                                     beginnings have fewer */
    PROGRAM_COMBINED = 64 << 10   /* the same to a combiner */
};

/* What a map task's combiner is to get (combiner_program.c). */
struct program_combiner {
    const struct line_keys *keys;
    unsigned char *region;
    size_t room, used, count;
    struct exchange exchange;
    struct recent recent; /* of what it is fed, where a key may be passed over; */
    struct keyed_line line;
    size_t fill;
    unsigned char fed[PROGRAM_COMBINED];
};

/* Where a program's input leaves out bytes of the file, as bad records are passed over. */
struct program_gap {
    uint64_t at; /* bytes before it that the program gets */
    uint64_t size;
};

/* A map task. */
struct program_mapper {
    const struct programs *programs;
    struct exchange exchange;
    uint64_t source;     /* the rank of the file that the program gets */
    const char *file;    /* its name */
    uint64_t start;      /* where in it the program's input begins */
    uint64_t given, left_out; /* bytes of it that the program gets so far, and that it does not */
    struct program_gap *gaps;
    size_t gap_count, gap_room;
    bool unended;        /* the last line so far has no end */
    struct recent recent;
    struct keyed_line line;
    struct tab_record record; /* of a line that comes in parts, for another job; */
    struct bytes gathered;    /* where it is to be whole, */
    size_t fill;              /* so many bytes */
    struct program_combiner combiner;
};

/* A reduce task. */
struct program_reducer {
    struct exchange exchange;
    uint64_t records; /* so far */
    const unsigned char *line; /* the last one, of so many bytes; NULL: it is too long, */
    size_t line_size;
    struct shown_line last; /* and this is its beginning */
    uint64_t given;         /* bytes so far */
    struct recent recent;   /* of what it was fed, where a key may be passed over; */
    struct keyed_line keyed;
    struct tab_keys tabs;
    size_t fill;
    unsigned char gathered[PROGRAM_GATHERED + PROGRAM_SHORT];
};

/* As the functions of struct mr_job that they are, with a struct programs for state. */
int program_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out);
int program_map_end(const void *state, void *task, struct mr_context *out);
int program_reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                   struct mr_context *out);
int program_reduce_pairs(const void *state, const struct mr_pair *pairs, size_t count,
                         struct mr_context *out);
int program_reduce_end(const void *state, void *task, struct mr_context *out);

/* Adds a line to those that the combiner is to get, with the map task's context; before that has
 * what was added combined, where there is no room for more. A line that is too large, or a part of
 * one, is not added, and is to be emitted. Returns 0 or -1. */
int program_combiner_add(const struct programs *p, struct program_combiner *c,
                         struct mr_context *out, const unsigned char *line, size_t size,
                         enum mr_part part, bool *added);

/* Has all that was added combined. Returns 0 or -1. */
int program_combine(const struct programs *p, struct program_combiner *c, struct mr_context *out);

void program_combiner_free(struct program_combiner *c);

#endif
