/*
 * A stage of a job: tasks of one kind, each of which leaves a file and a result.
 *
 *     stage    a task reads                     file        result
 *     map      a split, or a share of streams   map-7       what it read and emitted
 *     reduce   a partition of all map files     reduce-1    what it kept, where its runs stand, or
 *                                                           what it wrote to the output
 *     merge    a range of all reduce files      none        what it wrote to the output
 *
 * What a stage does is its own: work (in a worker), describe, finish. What becomes of its tasks'
 * files is written once, for all stages:
 *
 *     begin ─▶ an empty file ─▶ work ─▶ commit: it has its name, and the manifest notes the task
 *                                  └──▶ discard: it is gone
 *
 * And so is what becomes of what the job has counted in them (tally.h).
 *
 * A job is a list of stages, and each task of a stage reads the files of the stage before it.
 * The first stage with tasks to do runs, until there is none. So when a reducer finds a shuffle
 * file damaged, its task is the map stage's to do again, and the reduce stage goes on after it.
 * The files of a stage are dropped when the stage after it is done.
 */
#ifndef MR_CONTROL_STAGE_H
#define MR_CONTROL_STAGE_H

#include "control/manifest.h"
#include "control/supervisor.h"
#include "control/tally.h"

struct mr_stages;

/* A stage. What is behind `count` is set by mr_stage_make_tasks and mr_stages_add. */
struct mr_stage {
    const char *name;   /* what its tasks' files are called by */
    void *self;         /* the stage's own data, which its functions get */
    unsigned at_once;   /* workers */
    bool makes_files;
    uint64_t bytes;     /* of input that the first stage's tasks read; 0: nobody knows */
    size_t result_size; /* bytes of the struct that each task leaves in `results` */

    /* Optional: called before the stage runs, and again when files before it were made again.
     * Returns 0 or -1. */
    int (*prepare)(void *self, struct mr_error *err);
    /* As struct mr_phase has them; grow, wake (-1) and traits are optional. */
    bool (*grow)(void *self);
    int wake;
    int (*work)(void *self, size_t task, _Atomic uint64_t *progress, struct mr_error *err);
    void (*describe)(void *self, size_t task, char *text, size_t size);
    int (*traits)(void *self, size_t task);
    /* Optional: what else is to be done when a task's file is committed. Returns 0 or -1. */
    int (*committed)(void *self, size_t task, struct mr_error *err);
    /* Optional: whether a task can be done again once it was committed; NULL: any can. */
    bool (*repeatable)(void *self, size_t task);
    /* Optional: as struct mr_phase has it. */
    int (*crashed)(void *self, size_t task, struct mr_error *err);
    /* Optional: the bytes and records of a task's result, for an event. */
    void (*measure)(const void *self, size_t task, struct mr_event *event);
    /* All tasks are done: sums up and checks. Returns 0 or -1. */
    int (*finish)(void *self, struct mr_error *err);

    size_t count, capacity;  /* tasks so far, and at most */
    struct mr_spool *files;  /* in shared memory, one a task; NULL: none are made */
    unsigned char *results;  /* the same, result_size bytes a task */
    struct mr_buffer *counted; /* what the job counted in each task that is done (tally.h) */
    struct mr_phase phase;   /* what the supervisor runs */
    bool finished;
    double seconds;          /* that it ran */
    struct mr_stages *all;
    uint32_t number;         /* in the list */
};

enum { MR_STAGES_MAX = 8 };

/* The stages of a job, in order, and what all of them stand on. */
struct mr_stages {
    struct mr_stage *at[MR_STAGES_MAX];
    uint32_t count;
    struct mr_supervisor *supervisor;
    struct mr_store *store;
    struct mr_manifest *manifest; /* notes what is done, in a store that is kept */
    struct mr_report *report;
    unsigned droppers;            /* threads that drop files side by side, at most */
    struct mr_tally tally;        /* of what the job counts */
    struct mr_bad_records bad;    /* what its own code has crashed at */
};

/* Adds a stage behind those there are. */
void mr_stages_add(struct mr_stages *all, struct mr_stage *stage);

/* Makes count tasks, with memory for capacity of them, as more may come up. Returns 0 or -1. */
int mr_stage_make_tasks(struct mr_stage *stage, size_t count, size_t capacity,
                        struct mr_error *err);

/* Adds a task that has come up; there must be fewer than the capacity. */
void mr_stage_add_task(struct mr_stage *stage);

/* The stage before, whose files a stage's tasks read; the first has none. */
static inline const struct mr_stage *mr_stage_before(const struct mr_stage *stage)
{
    return stage->all->at[stage->number - 1];
}

/* The result that a task left. */
static inline void *mr_stage_result(const struct mr_stage *stage, size_t task)
{
    return stage->results + task * stage->result_size;
}

/* Where a task's worker counts; NULL: nowhere. */
struct mr_counters *mr_stage_counters(const struct mr_stage *stage, size_t task);

/* Where it notes whose code it is running, and on what (base/bad_records.h); NULL: nowhere. */
struct mr_mark *mr_stage_mark(const struct mr_stage *stage, size_t task);

/* The name of a task's file; text has room for MR_FILE_NAME. */
enum { MR_FILE_NAME = sizeof ((struct mr_spool *)NULL)->name };
void mr_stage_file_name(const struct mr_stage *stage, size_t task, char *text);

/* The id of a task's file, which an error has that finds it damaged. */
uint64_t mr_stage_file_id(const struct mr_stage *stage, size_t task);

/* Tells an event of a task. */
void mr_stage_tell(const struct mr_stage *stage, size_t task, enum mr_event_type type);

/* Notes in the manifest that a task is done. Returns 0 or -1. */
int mr_stage_note(const struct mr_stage *stage, size_t task, struct mr_error *err);

/* Tasks of a stage are to be done again: so are those that have read of it in an earlier run. With
 * other memory, a map task combines the values of its keys otherwise, and the rest of what was read
 * would not be the rest of what is there. */
void mr_stage_renew_kept_readers(const struct mr_stage *stage);

/* Runs all stages to their ends. Returns 0, or -1 with no worker left. */
int mr_stages_run(struct mr_stages *all, struct mr_error *err);

/* Sums up what the tasks that are done have counted, in order of names. */
void mr_stages_counted(const struct mr_stages *all, struct mr_counters *sum);

/* Frees what the stages have. What is committed to a store that is kept stays there if keep;
 * all other files go. */
void mr_stages_release(struct mr_stages *all, bool keep);

#endif
