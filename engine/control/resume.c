/*
 * Resuming: an interrupted run's work directory is gone on with, if the job is the same.
 *
 * The same is what has the same identity, a text of lines such as
 *
 *     program 86a1f1c2d4b9e003
 *     job wordcount with options 03c1a9d7e45b2f10
 *     plan of 2 mappers, 2 reducers ...
 *     input 'a.txt' of 1048576 bytes, changed at 1700000000.000000000, ends 5d1b...
 *
 * so what differs can be shown as it was and as it is.
 */
#include "base/error.h"
#include "base/io.h"
#include "control/job.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    END = 64 << 10,  /* bytes of an input's end that are hashed */
    SHOWN = 160      /* characters of a line that differs, at most */
};

/* ---- identity --------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static int add_line(struct mr_buffer *to,
                                                          const char *format, ...)
{
    char line[8192];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    size_t size = n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    /* One line, whatever file names hold. */
    for (size_t i = 0; i < size; i++)
        if (line[i] == '\n')
            line[i] = '?';
    line[size] = '\n';
    return mr_buffer_add(to, line, size + 1);
}

/* Hashes up to END bytes at a place of a file. Returns 0 or -1 (errno). */
static int hash_part(int fd, uint64_t at, uint64_t *hash)
{
    unsigned char bytes[END];
    ssize_t got = mr_pread_full(fd, bytes, END, (off_t)at);
    if (got < 0)
        return -1;
    *hash = XXH3_64bits_withSeed(bytes, (size_t)got, *hash);
    return 0;
}

/* The hash of a file's first and last END bytes; with whole, of all of it. */
static int hash_file(int fd, uint64_t size, bool whole, uint64_t base, uint64_t *hash)
{
    *hash = size;
    for (uint64_t at = 0; whole && at < size; at += END)
        if (hash_part(fd, base + at, hash) < 0)
            return -1;
    if (whole)
        return 0;
    uint64_t last = size > END ? size - END : 0;
    return hash_part(fd, base, hash) < 0 || hash_part(fd, base + last, hash) < 0 ? -1 : 0;
}

/* The program is the same when its file is, byte for byte. */
static uint64_t hash_program(void)
{
    struct stat st;
    uint64_t hash = 0;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && hash_file(fd, (uint64_t)st.st_size, true, 0, &hash) < 0)
        hash = 0;
    mr_close(&fd);
    return hash;
}

static int add_input(struct mr_buffer *to, const struct mr_source *s, struct mr_error *err)
{
    struct stat st;
    bool close_it;
    uint64_t hash = 0;
    int fd = mr_source_open(s, &close_it, err);
    if (fd < 0)
        return -1;
    int result = fstat(fd, &st) < 0 ? -1 : hash_file(fd, s->size, false, (uint64_t)s->base, &hash);
    if (result < 0) {
        mr_error_system(err, "cannot read '%s'", mr_source_name(s));
        mr_error_final(err);
    }
    if (close_it)
        close(fd);
    if (result < 0)
        return -1;
    if (add_line(to, "input '%s' of %" PRIu64 " bytes, changed at %lld.%09ld, ends %016" PRIx64,
                 mr_source_name(s), s->size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                 hash) < 0)
        return mr_error_memory(err, s->size, "the job's identity");
    return 0;
}

static int make_identity(const struct mr_job_run *r, struct mr_buffer *to, struct mr_error *err)
{
    const struct mr_plan *p = &r->plan;
    const struct mr_config *c = r->config;
    if (add_line(to, "program %016" PRIx64, hash_program()) < 0 ||
        add_line(to, "job %s with options %016" PRIx64, r->job->name,
                 (uint64_t)XXH3_64bits(r->state, r->job->state_size)) < 0 ||
        add_line(to, "result in order %d%s, format %d, the first %" PRIu64 "%s", (int)c->order,
                 c->reverse ? " reversed" : "", (int)c->format, c->top,
                 c->output_dir ? ", in parts" : "") < 0 ||
        add_line(to, "plan of %u mappers, %u reducers, %" PRIu64 " bytes of memory, %s"
                     "%zu splits of %" PRIu64 " bytes", p->mappers, p->reducers, p->memory,
                 c->compress ? "compressed, " : "", r->splits.count, p->split_size) < 0)
        return mr_error_memory(err, to->size, "the job's identity");
    for (size_t i = 0; i < r->sources.count; i++)
        if (add_input(to, &r->sources.at[i], err) < 0)
            return -1;
    return 0;
}

/* ---- comparing -------------------------------------------------------------------------- */

/* The line at *at, which is moved behind it; an empty one at the text's end. */
static int next_line(const struct mr_buffer *text, size_t *at)
{
    size_t left = text->size - *at;
    const unsigned char *line = text->at + *at, *end = left ? memchr(line, '\n', left) : NULL;
    size_t size = end ? (size_t)(end - line) : left;
    *at += size + (end != NULL);
    return (int)size;
}

/* Shows the first line in which two identities differ. Returns 0 when none does, or -1. */
static int compare(const struct mr_job_run *r, const struct mr_buffer *was,
                   const struct mr_buffer *is, struct mr_error *err)
{
    for (size_t a = 0, b = 0; a < was->size || b < is->size;) {
        const char *old = (const char *)was->at + a, *new = (const char *)is->at + b;
        int old_size = next_line(was, &a), new_size = next_line(is, &b);
        if (old_size == new_size && memcmp(old, new, (size_t)old_size) == 0)
            continue;
        mr_error_set(err, "cannot resume from '%s': there was \"%.*s\", now there is \"%.*s\" "
                          "(remove the directory to begin anew)", r->store->directory,
                     old_size < SHOWN ? old_size : SHOWN, old,
                     new_size < SHOWN ? new_size : SHOWN, new);
        return mr_error_final(err);
    }
    return 0;
}

