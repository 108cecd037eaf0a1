/*
 * The tally: what the tasks of a run have counted (base/counters.h), each once.
 *
 * An attempt counts in an area of shared memory that is its own while it runs, and has its mark
 * there, which says where in the input it is (base/bad_records.h). When the attempt is committed,
 * what it counted is kept as bytes, and replaces what an earlier attempt of the task had counted;
 * when it is discarded, that is discarded, too:
 *
 *     begin ─▶ an empty area ─▶ the worker counts ─▶ commit: the task's bytes, and the manifest's
 *                                               └──▶ discard
 */
#ifndef MR_CONTROL_TALLY_H
#define MR_CONTROL_TALLY_H

#include "base/bad_records.h"
#include "base/counters.h"

struct mr_tally {
    struct mr_tally_area *areas; /* in shared memory */
    unsigned areas_max;          /* attempts at once; 0: nothing is counted */
    struct mr_counters names;    /* all that were ever counted by */
};

/* Gets areas for so many attempts at once; before, the tally is all zeros, or has adopted. Returns
 * 0 or -1; free it in either case. */
int mr_tally_open(struct mr_tally *t, unsigned areas_max, struct mr_error *err);

void mr_tally_free(struct mr_tally *t);

/* An attempt of the task with this id, not 0, begins. */
void mr_tally_begin(struct mr_tally *t, uint64_t id);

/* Where its worker counts; NULL: nowhere. */
struct mr_counters *mr_tally_area(const struct mr_tally *t, uint64_t id);

/* Its mark, until the attempt is committed or discarded; NULL: none. */
struct mr_mark *mr_tally_mark(const struct mr_tally *t, uint64_t id);

/* What the attempt counted becomes the task's, in the place of what is there. Returns 0 or -1. */
int mr_tally_commit(struct mr_tally *t, uint64_t id, struct mr_buffer *task, struct mr_error *err);

/* What it counted is forgotten, if there is such an attempt. */
void mr_tally_discard(struct mr_tally *t, uint64_t id);

/* Takes over what an earlier run noted of a task. Returns false when it cannot be that. */
bool mr_tally_adopt(struct mr_tally *t, const unsigned char *bytes, size_t size,
                    struct mr_buffer *task);

#endif
