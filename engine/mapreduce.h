/*
 * mapreduce.h: what a job is, how it emits, and how it is run. The only header a job includes.
 *
 * A job turns input bytes into (key, value) records and says what becomes of each key. The
 * engine cuts the input into splits of whole records, runs `map` over them in forked
 * processes, combines the values of equal keys, partitions the keys by hash, brings each
 * partition together in forked reducers, puts the result in a total order and writes it.
 *
 * Counting lines by their first byte, as a whole job:
 *
 *     static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
 *     {
 *         const unsigned char *line;
 *         size_t at = 0, size;
 *         while (mr_line_next(chunk, &at, &line, &size))
 *             if (mr_emit(out, line, size > 0, 1) < 0) // an empty line's is the empty key
 *                 return -1;
 *         return 0;
 *     }
 *     const struct mr_job firsts = { .name = "firsts", .map = map, .whole_records = true };
 *
 * Values are 64-bit numbers, or bytes. Keys are bytes of any length and content.
 */
#ifndef MAPREDUCE_H
#define MAPREDUCE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- errors ----------------------------------------------------------------------------- */

/* What went wrong, as one line for a person. Filled in by a function that returns -1. */
struct mr_error {
    int code;         /* the errno behind it, or 0 */
    int signal;       /* the signal that ended the run, or 0 */
    bool final;       /* another attempt cannot cure it */
    uint64_t damaged; /* the id of a temporary file that is not what was written, or 0 */
    char text[2024];  /* object, operation, cause, way out; printable, no newline */
};

/* Says what went wrong, as printf would, but in one printable line: what cannot be shown becomes
 * an escape such as \n or \033, and in what the format has in quotes ('%s'), which is to be a
 * name, quotes and backslashes do too. Returns -1. */
