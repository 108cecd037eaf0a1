/* Resuming. */
#include "control/resume.h"

#include "base/error.h"
#include "base/io.h"
#include "control/identity.h"
#include "control/skip.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN = 160 }; /* characters of a line that differs, at most */

/* ---- before ----------------------------------------------------------------------------- */

bool mr_resume_layout(const char *directory, struct mr_layout *layout)
{
    struct mr_store *store = calloc(1, sizeof *store);
    struct mr_buffer identity = MR_BUFFER_INIT;
    struct mr_error ignored; /* it will be told when the directory is opened */
    bool found = false;
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store != NULL && fd >= 0) {
        store->fd = fd;
        store->fd_limit = INT_MAX;
        found = mr_manifest_exists(store) &&
                mr_manifest_read(store, &identity, NULL, &ignored) == 0 &&
                mr_identity_layout(&identity, layout);
    }
    mr_close(&fd);
    mr_buffer_free(&identity);
    free(store);
    return found;
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

/* The bytes of what a line names: "--format" of "--format: csv"; 0 for an input. */
static int name_size(const char *line, int size)
{
    const char *quote = memchr(line, '\'', (size_t)size);
    const char *colon = memmem(line, (size_t)size, ": ", 2);
    return colon && (quote == NULL || colon < quote) ? (int)(colon - line) : 0;
}

static int shown(int size)
{
    return size < SHOWN ? size : SHOWN;
}

/* Tells of two lines that differ. */
static void tell(const char *old, int old_size, const char *new, int new_size, const char *from,
                 struct mr_error *err)
{
    int name = name_size(old, old_size), value = name + 2;
    if (name == 0 || name != name_size(new, new_size) || memcmp(old, new, (size_t)name) != 0)
        mr_error_set(err, "cannot resume from '%s': there was \"%.*s\", now there is \"%.*s\" ",
                     from, shown(old_size), old, shown(new_size), new);
    else if (old[value] == '#')
        mr_error_set(err, "cannot resume from '%s': %.*s is not what it was ", from, name, old);
    else
        mr_error_set(err, "cannot resume from '%s': %.*s was %.*s, now it is %.*s ", from, name,
                     old, shown(old_size - value), old + value, shown(new_size - value),
                     new + value);
    mr_error_suffix(err, "(let it be as it was, or remove the directory to begin anew)");
}

/* Tells of the first line in which two identities differ. Returns 0 when none does, or -1. */
static int compare(const char *directory, const struct mr_buffer *was, const struct mr_buffer *is,
                   struct mr_error *err)
{
    for (size_t a = 0, b = 0; a < was->size || b < is->size;) {
        const char *old = (const char *)was->at + a, *new = (const char *)is->at + b;
        int old_size = next_line(was, &a), new_size = next_line(is, &b);
        if (old_size == new_size && memcmp(old, new, (size_t)old_size) == 0)
            continue;
        tell(old, old_size, new, new_size, directory, err);
        return mr_error_final(err);
    }
    return 0;
}

/* ---- taking over ------------------------------------------------------------------------ */

/* Whether a task of a stage leaves what the manifest can note. */
static bool is_noted(const struct mr_stages *stages, uint64_t stage, uint64_t task)
{
    return stage < stages->count && stages->at[stage]->makes_files &&
           task < stages->at[stage]->count;
}

/* The files of a stage are not needed, and gone, once the stage after it is done; the last one's
 * output can only be made from the files before it. */
static bool is_needed(const struct mr_stages *stages, uint32_t number)
{
    const struct mr_stage *after = stages->at[number + 1];
    return !after->makes_files || !mr_schedule_done(&after->phase.tasks);
}

struct adoption {
    struct mr_stages *stages;
    uint32_t number; /* of the stage whose tasks are taken */
    bool ended;      /* by a signal */
    struct mr_error *err;
};

/* Removes a file that the manifest notes. It was made by the run that wrote the manifest, so it
 * needs no magic to show that, whatever has become of it. */
