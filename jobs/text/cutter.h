/*
 * The cutter: from lines to the tokens that their fields are.
 *
 * All bytes that mean something (what ends a line, what separates fields) are found 64 bytes at a
 * time; then it goes from one to the next. With fields 1 and 3 chosen, cut at commas:
 *
 *     bytes     a , b , c \n  d \n        the second line has too few fields
 *     field     1   2   3     1
 *     tokens    a,c           d
 *
 * With quotes, as Python's csv module reads them, a field's value is what is between them; of two
 * together there, one. A line then ends outside of quotes only.
 *
 *     bytes     "a,""b""",c\n      fields a,"b" and c
 *
 * Where only the first fields of long lines are chosen, lines are found first, and only their
 * beginnings are looked at; with quotes, as long as no quote comes:
 *
 *     bytes     a,b,c,d,e\n"f",g\n      of the first line a, the second byte by byte
 *
 * Where it is in a line is kept from one chunk to the next, as a large line comes in parts; so is
 * the token (batch.h).
 */
#ifndef CUTTER_H
#define CUTTER_H

#include "batch.h"
#include "fields.h"
#include "selection.h"

enum { CUTTER_PIECE = 4096 }; /* bytes looked through at a time */

/* How lines are cut. The first is what the engine knows it by. */
struct layout {
    struct mr_records lines;  /* their ends: LF, CR LF, CR; or NUL; or LF alone */
    struct mr_byteset marks;  /* these and what separates fields */
    struct mr_byteset stops;  /* these and quotes, where these are minded */
    int separator;            /* a byte, or WHITE: runs of white space, or UNCUT, or SEVERAL: */
    struct field delimiter;   /* these bytes, of which the first is a mark */
    bool quoted;              /* fields may be in quotes: the values in them are meant */
    struct mr_quotes quotes;  /* then: */
    bool one_line_rows;       /* and none has the end of a line in it: that is an error */
    bool header;              /* a file's first line has names: it is passed over */
    bool each;                /* each field chosen is a token of its own */
};

/* Makes the layout for a separator, as fields.h has it, but WHITE is all of ASCII's white space.
 * What ends lines separates no fields. */
void layout_init(struct layout *l, int separator);

/* Has lines end at this byte alone, of which none is the separator. */
void layout_end_at(struct layout *l, unsigned char line_end);

/* Has fields separated by several bytes, which stay the caller's and have none that ends lines.
 * To be called when line ends are settled. */
void layout_cut_at(struct layout *l, struct field delimiter);

/* Whether the layout's several bytes stand at the beginning of these. */
bool layout_delimits(const struct layout *l, const unsigned char *bytes, size_t size);

/* Has quotes minded in a layout whose separator is a byte. */
void layout_quote(struct layout *l);

/* How a field stands with quotes: not begun; without; in them; behind one that may have closed. */
enum quoting { NOT_BEGUN, UNQUOTED, QUOTED, CLOSED };

/* Where it is in a line. */
struct line_state {
    const struct span *span; /* the chosen fields that are current, or come next */
    uint64_t field;          /* the number of the current one, or of the last */
    bool in_line;            /* a line has begun and not ended, */
    bool in_field;           /* with white space: and a field, not what is between two; */
    enum quoting quoting;    /* of the field, with quotes */
    size_t held;             /* bytes of a delimiter of several that may stand at a part's end */
    bool chosen;             /* it is chosen */
    bool joining;            /* the token has a field */
    bool heading;            /* the line is a header: none of its fields is chosen */
};

/* A task's; it starts as zeros. */
struct cutter {
    struct batch batch;
    struct line_state state;
    uint64_t short_lines; /* that had too few fields, in this chunk */
    uint32_t found[CUTTER_PIECE + MR_FIND_SLACK];
};

/* Emits the chosen fields of each line. chosen may be another for another file. Returns 0 or -1. */
int cutter_map(struct cutter *c, const struct layout *l, const struct chosen *chosen,
               const struct mr_chunk *chunk, struct mr_context *out);

#endif
