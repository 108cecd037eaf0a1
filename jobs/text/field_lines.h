/*
 * Lines of fields: what jobs about tables read of each file.
 *
 *     sales.csv   name,amount        with --header: left out
 *                 a,1.5 CR           a | 1.5
 *
 * Lines end at LF, CR LF or a lone CR. Fields end at the byte of -t; without, at commas in .csv and
 * tabs in .tsv, else at white space.
 */
#ifndef FIELD_LINES_H
#define FIELD_LINES_H

#include "fields.h"
#include "header.h"

/* What was asked for; part of a job's state, called lines. */
struct field_lines {
    bool separated; /* a separator was given: */
    int separator;  /* a byte */
    bool header;    /* each file's first line has names: it is left out */
};

/* How the file at a path is cut. */
const struct mr_records *field_lines_records(const struct field_lines *f, const char *path);

/* What separates the fields of a chunk. */
int field_lines_separator(const struct field_lines *f, const struct mr_chunk *chunk);

/* Where it is among a chunk's lines; it starts as zeros. */
struct line_place {
    size_t at;                   /* the next line, */
    size_t behind_lf, behind_cr; /* and what stands behind the next of these, if known: greater */
};

/* Gives the chunk's next line, without its end: LF, CR LF or CR. Returns false after the last. */
bool field_lines_next(const struct field_lines *f, const struct mr_chunk *chunk,
                      struct line_place *place, const unsigned char **line, size_t *size);

/* Reads the header of a file, by its first chunk, cut as its lines are. Returns 0 or -1; free it in
 * either case. */
int field_lines_read_header(const struct field_lines *f, const struct mr_chunk *first,
                            struct header *header, struct mr_error *err);

/* Takes what an option says of a field: its number, from 1 on, or, with a header, a name, for which
 * *number becomes 0. Returns 0 or -1. */
int field_lines_find(const struct field_lines *f, const char *text, const char *option,
                     uint64_t *number, struct mr_error *err);

void field_lines_identify(const struct field_lines *f, struct mr_identity *to);

/* Takes the argument of -t. Returns 0 or -1. */
int field_lines_separate(struct field_lines *f, const char *argument, struct mr_error *err);

/* Make set_separator and set_header, which take -t and --header. */
#define JOB_SEPARATOR(state_type)                                                         \
    static int set_separator(void *state, const char *argument, struct mr_error *err)     \
    {                                                                                     \
        return field_lines_separate(&((struct state_type *)state)->lines, argument, err); \
    }
#define JOB_HEADER(state_type)                                                     \
    static int set_header(void *state, const char *argument, struct mr_error *err) \
    {                                                                              \
        (void)argument;                                                            \
        (void)err;                                                                 \
        ((struct state_type *)state)->lines.header = true;                         \
        return 0;                                                                  \
    }

#endif
