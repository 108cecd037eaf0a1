/*
 * The feed: streams (standard input, pipes) cut into slots while they arrive.
 *
 * One process, the feeder, reads the streams one after the other into slots of shared memory,
 * whole records each. A map task comes up with a full slot and, while it is at work, takes
 * others as they fill, up to its share; it holds them until it is committed, so that another
 * attempt finds the same bytes. A stream of any length needs no more memory. With six slots
 * and shares of two:
 *
 *     feeder        fills    0 1 2 3 4 5 . . . 0 2 1 3       waits where nothing is free
 *     task 0        holds    0   2       done: both are free again
 *     task 1        holds      1   3             done
 *     task 2        holds            4 5 ...
 *
 * A slot is small enough to be still in the cache when it is mapped; a share is large, as a task
 * costs a process and a table.
 *
 * Where the order of the input matters, the feeder says which slot is whose: task k has exactly
 * the k-th share, whose slots stand one after the other in one stream. A stream of seven slots and
 * one of three, with shares of four:
 *
 *     slots    0 1 2 3 | 4 5 6    0 1 2
 *     task     0         1        2
 *
 * A task has had its share when it has had so many slots, or when the feeder has closed it: all
 * slots of a closed share are full, so a task that finds none after that gets no more.
 *
 *     freed    counts free slots; the feeder waits for it
 *     filled   counts full slots, about; mappers that have none wait for it
 *     rung     wakes the supervisor, who may start a task
 *
 * A record larger than a slot goes to the slot's temporary file instead. An empty stream fills a
 * slot with nothing, so that map hears of it.
 */
#ifndef MR_INPUT_FEED_H
#define MR_INPUT_FEED_H

#include "input/source.h"
#include "input/unmarked.h"
#include "store/spool.h"

#include <stdatomic.h>

/* What a slot's holder is when it is no task: free, full for any task, or, in order, full for task
 * 0; for task k it is k less. */
enum { MR_SLOT_FULL = -1, MR_SLOT_FREE = -2, MR_SLOT_FULL_FOR = -3 };

struct mr_slot {
    _Atomic int64_t holder; /* the task that took it, or one of the above */
    size_t rank; /* in its task's share, in order */
    bool begins_file, ends_file;
    enum mr_unmarked unmarked; /* what the file that it begins seems to be (input/unmarked.h) */
    bool spooled; /* one large record, in the spool */
    size_t size;
    const struct mr_source *source; /* what it was read from */
    uint64_t offset;                /* and where in that its first byte stands */
    unsigned char *data;
    struct mr_spool spool;
};

struct mr_feed {
    struct mr_slot *slots;    /* in shared memory, as their data */
    _Atomic int64_t *closed;  /* the same: no slot will be filled for tasks below this */
    bool ordered;             /* a task's slots are a share one after the other in one stream */
    size_t count;
    size_t share; /* slots that a task takes at most */
    size_t slot_size; /* bytes of input in a slot at most */
    int freed, filled, rung;
};

/* Makes count slots of slot_size bytes (in the supervisor), of which a task takes a share at most;
 * ordered: as in struct mr_feed. Tasks are numbered from 0. Returns 0 or -1; free it in either
 * case. */
int mr_feed_init(struct mr_feed *f, size_t count, size_t share, size_t slot_size, bool ordered,
                 struct mr_error *err);

/* Reads all streams of the sources into slots (in the feeder). Returns 0 or -1. */
int mr_feed_run(struct mr_feed *f, const struct mr_sources *sources, struct mr_store *store,
                _Atomic uint64_t *progress, struct mr_error *err);

/* Takes a full slot for a task, in order one of its share; NULL when there is none now. */
struct mr_slot *mr_feed_take(struct mr_feed *f, int64_t task);

/* How far a task is in its slots; begins with all but task 0. */
struct mr_slot_cursor {
    int64_t task;
    size_t looked; /* slots that were checked for being the task's already; not in order */
    size_t had;    /* slots that it was given */
};

/* Gives a task (in its worker) its next slot: those that it holds already, then others as they
 * fill, which is waited for; progress is raised then. Returns 1, 0 when the task has had its
 * share or there are no more, or -1. */
int mr_feed_next(struct mr_feed *f, struct mr_slot_cursor *cursor, struct mr_slot **slot,
                 _Atomic uint64_t *progress, struct mr_error *err);

/* Frees the slots that a task holds (in the supervisor). Returns 0 or -1. */
int mr_feed_release(struct mr_feed *f, int64_t task, struct mr_store *store,
                    struct mr_error *err);

/* Gives everything back; store may be NULL if nothing was fed. */
void mr_feed_free(struct mr_feed *f, struct mr_store *store);

#endif
