/*
 * Signals while a run has something to clean up: none of them is lost, none ends it half-way, and
 * none is kept waiting for long.
 *
 *     open                       INT, TERM, HUP and QUIT are held; PIPE and XFSZ are errors
 *      │   the supervisor waits for the descriptor along with all else that it waits for;
 *      │   what takes long by itself asks mr_signals_check between two files, say
 *      │   the first that has come ends the run: check fails
 *     release                    what comes now ends the process; the janitor cleans up after it
 *     close                      all is as it was
 *
 * What would not have ended the process (nohup, a background job) does not end the run either.
 */
#ifndef MR_CONTROL_SIGNALS_H
#define MR_CONTROL_SIGNALS_H

#include "mapreduce.h"

#include <signal.h>

struct mr_signals {
    bool open;
    int fd; /* readable when a signal has come or a child has ended */
    sigset_t ending;
    sigset_t old_mask;
    struct sigaction old_child, old_pipe, old_size;
};

/* Returns 0 or -1; close it in either case. */
int mr_signals_open(struct mr_signals *s, struct mr_error *err);

/* Takes a signal that has come to end the run, and releases the next. Returns 0 when there is none,
 * or -1 with err->signal set. */
int mr_signals_check(struct mr_signals *s, struct mr_error *err);

/* Takes notice of the children that have ended, so that fd tells of the next one. */
void mr_signals_see_children(void);

/* A child begins: to end the run is not its to decide. A terminal's ^C reaches it, too. */
void mr_signals_begin_child(const struct mr_signals *s);

/* From here on what ends the process does so at once. Harmless when done twice. */
void mr_signals_release(struct mr_signals *s);

/* Harmless when it was never opened. */
void mr_signals_close(struct mr_signals *s);

#endif
