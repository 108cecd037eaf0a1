/*
 * Bad records: those that a job's own code crashes at.
 *
 * Before a mapper calls the job's map it marks where in the input it is. When its process has died
 * there, the chunk is a suspect, and the next attempt hands map its records one by one: then the
 * mark tells which it is. Where that is allowed, it is passed over from then on:
 *
 *     attempt 1    a b c d      dies; suspect: a b c d
 *     attempt 2    a, b, c      dies; bad: c
 *     attempt 3    a, b, d
 */
#ifndef MR_INPUT_BAD_H
#define MR_INPUT_BAD_H

#include "mapreduce.h"

/* A stretch of the input: a chunk, or one record. */
struct mr_spot {
    uint64_t source, offset, size;
};

/* Where an attempt is, in memory that outlives it. */
struct mr_mark {
    struct mr_spot spot;
    bool in_map;     /* the job's map has it just now */
    bool one_record; /* the spot is one */
};

struct mr_spots {
    struct mr_spot *at;
    size_t count, room;
};

/* What earlier attempts died at. */
struct mr_bad {
    struct mr_spots suspects, records;
};

/* Adds a spot. Returns 1, 0 when it is there already, or -1. */
int mr_spots_add(struct mr_spots *s, const struct mr_spot *spot, struct mr_error *err);

/* Whether a spot begins at that byte. */
bool mr_spots_have(const struct mr_spots *s, uint64_t source, uint64_t offset);

void mr_bad_free(struct mr_bad *bad);

#endif
