/*
 * Bad records: records in map, and keys in reduce, at which a job's own code crashes or reports a
 * failure.
 *
 * An attempt notes in shared memory, which outlives its process, whose code it is running and on
 * which input: its mark. When the process has died in the job's map, the chunk in the mark is a
 * suspect, and the next attempt hands map the records of that chunk one by one: then the mark tells
 * which record it is. Where that is allowed, the record is passed over from then on:
 *
 *     attempt 1    a b c d      dies; suspect: a b c d
 *     attempt 2    a, b, c      dies; bad: c
 *     attempt 3    a, b, d
 *
 * A job may know better which record, or which key, it is (mr_blame, mr_blame_key). In reduce it is
 * the same, with keys.
 */
#ifndef MR_BASE_BAD_RECORDS_H
#define MR_BASE_BAD_RECORDS_H

#include "mapreduce.h"

#include <string.h>

/* Bytes of the input, one after the other: a chunk, or one record. */
struct mr_span {
    uint64_t source, offset, size;
};

enum { MR_KEY_SHOWN = 200 }; /* bytes of a key in messages */

/* What a key is known by: the hash of all its bytes; and its first bytes, for messages. */
struct mr_fingerprint {
    uint64_t hash, size;
    uint32_t shown;
    unsigned char bytes[MR_KEY_SHOWN];
};

enum { MR_EXCERPT_MAX = 16 << 10 }; /* first bytes of a bad record or key that a file gets */

/* Whose code an attempt runs. */
enum mr_running { MR_IN_ENGINE, MR_IN_MAP, MR_IN_COMBINE, MR_IN_REDUCE };

/* What an attempt is doing, in memory that outlives it. */
struct mr_mark {
    enum mr_running running;
    bool exact;      /* the span is one record, or the key is known */
    bool job_failed; /* the job has not crashed, but reported a failure: the error tells why */
    bool chosen;     /* it has said which key it is, */
    size_t known;    /* when so many bad records were known to it */
    struct mr_span span;
    struct mr_fingerprint key;
    uint32_t excerpt_size; /* of the record or key, where it is known which; 0: nobody knows; of a
                              key that is made for its order, what it is made of (mr_show_key) */
    unsigned char excerpt[MR_EXCERPT_MAX];
};

/* Takes bytes of the record or key at hand, which come in pieces: of the first, or of the next. */
static inline void mr_mark_excerpt(struct mr_mark *mark, bool first, const void *bytes, size_t size)
{
    uint32_t kept = first ? 0 : mark->excerpt_size;
    size_t room = MR_EXCERPT_MAX - kept, more = size < room ? size : room;
    if (more > 0)
        memcpy(mark->excerpt + kept, bytes, more);
    mark->excerpt_size = kept + (uint32_t)more;
}

static inline void mr_mark_enter(struct mr_mark *mark, enum mr_running running)
{
    if (mark != NULL)
        mark->running = running;
}

/* A record, or a key with its values, that is passed over. */
struct mr_bad_record {
    bool in_reduce; /* a key; else a record */
    bool of_map;    /* a key that a map task has found */
    uint64_t task;  /* the map or reduce task's number */
    struct mr_span span;
    struct mr_fingerprint key;
    unsigned char *excerpt; /* its first bytes */
    uint32_t excerpt_size;
    char why[256];
};

/* What earlier attempts died at. */
struct mr_bad_records {
    struct mr_span *suspects;
    size_t suspect_count, suspect_capacity;
    struct mr_bad_record *records;
    size_t count, capacity;
    size_t skip_max; /* how many records may be passed over */
};

/* Add one of either, and copy its excerpt. Return 1, 0 when it is there already, or -1. */
int mr_bad_suspect(struct mr_bad_records *bad, const struct mr_span *span, struct mr_error *err);
int mr_bad_add(struct mr_bad_records *bad, const struct mr_bad_record *record,
               struct mr_error *err);

/* Whether a suspect begins at that byte. */
bool mr_bad_is_suspect(const struct mr_bad_records *bad, uint64_t source, uint64_t offset);

/* Whether the record at that byte is bad, one that begins in that span, or the key of that name. */
bool mr_bad_has_record(const struct mr_bad_records *bad, uint64_t source, uint64_t offset);
bool mr_bad_has_within(const struct mr_bad_records *bad, const struct mr_span *span);
bool mr_bad_has_key(const struct mr_bad_records *bad, const struct mr_fingerprint *key);

void mr_bad_free(struct mr_bad_records *bad);

#endif
