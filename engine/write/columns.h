/*
 * Columns: what a line of the result has besides a key and a value, and what all of it is called
 * where the format has names, as jsonl does.
 *
 * A job may say how a key or a value that is bytes is cut into columns (struct mr_column); without
 * that it is one, called as the job calls it:
 *
 *     columns     key_name "word"         { "places", MR_LIST, ' ' },
 *                                         { "file", MR_TEXT, '\0' }, { "offset", MR_NUMBER }
 *     a record    the                     a.txt\0 7 b.txt\0 0         (without the blanks around 7)
 *     its line    {"word":"the","places":[{"file":"a.txt","offset":7},{"file":"b.txt","offset":0}]}
 *
 * A text is cut as it comes, piece by piece: what it is cut by is known of each column, and so
 * nothing of it is kept but a number, until it is seen to be one.
 */
#ifndef MR_WRITE_COLUMNS_H
#define MR_WRITE_COLUMNS_H

#include "base/buffer.h"
#include "mapreduce.h"

enum { MR_HEAD_SLACK = 16 }; /* bytes behind a head that may be read */

/* A column whose name is ready to be written. */
struct mr_named_column {
    const char *head; /* "name": with quotes and colon, escaped */
    size_t head_size;
    enum mr_column_type type;
    unsigned char end;
};

/* Those of a key or of a value: none where it is not shown. */
struct mr_named_columns {
    const struct mr_named_column *at;
    size_t count;
};

struct mr_columns {
    bool documents; /* in how many inputs a key stands: the record's value has it (store/part.h), */
    bool places;    /* and the number, where the record's own is the key's place in the order */
    /* The name of an input, by the rank in the group (store/group.h) that keys begin with; NULL:
     * they begin with none. */
    const char *(*input_name)(const void *inputs, uint64_t source);
    const void *inputs;
    struct mr_named_columns key, value;
    struct mr_named_column *members; /* of both, */
    struct mr_buffer heads;          /* and their heads */
};

/* Names what a job, fitted to its options, makes: pairs, or keys with numbers. Returns 0 or -1;
 * release it in either case. */
int mr_columns_name(struct mr_columns *c, const struct mr_job *job, bool pairs,
                    struct mr_error *err);
void mr_columns_release(struct mr_columns *c);

/* What columns are called where nobody says: those of pairs, and of keys with numbers. */
extern const struct mr_columns mr_columns_pairs, mr_columns_counts;

/* Where the members of an object go: what is written as it is, and what stands between the quotes
 * of a text. Return 0 or -1. */
struct mr_column_sink {
    int (*mark)(void *arg, const char *text, size_t size, struct mr_error *err);
    int (*text)(void *arg, const unsigned char *bytes, size_t size, struct mr_error *err);
    void *arg;
    struct mr_error *err;
};

enum { MR_NUMBER_MAX = 128 }; /* characters of a number, at most: more are a text */

/* Cuts a text into members, and writes them. */
struct mr_cutter {
    const struct mr_column_sink *sink;
    const struct mr_named_column *list; /* those behind it are of its items; NULL: there is none */
    const struct mr_named_column *at;   /* the one that is written */
    const struct mr_named_column *last;
    bool numeric; /* the value at hand may yet be a number: */
    unsigned digits; /* its characters so far */
    char number[MR_NUMBER_MAX];
};

/* The text begins, which may not be its object's first; more of it comes; it ends. Members that it
 * has not enough for are left out. Return 0 or -1. */
int mr_cut_begin(struct mr_cutter *c, const struct mr_named_columns *members, bool first,
                 const struct mr_column_sink *sink);
int mr_cut_add(struct mr_cutter *c, const unsigned char *bytes, size_t size);
int mr_cut_end(struct mr_cutter *c);

#endif