static void remove_noted(const struct mr_store *store, const char *name)
{
    struct stat st;
    if (fstatat(store->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
        unlinkat(store->fd, name, 0);
}

static bool adopt(void *arg, const struct mr_done *done)
{
    struct adoption *a = arg;
    struct mr_stage *s = a->stages->at[a->number];
    a->ended = mr_signals_check(a->stages->supervisor->signals, a->err) < 0;
    if (a->ended)
        return false;
    if (done->stage != a->number)
        return true;
    if (!is_noted(a->stages, done->stage, done->task) || done->result_size != s->result_size)
        return false;
    char name[MR_FILE_NAME];
    size_t task = (size_t)done->task;
    if (!mr_tally_adopt(&a->stages->tally, done->counted, done->counted_size, &s->counted[task]))
        return false;
    struct mr_spool *file = &s->files[task];
    struct mr_schedule *tasks = &s->phase.tasks;
    mr_stage_file_name(s, task, name);
    if (tasks->at[task].state == MR_TASK_DONE) /* it was done again: this is what counts */
        mr_spool_close(file, a->stages->store);
    if (!is_needed(a->stages, a->number)) {
        remove_noted(a->stages->store, name);
        file->size = done->size;
    } else if (!mr_spool_adopt(file, a->stages->store, name, mr_stage_file_id(s, task),
                               done->size)) {
        remove_noted(a->stages->store, name);
        mr_schedule_tell(tasks, task, MR_TASK_LOSE);
        return true;
    }
    memcpy(mr_stage_result(s, task), done->result, done->result_size);
    mr_schedule_tell(tasks, task, MR_TASK_ADOPT);
    return true;
}

/* Whether a file's name is that of a result that was taken over. */
static bool is_wanted(void *arg, const char *name)
{
    const struct mr_stages *stages = arg;
    const char *dash = strrchr(name, '-');
    uint64_t task = dash ? strtoull(dash + 1, NULL, 10) : UINT64_MAX;
    for (uint32_t i = 0; i < stages->count; i++)
        if (is_noted(stages, i, task) && strcmp(stages->at[i]->files[task].name, name) == 0)
            return true;
    return false;
}

/* What an earlier run has passed over is not in the results that are taken over. */
static bool take_bad(void *arg, const struct mr_bad_record *record)
{
    struct mr_error ignored;
    return mr_bad_add(arg, record, &ignored) >= 0;
}

/* Notes in the new manifest what was taken over. */
static int note_taken(struct mr_stages *stages, struct mr_error *err)
{
    for (size_t i = 0; i < stages->bad.count; i++)
        if (mr_manifest_add_bad(stages->manifest, &stages->bad.records[i], err) < 0)
            return -1;
    for (uint32_t n = 0; n < stages->count; n++) {
        const struct mr_stage *s = stages->at[n];
        for (size_t i = 0; s->makes_files && i < s->count; i++) {
            if (s->phase.tasks.at[i].state != MR_TASK_DONE)
                continue;
            mr_stage_tell(s, i, MR_EVENT_KEPT);
            if (mr_signals_check(stages->supervisor->signals, err) < 0 ||
                mr_stage_note(s, i, err) < 0)
                return -1;
        }
    }
    return 0;
}

/* The later stages first: what they have done says what is needed of those before. */
static int take_over(struct mr_stages *stages, const struct mr_buffer *identity,
                     struct mr_error *err)
{
    struct mr_buffer was = MR_BUFFER_INIT;
    struct mr_manifest_visitor bad = { .bad = take_bad, .arg = &stages->bad };
    int result = mr_manifest_read(stages->store, &was, &bad, err);
    if (result == 0)
        result = compare(stages->store->directory, &was, identity, err);
    if (result == 0)
        result = mr_skip_check(stages, err);
    mr_buffer_free(&was);
    for (uint32_t n = stages->count; n-- > 0 && result == 0;) {
        struct adoption adoption = { stages, n, false, err };
        if (!stages->at[n]->makes_files)
            continue;
        struct mr_manifest_visitor visitor = { .task = adopt, .arg = &adoption };
        result = mr_manifest_read(stages->store, &was, &visitor, err);
        if (adoption.ended)
            result = -1;
        mr_buffer_free(&was);
    }
    return result;
}

/* Where a file is lost, what was made of it is not taken over, either. */
static void leave_readers(const struct mr_stages *stages)
{
    for (uint32_t n = 0; n < stages->count; n++)
        if (stages->at[n]->makes_files && !mr_schedule_done(&stages->at[n]->phase.tasks))
            mr_stage_renew_kept_readers(stages->at[n]);
}

int mr_resume(struct mr_stages *stages, const struct mr_workspace *workspace,
              const struct mr_buffer *identity, struct mr_error *err)
{
    if (mr_manifest_exists(stages->store) && take_over(stages, identity, err) < 0)
        return -1;
    leave_readers(stages);
    mr_workspace_clear(workspace, is_wanted, stages);
    if (mr_manifest_create(stages->manifest, stages->store, identity, err) < 0 ||
        note_taken(stages, err) < 0)
        return -1;
    return mr_manifest_publish(stages->manifest, err);
}
