/*
 * Counted: lines that have a word and its count already, as --format writes them, read back.
 *
 *     tsv     the<TAB>12                     count behind the last tab
 *     uniq         12 the                    blanks, count, a blank; all else is the word
 *     csv     "say ""a, b""",12              in quotes where there are any, or , or line ends
 *     jsonl   {"word":"a\tb","count":12}     with just these names, blanks and escapes
 *
 * A line is what one of these writes, and nothing else is one: a count is 1 or more and begins with
 * no zero. Lines end at LF; in all but uniq, where a word may end with CR, at CR LF, too. Only in
 * csv may a line have line ends in it.
 */
#ifndef COUNTED_H
#define COUNTED_H

#include "mapreduce.h"

enum counted_format {
    COUNTED_NOT, /* the input is to be counted yet */
    COUNTED_TSV,
    COUNTED_UNIQ,
    COUNTED_CSV,
    COUNTED_JSONL
};

/* Finds a format by its name; NULL: the usual one. COUNTED_NOT where there is none of that name. */
enum counted_format counted_find(const char *name);

struct counted_word {
    const unsigned char *bytes; /* in the line, or where it is put together */
    size_t size;
    uint64_t count;
};

enum counted_kind { COUNTED_LINE, COUNTED_NONE, COUNTED_TOO_LARGE };

/* Reads a line, without its end. Where its word is not as it stands there, it is put together in
 * scratch, which has as many bytes as the line. */
enum counted_kind counted_read(enum counted_format format, const unsigned char *line, size_t size,
                               unsigned char *scratch, struct counted_word *word);

/* What a job of such lines has: its records and quotes (NULL: none), and what emits each word with
 * its count, and passes over a file's first line where that is a header. Records are whole, and a
 * task's memory is a struct bytes. */
const struct mr_records *counted_records(enum counted_format format);
const struct mr_quotes *counted_quotes(enum counted_format format);
int counted_map(enum counted_format format, bool header, const struct mr_chunk *chunk,
                struct mr_context *out);

#endif
