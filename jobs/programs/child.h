/*
 * A child: a program that is run under `sh -c`, with pipes to and from it.
 *
 *     worker ──▶ keeper ──▶ sh -c 'tr a b | sort' ──▶ whatever it starts
 *       │  line   │                    │
 *       └─────────┘      input, output, errors: pipes to the worker
 *
 * The keeper is a process that waits for two things. The program's end: then it tells its status,
 * and when all has ended that the program has left running but daemons, which have a session of
 * their own. And the end of the line to the worker, which is let go of when nothing more is wanted,
 * or when the worker dies in whatever way: then it kills all that the program has started. Whose
 * parent has ended becomes the keeper's child, be it a daemon, so none is missed.
 *
 * The program is in a process group of its own, has the descriptors 0 to 2 and no others, and all
 * signals do what they usually do.
 */
#ifndef CHILD_H
#define CHILD_H

#include "mapreduce.h"

#include <stdbool.h>
#include <sys/types.h>

struct child {
    pid_t keeper;                      /* 0: none */
    int input, output, errors, line;   /* our ends, which do not wait; -1: closed */
    bool ended, alone;                 /* its status is known, and nothing but daemons runs on: */
    int status;                        /* as waitpid has it */
};

/* Starts a command with this process's environment. Returns 0 or -1. */
int child_start(struct child *c, const char *command, struct mr_context *context);

/* Takes what the keeper has to tell, once there is something on the line. Returns 0 or -1. */
int child_hear(struct child *c, struct mr_context *context);

/* Has the keeper kill all that is left of the program. Its errors can be read to their end. */
void child_kill(struct child *c);

/* The same, and waits until none of it is left. Harmless where there is no child. */
void child_end(struct child *c);

/* Closes a descriptor of the child's, if it is open. */
void child_close(int *fd);

#endif
