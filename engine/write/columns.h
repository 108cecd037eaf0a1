/*
 * Columns: what a line of the result has besides a key and a value, and what all of it is called
 * where the format has names, as jsonl does.
 *
 * A job may say how a key or a value that is bytes is cut into columns (struct mr_column); without
 * that it is one, called as the job calls it:
 *
 *     columns     key_name "file"     { "word", MR_COLUMN_TEXT, '\t' },
 *                                     { "count", MR_COLUMN_NUMBER }
 *     a record    a.txt               the<TAB>12
 *     jsonl       {"file":"a.txt","word":"the","count":12}     by object.h
 *     csv         a.txt,the,12                                 by separated.h
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

static inline bool mr_column_is_list(enum mr_column_type type)
{
    return type == MR_COLUMN_LIST || type == MR_COLUMN_FIELDS;
}

/* Whether the field of a column has an end but the text's, which is the column's byte then. */
static inline bool mr_field_has_end(enum mr_column_type type, bool last)
{
    return type == MR_COLUMN_FIELDS || (type != MR_COLUMN_LIST && !last);
}

/* Those of a key or of a value: none where it is not shown. */
struct mr_named_columns {
    const struct mr_named_column *at;
    size_t count;
    int end; /* the byte that ends each of its fields but the last (separated.h), or: */
};
enum { MR_ONE_FIELD = -1, MR_ENDS_DIFFER = -2 };

struct mr_columns {
    bool documents; /* in how many inputs a key stands: the record's value (store/partial.h), */
    bool places;    /* and the number, where the record's own is the key's place in the order */
    /* The name of an input, by the rank in the group (store/group.h) that keys begin with; NULL:
     * they begin with none. */
    const char *(*input_name)(const void *inputs, uint64_t source);
    const void *inputs;
    struct mr_named_columns key, value;
    struct mr_named_column *named; /* of both, */
    struct mr_buffer heads;        /* and their heads */
};

/* Names what a job, fitted to its options, makes: pairs, or keys with numbers. Returns 0 or -1;
 * release it in either case. */
int mr_columns_name(struct mr_columns *c, const struct mr_job *job, bool pairs,
                    struct mr_error *err);
void mr_columns_release(struct mr_columns *c);

/* What columns are called where nobody says: those of pairs, of values alone, and of keys with
 * numbers. */
extern const struct mr_columns mr_columns_pairs, mr_columns_value, mr_columns_counts;

/* Where columns go: what is written as it is, and what a column has, whose bytes are perhaps to be
 * escaped. Return 0 or -1. */
struct mr_column_sink {
    int (*mark)(void *arg, const char *text, size_t size, struct mr_error *err);
    int (*text)(void *arg, const unsigned char *bytes, size_t size, struct mr_error *err);
    void *arg;
    struct mr_error *err;
};

#endif
