/*
 * The feed: streams (standard input, pipes) cut into splits while they arrive.
 *
 * One process, the feeder, reads the streams one after the other into slots of shared memory,
 * whole records each. A full slot is a map task's split: the mapper reads it where it is, and
 * when its task is committed the slot is free again. There are a few slots more than mappers,
 * so reading and mapping overlap, and a stream of any length needs no more memory.
 *
 *     feeder: wait for a free slot -> fill it -> FULL, ring       (freed: counts free slots)
 *     supervisor: FULL -> a task -> TAKEN ... committed -> FREE   (rung: wakes the supervisor)
 *
 * A record larger than a slot goes to the slot's temporary file instead.
 */
#ifndef MR_INPUT_FEED_H
#define MR_INPUT_FEED_H

#include "base/spool.h"
#include "input/source.h"

#include <stdatomic.h>

enum mr_slot_state { MR_SLOT_FREE, MR_SLOT_FULL, MR_SLOT_TAKEN };

struct mr_slot {
    _Atomic int state;
    bool ends_file;
    bool spooled; /* one large record, in the spool */
    size_t size;
    const struct mr_records *records;
    unsigned char *data;
    struct mr_spool spool;
};

struct mr_feed {
    struct mr_slot *slots; /* in shared memory, as their data */
    size_t count;
    size_t room; /* bytes of a slot */
    int freed, rung;
};

/* Makes count slots of room bytes (in the supervisor). Returns 0 or -1; free it in either
 * case. */
int mr_feed_init(struct mr_feed *f, size_t count, size_t room, struct mr_error *err);

/* Reads all streams of the sources into slots (in the feeder). Returns 0 or -1. */
int mr_feed_run(struct mr_feed *f, const struct mr_sources *sources, struct mr_store *store,
                _Atomic uint64_t *progress, struct mr_error *err);

/* Takes a full slot for a task (in the supervisor). Returns its number, or -1 for none yet. */
int mr_feed_take(struct mr_feed *f);

/* Frees a taken slot. Returns 0 or -1. */
int mr_feed_free_slot(struct mr_feed *f, int slot, struct mr_store *store, struct mr_error *err);

/* Gives everything back; store may be NULL if nothing was fed. */
void mr_feed_free(struct mr_feed *f, struct mr_store *store);

#endif