int mr_error_set(struct mr_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- input ------------------------------------------------------------------------------ */

/* A set of byte values; byte b is in it when has[b] is 1. */
struct mr_byteset {
    unsigned char has[256];
};

/* How an input is cut into records. CR LF counts as one end where both bytes are ends. */
struct mr_records {
    struct mr_byteset ends; /* the bytes that end a record */
};

/* How quotes keep what ends records and fields from ending them, as in CSV (RFC 4180): where a
 * field begins with a quote, the next quote that is not doubled closes it. Elsewhere a quote is a
 * byte like any other. */
struct mr_quotes {
    unsigned char quote, separator; /* the latter, and what ends records, has a field behind it */
};

/* Lines that end at LF alone, as grep and sort have them: a CR is a byte like any other. */
extern const struct mr_records mr_lines;

/* How many bytes after a chunk's data may be read (not used): lets map load whole registers. */
enum { MR_CHUNK_PAD = 64 };

/* Which part of its records a chunk holds. A record larger than the mapper's buffer arrives
 * in parts of its own: MR_FIRST, any number of MR_MIDDLE, MR_LAST (which has its end, unless
 * the file ends there). No part cuts a valid UTF-8 sequence in two. A job that says whole_records
 * has no parts. */
enum mr_part { MR_WHOLE, MR_FIRST, MR_MIDDLE, MR_LAST };

/* A piece of one input file that map is handed. Each file gives one at least: one that is empty
 * gives a chunk of no bytes. */
struct mr_chunk {
    const unsigned char *data;
    size_t size;                      /* bytes; below 4 GiB */
    const struct mr_records *records; /* what the job chose for this file, */
    const struct mr_quotes *quotes;   /* and whether these are to be minded, or NULL */
    enum mr_part part;
    bool begins_file; /* the file has no bytes before it, or only a byte order mark */
    bool ends_file;   /* the file has no bytes behind this chunk */
    const char *file; /* its name, as it was given or found; "-" is standard input */
    uint64_t source;  /* its rank among all inputs, from 0, in their order */
    uint64_t sources; /* how many inputs there are */
    uint64_t offset;  /* of data[0] in the file, in what it is decoded to */
    const void *note; /* what begin_file has left about the file, or NULL */
};

/* Gives the next line of a chunk of mr_lines, without its LF: its bytes stand in the chunk. *at
 * begins as 0. False when there is no more.
 *
 *     size_t at = 0, size;
 *     const unsigned char *line;
 *     while (mr_line_next(chunk, &at, &line, &size))
 *         ... *line starts at chunk->offset + (line - chunk->data)
 */
bool mr_line_next(const struct mr_chunk *chunk, size_t *at, const unsigned char **line,
                  size_t *size);

/* ---- in a task -------------------------------------------------------------------------- */

/* What each of a job's functions is handed that runs in a task: by it they emit, count, and say why
 * they fail. */
struct mr_context;

/* Says why the function fails, in one printable line, as printf would. Returns -1, for the function
 * to return; without it the run's error can only name the job and the function. The task is tried
 * again, as after a crash, unless it fails for good: no other attempt would do better. */
int mr_fail(struct mr_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int mr_fail_for_good(struct mr_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says which record is at fault should the function fail or crash from now on: the one that begins
 * at this byte of its source (struct mr_chunk) and has size bytes: these, or NULL where they are
 * not at hand; with size 0, none, so that nothing is passed over. Without a call, it is the record
 * or key that the function was handed. */
void mr_blame(struct mr_context *context, uint64_t source, uint64_t offset, const void *bytes,
              uint64_t size);

/* The same of a key, in reduce or in a map task that finds it before: it and its values. By itself
 * it is, in reduce, the key at hand. */
void mr_blame_key(struct mr_context *context, const void *key, size_t size);

/* Says what people know the key by that was blamed last, where its bytes are made for their order:
 * these bytes stand for it in messages. */
void mr_show_key(struct mr_context *context, const void *bytes, size_t size);

/* Whether records or keys at fault may be passed over (mr_config.skip_bad_records), and whether
 * this key will be, once it comes to reduce. */
bool mr_may_skip(const struct mr_context *context);
bool mr_is_passed_over(const struct mr_context *context, const void *key, size_t size);

/* A job may count what it likes, by names: at most MR_COUNTERS_MAX of them in a run, each of at
 * most MR_COUNTER_NAME - 1 bytes. What a task has counted counts once, however often the task was
 * tried; the sums are in struct mr_report. */
enum { MR_COUNTERS_MAX = 64, MR_COUNTER_NAME = 64 };

struct mr_counter {
    char name[MR_COUNTER_NAME];
    uint64_t count; /* UINT64_MAX where it is more */
};

/* Adds n to the counter of that name, which the first use of the name makes. Too many names, or one
 * that is too long, end the run with an error. */
void mr_count(struct mr_context *context, const char *name, uint64_t n);

/* The task's own memory; see task_size and reduce_task_size in struct mr_job. In combine_values it
 * is the map task's. */
void *mr_task(struct mr_context *context);

/* The task's number, from 0 in each stage: the same whenever it is tried. */
uint64_t mr_task_number(const struct mr_context *context);

/* Whether what map emits is the result: there is no reducer, or none is asked for
 * (mr_config.no_reduce). */
bool mr_is_result(const struct mr_context *context);

/* Whether the result will be cut into columns (struct mr_column), and whether lists among them will
 * be cut into their items, too. Then a job may end what is cut by a byte that cannot be in it, as
 * NUL cannot be in a file's name: nobody is shown it. */
bool mr_has_columns(const struct mr_context *context);
bool mr_has_lists(const struct mr_context *context);

/* Whether, in a map task, the result's order is turned round: by the job (reverse in struct mr_job)
 * or by mr_config.reverse, but not by both. */
bool mr_is_reversed(const struct mr_context *context);

/* How many bytes of memory a map task may allocate, to gather what it is to emit: a part of its
 * share of mr_config.memory. */
size_t mr_map_memory(const struct mr_context *context);

/* Says that the task makes progress: for a function that takes long in one call, whose task would
 * be taken for hung otherwise (see task_timeout in struct mr_config). */
void mr_progress(struct mr_context *context);

/* ---- emitting --------------------------------------------------------------------------- */

/* Emits (key, value); key has size bytes and is copied. Returns 0, or -1: map returns -1 too. */
int mr_emit(struct mr_context *out, const void *key, size_t size, uint64_t value);

/* Emits (key, value) of a job whose values are bytes; both may have any size, none too, and are
 * copied. Returns as mr_emit. */
int mr_emit_value(struct mr_context *out, const void *key, size_t key_size, const void *value,
                  size_t value_size);

/* The same for a key and a value that are not in memory whole: a pair begins, any number of times
 * bytes are added to its key, and then to its value, and it ends. Map may return within it, to go
 * on with it when it is called again, or at the task's end. */
int mr_pair_begin(struct mr_context *out);
int mr_pair_key(struct mr_context *out, const void *bytes, size_t size);
int mr_pair_value(struct mr_context *out, const void *bytes, size_t size);
int mr_pair_end(struct mr_context *out);

/* Emits each of some lines, between which LFs stand, as a value without a key, where what map emits
 * is the result (mr_is_result); which is faster than one by one, as lines that are only to be
 * written stay together. Returns as mr_emit. */
int mr_emit_lines(struct mr_context *out, const void *lines, size_t size);

/* Has the pair that ends next belong to the partition of these bytes, as if they were its key; by
 * default a pair belongs to the partition of its key. Pairs of equal keys are only brought together
 * where their partitions are the same. Returns as mr_emit. */
int mr_partition_by(struct mr_context *out, const void *bytes, size_t size);

/* Emits one key in parts, for keys that are not in memory whole: every call but the key's
 * last has last false; value is the last call's. Where the job rewrites keys (rekey), no valid
 * UTF-8 sequence is to be cut. Until then nothing else may be emitted; map may return within it, to
 * go on with it when it is called again, or at the task's end, but in a run by_file, with
 * documents, or MR_BY_FIRST only where the record has more parts; else the run ends with an error.
 * Returns as mr_emit. */
int mr_emit_part(struct mr_context *out, const void *bytes, size_t size, bool last,
                 uint64_t value);

/* Emits every longest run of bytes outside the chunk's record ends, with value 1 each: the
 * words, when the ends are white space. Handles all parts. Returns as mr_emit. */
int mr_emit_words(struct mr_context *out, const struct mr_chunk *chunk);

/* What words are, of UTF-8. Bytes that are no part of it are no letters and no white space. */
enum mr_words {
    MR_WORDS_WHITE,  /* as mr_emit_words has them */
    MR_WORDS_UWHITE, /* longest runs of what is neither a record end nor Unicode White_Space */
    MR_WORDS_LETTERS /* longest runs of letters (Alphabetic, M, N, Pc), in which one apostrophe or
                        hyphen (' U+2019 - U+2010) between two of them stays */
};

/* Emits every word by a rule, with value 1 each. The chunk's record ends are ASCII, and ASCII white
 * space is among them. Handles all parts. Returns as mr_emit. */
int mr_emit_words_by(struct mr_context *out, const struct mr_chunk *chunk, enum mr_words rule);

/* What stands in a text, by a rule of words. */
enum mr_word_run {
    MR_RUN_GAP,     /* what no word has */
    MR_RUN_LETTERS, /* what words have, or consist of */
    MR_RUN_JOINER   /* one character that is part of a word where letters stand on both sides */
};

/* Says, in map, what stands at text[*at], which there is, and sets *at behind the run of it: so a
 * job finds words in texts that are no chunks. No valid UTF-8 sequence is to be cut by the text. */
enum mr_word_run mr_word_run_next(struct mr_context *out, enum mr_words rule,
                                  const unsigned char *text, size_t size, size_t *at);

/* Emits every field, empty ones too, with value 1 each. The chunk's record ends are line ends
 * (LF, CR LF, CR; or LF alone) and one delimiter; without one, a line is one field. A line of n
 * delimiters has n+1 fields; the file's last line counts without an end, if it is not empty.
 * Handles all parts. Returns as mr_emit. */
int mr_emit_fields(struct mr_context *out, const struct mr_chunk *chunk);

/* The same for lines that end at this byte alone, as at NUL. Of the record ends, which have it, one
 * more may be the delimiter: LF and CR, too. */
int mr_emit_fields_until(struct mr_context *out, const struct mr_chunk *chunk,
                         unsigned char line_end);

/* Emits many keys, with value 1 each, which is faster than one by one: the i-th is the bytes from
 * at[2 * i] to at[2 * i + 1] of data, behind which MR_CHUNK_PAD more may be read. Returns as
 * mr_emit. */
int mr_emit_many(struct mr_context *out, const unsigned char *data, const uint32_t *at,
                 size_t count);

/* Finds, in map, the bytes of a set in data[0, size), 64 at a time: writes where they stand, plus
 * base, to `to`, which has room for size + MR_FIND_SLACK. MR_CHUNK_PAD bytes behind data may be
 * read. A set is known by its address: it must not change. Returns how many there are. */
enum { MR_FIND_SLACK = 8 };
size_t mr_find(struct mr_context *out, const struct mr_byteset *set, const unsigned char *data,
               size_t size, uint32_t base, uint32_t *to);

/* ---- reducing --------------------------------------------------------------------------- */

/* A key that may be larger than memory, read piece by piece. */
struct mr_key;

/* Gives the key's next bytes; a piece never cuts a valid UTF-8 sequence in two and stands
 * until the next call for this key. Returns 1, 0 after the last piece, or -1 (the caller returns
 * -1 too). */
int mr_key_next(struct mr_key *key, const unsigned char **bytes, size_t *size);

/* Gives all of the key, or what mr_key_next has not given of it, in one piece that stands until
 * reduce returns. Returns 0, or -1 where there is no room for it: reduce has none for a key that is
 * too large for a record (some KB), reduce_values has a part of a reducer's memory. */
int mr_key_whole(struct mr_key *key, const unsigned char **bytes, size_t *size);

/* The size of the key in bytes. */
uint64_t mr_key_size(const struct mr_key *key);

/* Goes back to the key's first byte, so that all of it is given again. */
void mr_key_rewind(struct mr_key *key);

/* The values of a key that are bytes, one after the other in the job's value_order: unless it has
 * another, as they were emitted, which is the order of the input. There may be any number of them,
 * each of any size. */
struct mr_value_list;

/* Goes to the next value; what was not read of the one before is passed over. Returns 1, 0 after
 * the last one, or -1 (the caller returns -1 too). */
int mr_values_next(struct mr_value_list *values);

/* The size of the value that mr_values_next went to, in bytes; 0 where that is none. */
uint64_t mr_values_size(const struct mr_value_list *values);

/* Gives that value's next bytes, as mr_key_next does: 1, 0 after the last piece, or -1. */
int mr_values_read(struct mr_value_list *values, const unsigned char **bytes, size_t *size);

/* Gives all that is left of it in one piece, which stands until the next value. Returns 0, or -1,
 * as when there is not so much memory. */
int mr_values_whole(struct mr_value_list *values, const unsigned char **bytes, size_t *size);

/* Bytes that stand in memory. */
struct mr_bytes {
    const unsigned char *at;
    size_t size;
};

/* Goes on by several values at once, which is faster: gives the next ones, at most so many, that
 * stand in memory whole and have less than 64 KB each; they stand until the next call. Returns how
 * many; where it gives none, mr_values_next tells whether there is another. */
size_t mr_values_many(struct mr_value_list *values, struct mr_bytes *to, size_t most);

/* A key and one of its values, of which the same is true. */
struct mr_pair {
    struct mr_bytes key, value;
};

/* The name of an input, by its rank among them all (struct mr_chunk's file and source): so a value
 * need not have the name. NULL where there is no such input, or outside of a reduce task. */
const char *mr_input_name(const struct mr_context *context, uint64_t source);

/* How many bytes of memory reduce_values may allocate, to hold values: a part of its task's share
 * of mr_config.memory. */
size_t mr_reduce_memory(const struct mr_context *context);

/* Emits, in reduce_values or combine_values, a record of the result: its key (NULL: that of the
 * values) and its value, which are copied. Returns 0, or -1: reduce returns -1 too. */
int mr_emit_result(struct mr_context *out, const void *key, size_t key_size, const void *value,
                   size_t value_size);

/* The same for each of some lines, in a job that is in_sequence, as mr_emit_lines does. */
int mr_result_lines(struct mr_context *out, const void *lines, size_t size);

/* The same for a value that is not in memory whole: its record begins, any number of times bytes
 * are added, and it ends. */
int mr_result_begin(struct mr_context *out, const void *key, size_t key_size);
int mr_result_add(struct mr_context *out, const void *bytes, size_t size);
int mr_result_end(struct mr_context *out);

/* ---- a job ------------------------------------------------------------------------------ */

/* What a job is known by; see identify in struct mr_job. */
struct mr_identity;

/* Adds bytes to it; the second, those of what a person calls name, as "--delimiter (-d)", and is
 * told of by that name where it differs. */
void mr_identify(struct mr_identity *to, const void *bytes, size_t size);
void mr_identify_option(struct mr_identity *to, const char *name, const void *bytes, size_t size);

/* One of a job's own options on the command line. It has a letter, a name, or both. A letter that
 * one of the engine's options has, too, is the job's then, and the engine's option has its name
 * alone; a name that one of the engine's options has is refused. */
struct mr_option {
    int letter;           /* 'd' for -d, a letter or digit; 0 for none */
    const char *name;     /* "delimiter" for --delimiter; NULL for none */
    const char *argument; /* what the argument is called in the help: "X"; "[=X]" where it may be
                             left out; NULL for no argument. "FILE" is a file that is read: a run
                             that would write it is refused */
    const char *help;
    /* Takes the option; argument is NULL where none is given. Returns 0, or -1 (usage). */
    int (*set)(void *state, const char *argument, struct mr_error *err);
};

/* The orders a result can have: total, so that the output is unique. Any other, as that of numbers,
 * is one of keys: map emits keys whose bytes compare in it (an unsigned number as eight bytes, the
 * highest first; a key of which all bits are turned comes in the order from its end), and
 * reduce_values emits its results under the keys that are to be seen, which keep that order. */
enum mr_order {
    MR_BY_VALUE, /* value descending, then key bytes ascending */
    MR_BY_KEY,   /* key bytes ascending */
    MR_BY_FIRST, /* where values are numbers: as the keys were first emitted, in the order of the
                    input */
    MR_ORDERS    /* how many there are */
};

/* What reduce may return. */
enum { MR_OTHERS = 2 };

/* What a job's values are. */
enum mr_values {
    MR_NUMBERS, /* of 64 bits, that combine: mr_emit, combine, reduce */
    MR_BYTES    /* mr_emit_value, reduce_values; the result is in the order of keys: MR_BY_KEY, for
                   which MR_BY_VALUE is taken, too */
};

/* The order in which reduce_values and combine_values are handed a key's values. */
enum mr_value_order {
    MR_AS_EMITTED,    /* that of the input, and of emitting */
    MR_BY_VALUE_BYTES /* ascending, as memcmp has it, a prefix first; so equal ones together. Where
                         there is no reduce_values, the result has them so, too, and its order
                         reversed reverses that of values */
};

/* How a result record is written; the man page has each format's rules. */
enum mr_format {
    MR_TSV, MR_CSV, MR_JSONL, MR_COLON, MR_UNIQ, MR_LINES, MR_KEYS, MR_FORMATS /* how many */
};

/* How a key or a value that is bytes is cut into columns, in each format but MR_LINES: in MR_JSONL
 * they have names, in MR_TSV, MR_CSV and MR_COLON they are fields of the line. The last of them is
 * followed by one of zeros.
 *
 *     columns                                a value      in MR_JSONL             and MR_CSV
 *     { "count", MR_COLUMN_NUMBER, '\t' },
 *     { "sum", MR_COLUMN_NUMBER, 0 }         2<TAB>1.5    "count":2,"sum":1.5     2,1.5
 *     { "sources", MR_COLUMN_LIST, ' ' }     a c          "sources":["a","c"]     a c
 *     { "names", MR_COLUMN_FIELDS, '\n' }    a<LF>c       "names":["a","c"]       a,c
 *     { "places", MR_COLUMN_LIST, ' ' },
 *     { "file", MR_COLUMN_TEXT, ':' },
 *     { "at", MR_COLUMN_NUMBER, 0 }          a:7 c:0      "places":[              a:7 c:0
 *                                                         {"file":"a","at":7},
 *                                                         {"file":"c","at":0}]
 */
enum mr_column_type {
    MR_COLUMN_TEXT,
    MR_COLUMN_NUMBER, /* in decimal, as JSON has numbers; what is none is a text */
    MR_COLUMN_LIST,   /* one item or more: texts or, where columns stand behind it, objects of
                         these. As a field of a line it is one, as the job has written it. */
    MR_COLUMN_FIELDS  /* the same of texts, each of which is a field of the line; no column stands
                         behind it. Of this and MR_COLUMN_LIST there is one at most. */
};

struct mr_column {
    const char *name;
    enum mr_column_type type;
    unsigned char end; /* the byte that ends it, or is between the items of a list; the last column
                          ends where the value, or the item, does */
};

/* Functions from map on run in processes of their own, forked from the program's: one for each
 * attempt of a task, and all parts of a record are one task's. So what they leave in statics lasts
 * from one chunk of a task to the next, is seen by no other task, and is gone when the task is done
 * or tried again. They must return: one that calls exit fails its task, and a C++ exception that
 * leaves one is a crash of it. What they print on standard output would stand in the midst of the
 * result, or be lost, as no buffer is flushed at a process's end; standard error is theirs to
 * use. */
struct mr_job {
    const char *name;
    enum mr_values values;
    enum mr_value_order value_order; /* where they are bytes */

    /* For a job's program (mr_main), and all optional: what it is called in a list and in the help,
     * and what it takes from the command line. */
    const char *summary;  /* what it does, in a line without an end */
    const char *usage;    /* its operands: "PATTERN [FILE]..."; NULL: "[FILE]..." */
    const char *about;    /* lines of the help behind its usage; NULL: the summary */
    const char *examples; /* lines at the help's end */
    const char *key_name, *value_name; /* "word", "count"; NULL: "key", "value"; a key called ""
                                          is no column */
    /* Optional, of results that are bytes: their columns, in the place of these names. */
    const struct mr_column *key_columns, *value_columns;
    const char *sum_name; /* what the sum of all values counts: "tokens"; NULL: "sum of values" */
    const struct mr_option *options; /* ended by one of zeros; NULL for none */
    size_t files; /* how many inputs it takes, neither more nor fewer; 0: any number of them */
    size_t state_size; /* of the job's state, which starts as zeros and is set by its options */
    enum mr_order order;   /* what a program puts in mr_config.order unless told otherwise, */
    enum mr_format format; /* and in mr_config.format; a job of MR_LINES makes lines: where values
                              are numbers, mr_config.top is of them rather than of their keys */
    bool reverse;          /* turns the order round, once more where mr_config.reverse does */
    bool ordered_parts;    /* as mr_config.ordered_parts, always */
    bool no_reduce;        /* as mr_config.no_reduce, always; fit may decide */
    bool internal_values;  /* what map emits is for reduce_values alone to read, in no form that
                              people know: a run without reducers is refused; fit may decide */

    /* Takes an operand that stands before the files. Called for each in its order, after all
     * options, until it returns 0: this one and those behind it are files. Otherwise 1, or -1
     * (usage). */
    int (*operand)(void *state, const char *text, struct mr_error *err);

    /* Called when all options and operands are taken: checks that none is missing and that they go
     * together, and makes of them what map and reduce need. Returns 0, or -1 (usage). */
    int (*ready)(void *state, struct mr_error *err);

    /* Gives back what options, operands and ready have got, at the program's end. */
    void (*release)(void *state);

    /* Optional: fits the job, of which it gets the run's own copy, to its options: to leave out
     * a function that they do not need is faster than to have it do nothing. */
    void (*fit)(const void *state, struct mr_job *job);

    /* Adds to the job's identity all of its state that decides the result (what pointers lead to,
     * not where they point), so that an interrupted run is only gone on with by the same job.
     * Optional; without it, a job that has a state cannot have a work directory. */
    void (*identify)(const void *state, struct mr_identity *to);

    /* How the input at path (NULL for standard input) is cut. Called once for each, in the
     * program's own process, before anything is run. What it returns stands until the run's end;
     * map finds it in each chunk. Optional; without it, as mr_lines says. */
    const struct mr_records *(*records)(const void *state, const char *path);

    /* Optional: the quotes in the input at path, asked for as records are; NULL: none are minded.
     * Records must end at LF, CR LF and CR then, and one may have many of these in quotes. A quote
     * that is never closed ends the run with an error. */
    const struct mr_quotes *(*quotes)(const void *state, const char *path);

    /* Optional: is handed the beginning of each file that is not empty, a whole record or several,
     * before any of the file is mapped. What it leaves in note, note_size bytes that are zeros at
     * first, is in the file's chunks for map to find. Files are begun one after the other in the
     * program's own process; then streams, by a process forked from it. Returns 0, 1 where err says
     * what a person is to be warned of, or -1. */
    size_t note_size;
    int (*begin_file)(const void *state, const struct mr_chunk *first, void *note,
                      struct mr_error *err);

    /* Map gets every record whole. One for which a mapper's share of mr_config.memory is too small
     * ends the run with an error that says where it is; a million bytes fit even where that is the
     * least, as fewer mappers work at once then. */
    bool whole_records;

    /* Turns a chunk's records into emitted ones. Returns 0, or -1 after a failed emit
     * or mr_fail. */
    int (*map)(const void *state, const struct mr_chunk *chunk, struct mr_context *out);

    /* A map task, which may have many chunks of several files, has memory of its own: task_size
     * bytes, zeros at first, which map reaches by mr_task. Each attempt of a task is a process that
     * ends with it: memory that the job gets for it need not be given back. */
    size_t task_size;

    /* Optional: called before a map task's first chunk and after its last. Both may emit, so that
     * what was gathered in the task's memory can leave at the end; but not in a run by_file, with
     * documents, or MR_BY_FIRST, where it matters which input, and which place in it, a key is of:
     * that ends such a run with an error. Return as map does. */
    int (*begin)(const void *state, void *task, struct mr_context *out);
    int (*end)(const void *state, void *task, struct mr_context *out);

    /* Optional: rewrites a key as it leaves the mapper, once for many equal ones. key has size
     * bytes; to has room for 3 * size. Called on pieces of keys larger than memory, cut as
     * mr_key_next cuts. Returns the new size. */
    size_t (*rekey)(const void *state, const unsigned char *key, size_t size,
                    unsigned char *to);

    /* Brings two values of a key together; associative and commutative. NULL adds them: then the
     * engine checks that nothing was lost between map and reduce, and a key whose sum is larger
     * than 64 bits hold ends the run with an error that names it. */
    uint64_t (*combine)(uint64_t a, uint64_t b);

    /* Optional: decides what becomes of a key with all its values combined, and may change the
     * value. Returns 1 to keep it, 0 to drop it as if it had never been, MR_OTHERS to drop it but
     * have it counted among all (mr_config.percent and others), -1 after a failed mr_key_next or
     * mr_fail. */
    int (*reduce)(const void *state, struct mr_key *key, uint64_t *value,
                  struct mr_context *context);

    /* What the engine may know of reduce, so that it need not ask about each key (skip_distinct in
     * struct mr_config): that it never raises a value, and does nothing but decide; and then, that
     * it keeps no key whose value is less than least. */
    bool reduce_only_lowers;
    uint64_t least;

    /* Optional, where values are bytes: is handed some values of a key, in the mapper and in
     * value_order, and emits (with a key of NULL) what stands for all of them: as many values as it
     * likes, at best one. It is called on what it has emitted before, too, any
     * number of times or never, and must not change what reduce_values makes of the key. Returns
     * 0, or -1 after a failed call. */
    int (*combine_values)(const void *state, struct mr_key *key, struct mr_value_list *values,
                          struct mr_context *out);

    /* Optional: is handed each key with its values, of which it need not take all, and emits none,
     * one or many records. Where values are numbers, a key has one, as decimal digits: all that
     * combine, and reduce if there is one, have made of them. The result has what is emitted in the
     * order of the keys handed over, and of one key in the order in which it was emitted, whatever
     * its own keys are. Without it, where values are bytes, each key and value that was emitted is
     * a record of the result. Returns 0, or -1 after a failed call.
     *
     * A job without any reduce and combine function, whose values are bytes, or numbers in lines
     * (MR_LINES, MR_BY_KEY), only sorts. Then map tasks sort what they have emitted, nothing is
     * shuffled, and there are no reduce tasks, but where there are too many map tasks (streams may
     * have any number), or an output directory whose parts are no ranges of the order. */
    int (*reduce_values)(const void *state, struct mr_key *key, struct mr_value_list *values,
                         struct mr_context *out);

    /* Optional, where values are bytes, beside reduce_values of a job that is in_sequence and does
     * not mind where one key ends and the next begins: is handed keys with one value each, in the
     * same order, many at once where that is faster. A key may come again, here and to
     * reduce_values. Returns the same. */
    int (*reduce_pairs)(const void *state, const struct mr_pair *pairs, size_t count,
                        struct mr_context *out);

    /* A reduce task, which has the keys of one partition, has memory of its own, too, and functions
     * before its first key and after its last: as task_size, begin and end of a map task, but that
     * these cannot emit. Which keys meet in a task, and in which order, depends on mr_config: so
     * what is kept from one to the next may save work, and must not show in the result.
     *
     * It may show where there is reduce_values and the job is in_sequence. Then a task is handed
     * its keys in the order of their bytes; what it emits, in reduce_end too, is a part of the
     * result as it comes, with no key but its own; and these parts stand one behind the other, as
     * the partitions are numbered. So how many reducers there are shows, too. */
    bool in_sequence;
    size_t reduce_task_size;
    int (*reduce_begin)(const void *state, void *task, struct mr_context *context);
    int (*reduce_end)(const void *state, void *task, struct mr_context *context);
};

/* ---- running ---------------------------------------------------------------------------- */

/* mr_config.top: no records at all. */
#define MR_NONE UINT64_MAX

/* mr_config.task_timeout: none. */
#define MR_NEVER UINT_MAX

/* What happens in a run, told while it happens, and what a listener finds in the event besides its
 * type and seconds. Of a task, that is stage, tasks, done, task and about; of an attempt at one,
 * attempt, worker and pid too. */
enum mr_event_type {
    MR_EVENT_MESSAGE,  /* something to be known: level, text */
    MR_EVENT_STAGE,    /* a stage begins, or goes on with what is to be made again: stage, tasks,
                         done */
    MR_EVENT_START,    /* an attempt begins */
    MR_EVENT_PROGRESS, /* an attempt runs: took; about once a second for each */
    MR_EVENT_END,      /* an attempt has ended: end, took, signal, read; bytes and records of one
                          that is done, the reason of one that failed as text */
    MR_EVENT_DAMAGE,   /* a temporary file did not pass a check: text */
    MR_EVENT_REDO,     /* a task that was done is to be done again, as what it made is damaged */
    MR_EVENT_KEPT,     /* a task has been done by an earlier run: bytes, records */
    MR_EVENT_MEMORY,   /* what all processes hold together: memory (watch_memory) */
    MR_EVENT_JANITOR,  /* the process has begun that cleans up should the run be killed: pid */
    MR_EVENT_JANITOR_END, /* and has ended: pid, took, signal */
    MR_EVENT_TICK      /* how far a stage is: stage, tasks, done, workers, bytes, bytes_all, memory,
                          memory_all, disk; every mr_config.tick, and when a signal has come that
                          the program handles */
};

/* How much a message matters. */
enum mr_level { MR_NOTE, MR_WARNING };

/* How an attempt at a task ended. */
enum mr_end {
    MR_END_DONE,
    MR_END_RETRIED,  /* it failed, and the task is tried again */
    MR_END_PUT_BACK, /* what it read was damaged: the task waits until that is made again */
    MR_END_FAILED,   /* it failed, and the run does */
    MR_END_STOPPED   /* it was ended with the run, which has failed otherwise or got a signal */
};

/* What it points to stands until the listener returns. Texts are printable lines. */
struct mr_event {
    enum mr_event_type type;
    double seconds; /* since the run began */
    const char *text;
    const char *stage;     /* "map", "reduce" or "merge" */
    const char *about;     /* which task it is, and what of, for a person */
    size_t task, tasks;    /* its number in its stage, from 0; how many that has, so far, */
    size_t done;           /* and how many of them are done */
    unsigned attempt;      /* at the task, from 1 */
    unsigned worker;       /* which of the processes at once, from 0: the least that was free */
    bool aside;            /* the task is none of the input's or result's: it reads streams for the
                              other tasks; its worker is the last that was free */
    unsigned workers;      /* how many there are */
    long pid;
    double took;           /* seconds since the attempt, or the janitor, began */
    enum mr_level level;
    enum mr_end end;
    int signal;            /* that ended the process, or 0 */
    uint64_t bytes;        /* of a map, those that it read; else those that it wrote; of a stage,
                              those that its tasks have read, more or less */
    uint64_t bytes_all;    /* that they will have read; 0: nobody knows */
    uint64_t read;         /* bytes of the input's files, or of the stage before's */
    uint64_t records;      /* that it wrote */
    uint64_t memory;       /* bytes, of mr_config.memory or what stands for it, */
    uint64_t memory_all;   /* which is so many */
    uint64_t disk;         /* bytes that temporary files have there */
};

/* Writes an event as a line for a person. Returns whether there is something to be said of it:
 * there is of messages, and of ended attempts unless they were stopped. */
bool mr_event_line(const struct mr_event *event, char *line, size_t size);

struct mr_ranking;

/* How a job is run. All zeros is a configuration: all of the result, to standard output. */
struct mr_config {
    const char *const *inputs; /* paths; "-" is standard input */
    size_t input_count;
    const char *input_list; /* the file that their names were read from, or NULL */
    const char *const *read_files; /* others that were read for the job: refused, as these are,
                                      where one is an output, too */
    size_t read_file_count;
    const char *job_file;  /* the file that the job was loaded from: a run is only gone on with by
                              the same; NULL: the program has it */
    const char *encoding;  /* of all inputs, by a name that iconv knows; NULL: UTF-8, or what a mark
                              says. Map is given UTF-8 */
    bool recursive;        /* directories: below them too */
    bool all;              /* directories: names that begin with _ or . too */
    bool force_bytes;      /* count as bytes what is refused, or decoded for a mark of UTF-16 or
                              UTF-32, otherwise */
    unsigned mappers;      /* processes at once; 0: as many as CPUs and input are worth */
    unsigned reducers;     /* partitions; 0: the same */
    bool no_reduce;        /* none: what map emits is the result, in the order of the input and of
                              emitting; nothing is combined or reduced, and no order applies */
    bool compress;         /* deflate what is shuffled */
    uint64_t memory;       /* bytes for all processes together; 0: a quarter of what is allowed */
    uint64_t split_size;   /* bytes; 0: about 128 MiB */
    const char *temp_dir;  /* for what does not fit in memory; NULL: $TMPDIR, else /tmp */
    const char *kernel;    /* what finds words: "portable", "avx2", "neon"; NULL: the fastest */

    unsigned max_attempts;    /* tries of a task; 0: 4 */
    unsigned skip_bad_records; /* how many records at which map crashes or fails, and keys at
                                  which reduce does, may be passed over, all tasks together; each
                                  is told of as a warning */
    unsigned task_timeout;    /* seconds without progress that end one; 0: 600 */
    const char *bad_records;   /* a file for what was passed over, as output is; NULL: none */
    const char *work_dir;     /* keeps what tasks made, lest the run be interrupted; or NULL */
    bool resume;              /* go on with what is kept there */
    unsigned chaos_percent;   /* attempts to kill, results to damage, to see what follows */
    uint64_t chaos_seed;

    enum mr_order order;
    bool reverse; /* the order from its end */
    uint64_t top; /* only the first so many records; 0: all; or MR_NONE */
    enum mr_format format;
    bool documents; /* the same: after each, in how many inputs its key stands */
    bool percent; /* where values are numbers: after each the share that it is of all, in percent */
    bool by_file; /* where values are numbers: the result is, one after the other, what it would be
                     of each input alone, and its name stands before each record */
    bool others;  /* a last record, (others), for those of the result that top and MR_OTHERS left
                     out, if there are any */
    uint64_t min_documents, max_documents; /* keys in fewer inputs, or in more, are left out; 0:
                                              none is; with documents alone */
    const char *output;     /* a file to replace when whole, or a device; NULL: standard output */
    const char *output_dir; /* a directory of parts to make instead; NULL: none */
    bool overwrite;         /* it may replace an output directory that is there, and nothing else */
    bool ordered_parts; /* those of output_dir hold ranges of the order, cut by a sample to be of
                           about one size: so one after the other they are the whole result in
                           order; else a part has the records of a partition, in order, which is by
                           the key's hash */

    /* Optional: is handed the result's records one by one, in its order, all of them or the top
     * ones, in the process that has called mr_run, when all is done but to put the output in its
     * place. Where neither output nor output_dir is set, no output is written then. The key, and
     * the value where the job's values are bytes, else NULL, are read piece by piece (mr_key_next),
     * so that they may be larger than memory, or in one piece (mr_key_whole), which stands until
     * the function returns. number is the value where the job's values are numbers. Returns 0;
     * anything else ends the run with an error, of which mr_error_set(err, ...) says why. So does a
     * signal; what was handed over before is not all. With percent, others, by_file or documents it
     * cannot go together: these are for an output's text. */
    int (*result)(void *arg, struct mr_key *key, uint64_t number, struct mr_key *value,
                  struct mr_error *err);
    void *result_arg;

    bool by_options;   /* errors call what can be changed by its option, as mr_main's programs
                          have it; else by its field in here */
    bool watch_memory; /* fill in mr_report.peak_memory */
    bool skip_distinct; /* leave mr_report.distinct at 0; so it is where there is no report. Then
                           keys that the result leaves out need not be brought together: those
                           behind the top ones by value, and those of less than the job's least.
                           They are not where values are added up and reduce, if there is any,
                           only_lowers (struct mr_job); but for a work directory, as who goes on
                           with that may want to know */
    struct mr_ranking *ranking; /* for mr_main's page about a run: where to note the result's
                                   largest values (base/ranking.h); NULL: nowhere */
    const char *const *side_files; /* files that the listener writes: refused where one is an
                                      input or the output, too */
    size_t side_file_count;
    unsigned tick; /* milliseconds between two MR_EVENT_TICK; 0: none */
    /* Told of all that happens; NULL: silence. It must not wait for anything: who calls it also
     * ends what hangs and listens to signals. */
    void (*listen)(void *arg, const struct mr_event *event);
    void *listen_arg;
};

/* The machine as this process may use it: not more than its control groups, its affinity and its
 * limits (ulimit) allow. */
struct mr_machine {
    unsigned cpus, cpus_there;     /* that may be used, of those there are */
    uint64_t memory, memory_there; /* bytes, the same */
    const char *cpus_by, *memory_by; /* what allows no more; NULL: there is no more */
};

void mr_machine_detect(struct mr_machine *machine);

/* The least mr_config.memory that is not refused. */
#define MR_MEMORY_MIN ((uint64_t)16 << 20)

/* What directories have that was passed over, by why. */
struct mr_passed_over {
    uint64_t hidden;      /* names that begin with _ or ., unless all were wanted */
    uint64_t directories; /* not recursive */
    uint64_t no_files;    /* pipes, sockets, devices, links to directories */
    uint64_t own;         /* this program's work and temporary directories */
};

/* What a run did. */
struct mr_report {
    struct mr_passed_over passed_over;
    struct mr_machine machine; /* what the run went by */
    uint64_t input_bytes;  /* after decompression */
    uint64_t emitted;      /* the emitted values' sum: the tokens of a count; UINT64_MAX where it
                              is more */
    uint64_t distinct;     /* keys before reduce dropped any; 0 with skip_distinct, or where
                              nothing is reduced */
    uint64_t written;      /* lines in the output; records, where these are handed over */
    uint64_t output_bytes;
    uint64_t shuffled;     /* bytes in shuffle files */
    uint64_t records;      /* records in them: what combining left */
    uint64_t peak_memory;  /* bytes, all processes together; 0 where not watched */
    uint64_t map_tasks, reduce_tasks, merge_tasks;
    uint64_t attempts;     /* to do a task */
    uint64_t retried;      /* of them, those after one that failed */
    uint64_t killed;       /* those whose process was killed, by whomever */
    uint64_t damaged;      /* checks that a temporary file did not pass */
    uint64_t rerun;        /* tasks done again for that */
    uint64_t bad_records;  /* and keys that were passed over, in earlier runs that this one went on
                              with, too */
    uint64_t resumed;      /* tasks that an earlier run had done, */
    uint64_t map_resumed, reduce_resumed; /* of each stage, whose seconds are its other tasks' */
    uint64_t resumed_bytes; /* of input_bytes, those that the resumed map tasks had read */
    double map_seconds, reduce_seconds, write_seconds;
    struct mr_counter counters[MR_COUNTERS_MAX]; /* the job's own, by name */
    size_t counter_count;
};

/* Runs a job from its inputs to its output. state is the job's own, as its functions get it; report
 * may be NULL. Forks: to be called from a process with one thread, which it must be the only one to
 * wait for children in. While there is something to clean up, INT, TERM, HUP and QUIT, where they
 * were not ignored, end the run: err->signal then says which. On return no process, temporary file
 * or partial output is left, but after a failure the work directory. Returns 0, or -1 with err
 * filled in; an output file or directory is then as it was before. */
int mr_run(const struct mr_job *job, const void *state, const struct mr_config *config,
           struct mr_report *report, struct mr_error *err);

/* What a run would do. */
struct mr_forecast {
    struct mr_passed_over passed_over;
    struct mr_machine machine;
    uint64_t files, streams; /* of input, and */
    uint64_t input_bytes;    /* how large files are, as they are */
    uint64_t map_tasks;      /* of files; of streams there are as many as come up */
    uint64_t split_size;     /* bytes of one, about */
    unsigned mappers;        /* at once */
    unsigned reducers;       /* partitions; 0: nothing is reduced */
    uint64_t parts;          /* of an output directory; 0: nobody knows */
    unsigned reducers_at_once, mergers; /* the latter at once, at most; 0: who makes the
                                           result writes it */
    uint64_t memory;         /* of all processes */
    uint64_t memory_files;   /* of it, what temporary files may take */
    uint64_t temporary;      /* bytes that these seldom exceed for text that is not compressed */
    char temp_dir[4096];     /* where those go that memory has no room for */
    uint64_t temp_free;      /* bytes there; 0: nobody knows */
    bool replaces;           /* the output is a file, put in its place when it is whole */
};

/* Finds out what mr_run would do, and what it would refuse before any work. No file is opened, and
 * nothing is written. Returns 0, or -1 with err filled in. */
int mr_foresee(const struct mr_job *job, const void *state, const struct mr_config *config,
               struct mr_forecast *forecast, struct mr_error *err);

/* ---- a standalone map task -------------------------------------------------------------- */

/* Who takes what a standalone map task emits, and what is known of its input. */
struct mr_standalone {
    /* The input is lines of this file, which another program has found, decoded and cut: nothing
     * is decoded, or passed over as a byte order mark, and what it would have to be decoded from
     * is refused. NULL: the input is a file like any other. */
    const char *file;
    bool inside; /* and they do not begin it: then nothing is refused either */
    /* Is handed a key with a value, 1 for each that was emitted or several together; a large key
     * comes in pieces, cut as mr_key_next cuts, and the value with the last. Returns 0 or -1. */
    int (*take)(void *arg, const unsigned char *bytes, size_t size, bool last, uint64_t value,
                struct mr_error *err);
    void *arg;
};

/* Runs the map of a job whose values are numbers as one task over config's inputs, in this process
 * and no other, without temporary files. Equal keys are brought together in a table of a fixed
 * size, which mr_config.memory (0: 64 MiB) says; so a key may be handed over several times, in no
 * order. No other field of config matters but kernel and what is about inputs; the job's begin_file
 * is not called, and its quotes are not minded. Of report (or NULL), input_bytes, emitted, records,
 * which are those handed over, and counters are filled in. Returns 0 or -1. */
int mr_map_standalone(const struct mr_job *job, const void *state, const struct mr_config *config,
                      const struct mr_standalone *standalone, struct mr_report *report,
                      struct mr_error *err);

/* A line of a result, in memory from malloc; all zeros: none yet. */
struct mr_line {
    unsigned char *at;
    size_t size, capacity; /* bytes of the line; allocated */
};

/* Makes the line that a result has, in a format, for a key and a number. Returns 0 or -1; free at
 * in the end. */
int mr_line_make(struct mr_line *line, enum mr_format format, const void *key, size_t key_size,
                 uint64_t number, struct mr_error *err);

/* ---- a program -------------------------------------------------------------------------- */

/* All of a job's program: reads the command line, with the engine's options beside the job's own,
 * runs the job, prints what there is to be said, and returns the exit status.
 *
 *     int main(int argc, char **argv) { return mr_main(&job, argc, argv); }
 */
int mr_main(const struct mr_job *job, int argc, char **argv);

/* The same for a program of several jobs, ended by NULL: the first is run, or what --job=NAME, as
 * the first argument, says: one of the others, or a job of its own file. name is the program's. */
int mr_main_jobs(const char *name, const struct mr_job *const *jobs, int argc, char **argv);

/* The same where another function stands in the place of mr_run. It may return 1, too, when all is
 * done, but --stats has nothing to print; or MR_USAGE, when the command line asks for what cannot
 * be done together. */
#define MR_USAGE (-2)
typedef int mr_runner(const struct mr_job *job, const void *state, const struct mr_config *config,
                      struct mr_report *report, struct mr_error *err);

/* Whether a run of that function can be watched, or only foreseen: option is --dry-run, --trace,
 * --report or --progress. Returns 0, or -1 and why not. */
typedef int mr_watch_check(const struct mr_job *job, const void *state, const char *option,
                           struct mr_error *err);

/* Gives what is to be run in the place of the job that was chosen, such as the same with more
 * options, or that job itself. NULL, with err filled in, ends the program. */
typedef const struct mr_job *mr_job_adapter(const struct mr_job *job, struct mr_error *err);
int mr_main_jobs_by(mr_runner *run, mr_watch_check *check, mr_job_adapter *adapt, const char *name,
                    const struct mr_job *const *jobs, int argc, char **argv);

/* What --version says besides the engine's own, ended by a NULL name: a program may define it. A
 * line's text is NULL or empty where there is none, as of a library that is not found. */
struct mr_version_line {
    const char *name;
    const char *(*tell)(void);
};
extern const struct mr_version_line mr_version_lines[] __attribute__((weak));

/* ---- a job in a file of its own --------------------------------------------------------- */

/* The version of this header, by which jobs and engine know each other: raised with each change
 * that a job compiled before it would not understand. */
#define MR_ABI 9

/* What a file with a job has under the name mr_exported_job. */
struct mr_exported_job {
    uint32_t abi;      /* MR_ABI, and */
    uint32_t job_size; /* the sizes of struct mr_job */
    uint32_t option_size, chunk_size, error_size; /* and the others that both sides use */
    const struct mr_job *job;
};

/* Makes a shared library (cc -shared -fPIC clients.c -o clients.so) a file with a job, for
 * wc-mr --job=./clients.so; stands behind the job, outside of functions. */
#define MR_EXPORT_JOB(the_job)                                                              \
    MR_EXPORTED const struct mr_exported_job mr_exported_job                                \
        __attribute__((visibility("default")));                                             \
    const struct mr_exported_job mr_exported_job = {                                        \
        MR_ABI, sizeof(struct mr_job), sizeof(struct mr_option), sizeof(struct mr_chunk),   \
        sizeof(struct mr_error), &(the_job)                                                 \
    }
#ifdef __cplusplus
#define MR_EXPORTED extern "C"
#else
#define MR_EXPORTED extern
#endif

#ifdef __cplusplus
}
#endif

#endif
