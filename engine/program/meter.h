/*
 * The meter: says how far a run is (--progress).
 *
 *     map 45%  1.2 GB/2.7 GB  650.1 MB/s  17/40 tasks  2 workers  310.0 MB/1.0 GB memory  0:03 left
 *
 * On a terminal that is one line which is drawn anew at each tick of the run, once that takes
 * longer than half a second; elsewhere, if it is wanted, it is a line a second, or an object of
 * JSON. What the terminal's width has no room for is left out, what matters least first. SIGUSR1
 * asks for one such line as a message, at any time.
 */
#ifndef MR_PROGRAM_METER_H
#define MR_PROGRAM_METER_H

#include "program/messages.h"

#include "mapreduce.h"

enum mr_progress_when { MR_PROGRESS_AUTO, MR_PROGRESS_ALWAYS, MR_PROGRESS_NEVER, MR_PROGRESS_JSON };

/* What the line says. */
struct mr_gauge {
    const char *stage; /* NULL: none has begun */
    uint64_t bytes, bytes_all; /* read; 0: nobody knows of how many */
    uint64_t memory, memory_all, disk;
    size_t done, tasks;
    unsigned workers;
    uint64_t failed; /* attempts */
    double rate;     /* bytes a second, of late */
};

struct mr_meter {
    enum mr_progress_when when;
    bool drawn;       /* it is a line on a terminal */
    bool clears;      /* the result goes to that terminal, too: nothing is drawn meanwhile */
    double told;      /* when a line was told last; negative: none of this stage was */
    double began, at; /* when the stage began, and the gauge was read */
    uint64_t base;    /* what its tasks had read before, when it goes on with what was lost */
    bool based;
    struct mr_gauge gauge;
};

/* From here on SIGUSR1 is heard, unless it was ignored: a run answers at its next tick. Before, it
 * ends the process; so this is what a program does first. */
void mr_meter_await_signal(void);

/* Begins. The output goes to a terminal or not. */
void mr_meter_open(struct mr_meter *m, enum mr_progress_when when, bool output_to_terminal);

/* How often it wants to be told how far a run is (mr_config.tick). */
unsigned mr_meter_tick(const struct mr_meter *m);

/* Hears what happens. */
void mr_meter_hear(struct mr_meter *m, const struct mr_event *event, struct mr_messages *to);

/* Ends: SIGUSR1 is what it was. */
void mr_meter_close(struct mr_meter *m);

/* Writes the line, which has at most so many columns; 0: any number. */
void mr_gauge_line(const struct mr_gauge *g, size_t columns, char *line, size_t size);

#endif