/* ---- taking over ------------------------------------------------------------------------ */

/* What a phase has of a task. */
struct place {
    struct mr_spool *spool;
    void *result;
    size_t result_size;
    const char *kind;
};

/* The place of a task of a phase that is kept; without spool where there is none. */
static struct place place_of(const struct mr_job_run *r, uint32_t phase, uint64_t task)
{
    if (phase == MAP && task < r->map_tasks)
        return (struct place){ &r->shuffles[task], &r->mapped[task], sizeof *r->mapped, "map" };
    if (phase == REDUCE && task < r->plan.reducers)
        return (struct place){ &r->reduced[task], &r->reductions[task], sizeof *r->reductions,
                               "reduce" };
    return (struct place){ 0 };
}

struct taking {
    struct mr_job_run *r;
    uint32_t phase; /* whose tasks are taken */
};

/* Shuffle files are not needed, and gone, once all reducers are done. */
static bool is_needed(const struct mr_job_run *r, uint32_t phase)
{
    return phase != MAP || !mr_schedule_done(&r->phases[REDUCE].tasks);
}

static bool take(void *arg, const struct mr_done *done)
{
    const struct taking *t = arg;
    struct mr_job_run *r = t->r;
    if (done->phase != t->phase)
        return true;
    struct place place = place_of(r, done->phase, done->task);
    if (place.spool == NULL || done->result_size != place.result_size)
        return false;
    char name[32];
    snprintf(name, sizeof name, "%s-%" PRIu64, place.kind, done->task);
    struct mr_schedule *tasks = &r->phases[done->phase].tasks;
    size_t task = (size_t)done->task;
    if (tasks->at[task].state == MR_TASK_DONE) /* it was done again: this is what counts */
        mr_spool_leave(place.spool, r->store);
    if (!is_needed(r, done->phase)) {
        place.spool->size = done->size;
    } else if (!mr_spool_adopt(place.spool, r->store, name, mr_file_id(done->phase, task),
                               done->size)) {
        mr_schedule_tell(tasks, task, MR_TASK_LOSE);
        return true;
    }
    memcpy(place.result, done->result, done->result_size);
    mr_schedule_tell(tasks, task, MR_TASK_ADOPT);
    return true;
}

/* Whether a file's name is that of a result that was taken over. */
static bool is_wanted(void *arg, const char *name)
{
    const struct mr_job_run *r = arg;
    bool maps = strncmp(name, "map-", 4) == 0;
    const char *number = strchr(name, '-');
    struct place place = place_of(r, maps ? MAP : REDUCE,
                                  number ? strtoull(number + 1, NULL, 10) : UINT64_MAX);
    return place.spool && strcmp(place.spool->name, name) == 0;
}

/* Notes in the new manifest what was taken over. */
static int note_taken(struct mr_job_run *r, uint32_t phase, struct mr_error *err)
{
    const struct mr_schedule *tasks = &r->phases[phase].tasks;
    for (size_t i = 0; i < tasks->count; i++) {
        if (tasks->at[i].state != MR_TASK_DONE)
            continue;
        r->report->resumed++;
        if (mr_resume_note(r, phase, i, err) < 0)
            return -1;
    }
    return 0;
}

static int take_over(struct mr_job_run *r, const struct mr_buffer *identity,
                     struct mr_error *err)
{
    struct mr_buffer was = MR_BUFFER_INIT, again = MR_BUFFER_INIT;
    struct taking reduces = { r, REDUCE }, maps = { r, MAP };
    int result = mr_manifest_read(r->store, &was, NULL, NULL, err);
    if (result == 0)
        result = compare(r, &was, identity, err);
    if (result == 0)
        result = mr_manifest_read(r->store, &again, take, &reduces, err);
    mr_buffer_free(&again);
    if (result == 0)
        result = mr_manifest_read(r->store, &again, take, &maps, err);
    mr_buffer_free(&again);
    mr_buffer_free(&was);
    return result;
}

int mr_resume_open(struct mr_job_run *r, struct mr_error *err)
{
    struct mr_buffer identity = MR_BUFFER_INIT;
    int result = make_identity(r, &identity, err);
    if (result == 0 && mr_manifest_exists(r->store))
        result = take_over(r, &identity, err);
    if (result == 0) {
        mr_workspace_clear(&r->workspace, is_wanted, r);
        result = mr_manifest_create(&r->manifest, r->store, &identity, err);
    }
    if (result == 0)
        result = note_taken(r, MAP, err);
    if (result == 0)
        result = note_taken(r, REDUCE, err);
    if (result == 0)
        result = mr_manifest_publish(&r->manifest, err);
    mr_buffer_free(&identity);
    return result;
}

int mr_resume_note(struct mr_job_run *r, unsigned phase, size_t task, struct mr_error *err)
{
    if (!r->store->kept)
        return 0;
    struct place place = place_of(r, phase, task);
    struct mr_done done = { phase, task, place.spool->size, place.result, place.result_size };
    return mr_manifest_add(&r->manifest, &done, err);
}
