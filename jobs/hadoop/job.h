/*
 * A streaming job: a directory of its own, in which tasks find what they need, and a run of wc-mr.
 *
 *     shipped/      links to files of -files and -file, and to what -archives were unpacked to
 *     map, combine, reduce, environment     what tasks are told (settings.h)
 *     splits/ origins/              of inputs whose lines are counted off (split_lines.c)
 *     inputs        the files to read, for wc-mr's --files0-from
 *     attempts/ work/ logs/ counters/    of tasks (attempt.h)
 *
 * The directory goes when the job has ended, however that was: a process waits for it that does
 * nothing else (cleaner.h).
 */
#ifndef HADOOP_JOB_H
#define HADOOP_JOB_H

#include "counters.h"
#include "settings.h"
#include "streaming.h"

/* Exit statuses of hadoop jar. */
enum {
    JOB_DONE,
    JOB_FAILED,
    JOB_INVALID = 3,
    JOB_OUTPUT_EXISTS,
    JOB_IO_ERROR,
    JOB_INTERRUPTED
};

/* What a mapper's input is read as. */
enum input_format {
    INPUT_TEXT,
    INPUT_KEY_VALUE,
    INPUT_N_LINES, /* a mapper gets so many lines, with their offsets */
    INPUT_MARKED   /* a mapper gets what stands between two marks, as keys */
};

struct job {
    struct file_systems *fs;
    struct streaming streaming;
    char *id;        /* 1764244800000_0001 */
    char *directory; /* its own */
    struct place output;
    char *stage;     /* where the output is made, next to its place */
    char *log;       /* what it says, where nobody waits for it */
    char *side;      /* where attempts have files of their own, which go into the output */
    struct list inputs;
    uint64_t input_bytes, output_bytes;
    uint64_t split_size; /* bytes that a map task gets; 0: as wc-mr has it */
    uint64_t reducers; /* 0: what mappers write is the result */
    uint64_t key_fields; /* of keys that mappers write as text */
    struct separator separator; /* behind these */
    struct separator field_separator; /* of fields that keys are partitioned and sorted by */
    enum input_format input_format;
    enum form map_input, map_output, reduce_input, reduce_output; /* lines, key only or frames */
    const char *partition_by, *sort_by; /* as wc-mr has them; NULL: the usual */
    bool combines;
};

/* Whether wc-mr has sortable lines (framing.h) instead of what mappers write. */
static inline bool job_has_sortable_lines(const struct job *j)
{
    return j->reducers > 0 && j->map_output != FORM_LINES;
}

/* Its steps, which jar.c takes one after the other: */

/* inputs.c: finds all files. Returns JOB_DONE, or another status with the error filled in. */
int job_find_inputs(struct job *j, struct mr_error *err);

/* split_lines.c: makes a file of each N lines of the inputs, which become the inputs. Returns 0 or
 * -1. */
int job_split_lines(struct job *j, struct mr_error *err);

/* ship.c: puts files into the job's directory. Returns 0 or -1. */
int job_ship(struct job *j, struct mr_error *err);

/* plan.c: checks the properties, and makes of them what wc-mr is asked for. Returns 0 or -1. */
int job_plan(struct job *j, struct mr_error *err);

/* Whether a command is this class of Hadoop's; NULL is none. */
bool job_class_is(const char *text, const char *name);

/* task_settings.c: writes the settings of tasks (settings.h). Returns 0 or -1. */
int job_write_task_settings(const struct job *j, struct mr_error *err);

/* engine.c: runs wc-mr. Returns its exit status, or -1 where it could not be run. */
int job_run(const struct job *j, struct mr_error *err);

/* output.c: checks its properties; gives the parts their names, and the output its place. Returns 0
 * or -1. */
int job_check_output(const struct job *j, struct mr_error *err);
int job_finish_output(struct job *j, struct mr_error *err);

#endif
