/*
 * Records on their way between wc-mr, which has lines, and a program, which may have frames:
 *
 *     lines       be TAB 1 LF              as struct records has them; all that most jobs have
 *     typed       07 00000002 "be" 03 00000001               a key and a value (typed.h)
 *     raw         00000002 "be" 00000004 00000001            the size of each, and its bytes
 *     key only    be LF                    without the value
 *     marked      <page>to be</page>       what stands from a mark to another: a key with no value
 *
 * From the mapper to the reducer, frames are sortable lines, in which keys compare as their bytes
 * do: 0e stands before what is 0 to 0e, to which 10 is added, and a tab between key and value.
 *
 *     07 00 be    ->    0e 17  0e 10  be
 *
 * What a key or value is, Hadoop has a class for, which decides how it is written elsewhere: text
 * becomes a string of typed bytes, an offset a long. Of frames, a whole record is in memory.
 */
#ifndef HADOOP_FRAMING_H
#define HADOOP_FRAMING_H

#include "mapreduce.h"
#include "records.h"
#include "typed.h"

enum form {
    FORM_LINES,
    FORM_NUMBERED, /* lines of a file: read with their offsets as keys */
    FORM_MARKED,   /* what stands in a file between marks: only read */
    FORM_TYPED,
    FORM_RAW,
    FORM_KEY_ONLY,
    FORM_SORTABLE, /* lines, between mapper and reducer */
    FORM_RESULT,   /* lines of the result, in Java's words */
    FORM_BYTES     /* read as they are, and so written */
};

/* Hadoop's classes. */
enum class {
    CLASS_TEXT,
    CLASS_NUMBER, /* a long, here in digits */
    CLASS_BYTES,
    CLASS_TYPED,
    CLASS_NULL
};

struct framing {
    /* What is done. */
    struct records lines;   /* how lines are cut into keys and values, and written */
    enum form from, to;
    enum class key, value;  /* of what is read */
    bool no_key;            /* to FORM_LINES: values only */
    const char *begin, *end; /* FORM_MARKED: the marks, which are parts of the record */
    const char *file;       /* then: where a record may go on; NULL: it does not */
    bool last;              /* then: no record begins behind the one at hand */

    /* What has been done; lines.lines counts records, too. */
    uint64_t offset;        /* FORM_NUMBERED: of the next line in its file; set before the first;
                               FORM_MARKED: of the next byte */
    unsigned mark;          /* bytes of a byte order mark before it, which count as its own */
    const char *made;       /* by the last call */
    size_t made_size;

    /* Its own. */
    struct mr_buffer in, out;
    size_t looked, key_size; /* of the record at in's beginning; key_size: once its key has ended */
    struct typed_scan scan;
};

/* Converts bytes as they come: made and made_size are what they have become, until the next call.
 * Returns 0 or -1. */
int framing_convert(struct framing *f, const char *bytes, size_t size, struct mr_error *err);

/* FORM_MARKED: whether a record has begun and not ended. */
bool framing_is_within(const struct framing *f);

/* The same at the end, for what has no end of its own; one between marks is no record then. */
int framing_end(struct framing *f, struct mr_error *err);

void framing_free(struct framing *f);

#endif
