/*
 * Bad records: what a job's own code crashes at, or says that it fails at: records in map, and keys
 * in reduce.
 *
 * An attempt marks in memory that outlives it whose code it runs just now. When its process has
 * died in the job's map, the chunk that it had is a suspect, and the next attempt hands map its
 * records one by one: then the mark tells which it is. Where that is allowed, it is passed over
 * from then on:
 *
 *     attempt 1    a b c d      dies; suspect: a b c d
 *     attempt 2    a, b, c      dies; bad: c
 *     attempt 3    a, b, d
 *
 * A job may know better which record, or which key, it is (mr_blame, mr_blame_key).
 *
 * In reduce it is the same with a task and its keys.
 */
#ifndef MR_BASE_BAD_H
#define MR_BASE_BAD_H

#include "mapreduce.h"

/* A stretch of the input: a chunk, or one record. */
struct mr_spot {
    uint64_t source, offset, size;
};

/* A key, by its first bytes and the hash of all. */
enum { MR_KEY_SHOWN = 200 };

struct mr_key_name {
    uint64_t hash, size;
    uint32_t shown;
    unsigned char bytes[MR_KEY_SHOWN];
};

/* Whose code an attempt runs. */
enum mr_place { MR_IN_ENGINE, MR_IN_MAP, MR_IN_COMBINE, MR_IN_REDUCE };

/* Where an attempt is, in memory that outlives it. */
struct mr_mark {
    enum mr_place in;
    bool one;  /* the spot is one record; the key is known */
    bool said; /* the job has not crashed, but failed: the error tells why */
    bool chosen;  /* it has said which key it is, */
    size_t known; /* when so many bad records were known to it */
    struct mr_spot spot;
    struct mr_key_name key;
};

static inline void mr_mark_enter(struct mr_mark *mark, enum mr_place in)
{
    if (mark != NULL)
        mark->in = in;
}

/* A record, or a key with its values, that is passed over. */
struct mr_bad_record {
    bool in_reduce; /* a key; else a record */
    bool of_map;    /* a key that a map task has found */
    uint64_t task;  /* the map or reduce task's number */
    struct mr_spot spot;
    struct mr_key_name key;
    char why[256];
};

/* What earlier attempts died at. */
struct mr_bad {
    struct mr_spot *suspects;
    size_t suspect_count, suspect_room;
    struct mr_bad_record *records;
    size_t count, room;
    size_t may; /* how many records may be passed over */
};

/* Add one of either. Return 1, 0 when it is there already, or -1. */
int mr_bad_suspect(struct mr_bad *bad, const struct mr_spot *spot, struct mr_error *err);
int mr_bad_add(struct mr_bad *bad, const struct mr_bad_record *record, struct mr_error *err);

/* Whether a suspect begins at that byte. */
bool mr_bad_is_suspect(const struct mr_bad *bad, uint64_t source, uint64_t offset);

/* Whether the record at that byte, or the key of that name, is bad. */
bool mr_bad_has_record(const struct mr_bad *bad, uint64_t source, uint64_t offset);
bool mr_bad_has_within(const struct mr_bad *bad, const struct mr_spot *spot); /* any such record */
bool mr_bad_has_key(const struct mr_bad *bad, const struct mr_key_name *key);

void mr_bad_free(struct mr_bad *bad);

#endif
