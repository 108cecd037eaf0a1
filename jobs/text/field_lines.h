/*
 * Lines of fields: what jobs about tables read of each file.
 *
 *     sales.csv   name,amount        with --header: left out
 *                 a,1.5 CR           a | 1.5
 *                 "a,b",1            "a | b" | 1        with --quoted: a,b | 1
 *
 * Lines end at LF, CR LF or a lone CR. Fields end at the byte of -t; without, at commas in .csv and
 * tabs in .tsv, else at white space.
 */
#ifndef FIELD_LINES_H
#define FIELD_LINES_H

#include "bytes.h"
#include "quoted.h"
#include "table.h"

/* What was asked for; part of a job's state, called lines. */
struct field_lines {
    bool separated; /* a separator was given: */
    int separator;  /* a byte */
    bool header;    /* each file's first line has names: it is left out */
    bool quoted;    /* fields may stand in quotes, with line ends in them: */
    struct table table; /* how files are cut then */
};

/* To be called when all options are taken, and at the end. */
int field_lines_ready(struct field_lines *f, struct mr_error *err);
void field_lines_release(struct field_lines *f);

/* How the file at a path is cut: as records and quotes of struct mr_job. */
const struct mr_records *field_lines_records(const struct field_lines *f, const char *path);
const struct mr_quotes *field_lines_quotes(const struct field_lines *f, const char *path);

/* Reads the header of a file, by its first chunk, cut as its lines are. Returns 0 or -1; free it in
 * either case. */
int field_lines_read_header(const struct field_lines *f, const struct mr_chunk *first,
                            struct header *header, struct mr_error *err);

/* Where it is among a chunk's lines. */
struct line_place {
    size_t at;                   /* the next line, */
    size_t behind_lf, behind_cr; /* and what stands behind the next of these, if known: greater */
};

/* The lines of a chunk but a header, one after the other, and the fields of each. */
struct field_rows {
    const struct mr_chunk *chunk;
    int separator;
    bool quoted;
    bool more;                 /* with quotes: the line has another field */
    const unsigned char *line; /* where it begins */
    size_t size, at;           /* without quotes: it ends, and its next field begins */
    struct line_place place;
    struct quoted q;           /* what reads those with quotes */
    unsigned char *values;     /* memory for a line's values */
};

/* Begins with a chunk; of lines with quotes, values get the memory. Returns 0 or -1. */
int field_rows_begin(struct field_rows *r, const struct field_lines *f,
                     const struct mr_chunk *chunk, struct bytes *values, struct mr_context *out);

/* Goes to the next line. Returns false after the last. */
bool field_rows_next(struct field_rows *r);

/* Goes back to the line's first field. What was given of it stands. */
void field_rows_again(struct field_rows *r);

/* Gives the line's next field, behind which MR_CHUNK_PAD bytes may be read; it stands until the
 * next line. Returns false after the last. With quotes, a line of no bytes has none. */
static inline bool field_rows_field(struct field_rows *r, struct field *field)
{
    if (!r->quoted)
        return field_next(r->line, r->size, r->separator, &r->at, field);
    if (!r->more)
        return false;
    r->more = quoted_next(&r->q, field);
    return true;
}

/* Takes the next field of an option's list: its number, from 1 on, or, with a header, its name, in
 * quotes or not, to name, which has room for all of the list; *number becomes 0 then. *list goes on
 * to the next, and is NULL behind the last. Returns 0 or -1. */
int field_lines_take(const struct field_lines *f, const char **list, const char *option,
                     char *name, uint64_t *number, struct mr_error *err);

/* The same for an option of one field. */
int field_lines_take_one(const struct field_lines *f, const char *text, const char *option,
                         char *name, uint64_t *number, struct mr_error *err);

void field_lines_identify(const struct field_lines *f, struct mr_identity *to);

/* Takes the argument of -t. Returns 0 or -1. */
int field_lines_separate(struct field_lines *f, const char *argument, struct mr_error *err);

/* Make set_separator, set_header and set_quoted, which take -t, --header and --quoted. */
#define JOB_SEPARATOR(state_type)                                                         \
    static int set_separator(void *state, const char *argument, struct mr_error *err)     \
    {                                                                                     \
        return field_lines_separate(&((struct state_type *)state)->lines, argument, err); \
    }
#define JOB_LINES_FLAG(state_type, name)                                           \
    static int set_##name(void *state, const char *argument, struct mr_error *err) \
    {                                                                              \
        (void)argument;                                                            \
        (void)err;                                                                 \
        ((struct state_type *)state)->lines.name = true;                           \
        return 0;                                                                  \
    }
#define JOB_HEADER(state_type) JOB_LINES_FLAG(state_type, header)
#define JOB_QUOTED(state_type) JOB_LINES_FLAG(state_type, quoted)

#endif
