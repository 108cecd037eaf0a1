/* Between wc-mr and a program. */
#include "task.h"

#include "attempt.h"
#include "stderr_lines.h"
#include "feeder.h"
#include "input_coding.h"
#include "path.h"
#include "programs/gathering.h"
#include "properties.h"
#include "run.h"
#include "say.h"
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PIECE = 64 << 10, PIPE_ROOM = 1 << 20, LOOK_MS = 1000,
    ENOUGH = SIGUSR1 /* ends the feeder of a program that has ended */
};

struct task {
    const char *phase; /* map, combine or reduce */
    bool map;          /* the task is a mapper's */
    struct attempt attempt;
    struct settings settings;
    struct framing *input; /* in memory shared with the feeder */
    struct stderr_lines errors;
    pid_t feeder, program; /* 0: there is none, or it has ended */
    int feeder_status;     /* then, as waitpid has it */
    int output, said;      /* what it writes; its standard error; -1: ended */
    int children;          /* tells of children that end */
    struct gathering gathering; /* of the output */
    bool ended;
    int status;            /* then */
};

/* ---- the environment -------------------------------------------------------------------- */

/* Where a split of counted lines comes from: an offset, a space, a URI. Returns whether it is. */
static bool set_origin(struct properties *p, const char *job, const char *file)
{
    char origin[PATH_MAX + 64];
    char *link = text_format("%s/origins/%s", job, text_base_name(file));
    ssize_t size = text_begins(file, text_format("%s/splits/", job))
                       ? readlink(link, origin, sizeof origin - 1)
                       : -1;
    if (size < 0)
        return false;
    origin[size] = '\0';
    size_t digits = strcspn(origin, " ");
    property_set(p, "mapreduce.map.input.file", origin + digits + 1);
    property_set(p, "mapreduce.map.input.start", text_part(origin, digits));
    return true;
}

static void set_input(struct properties *p, const char *job, const struct file_systems *fs)
{
    const char *file = getenv("WC_MR_FILE"), *start = getenv("WC_MR_OFFSET");
    if (file == NULL || set_origin(p, job, file))
        return;
    property_set(p, "mapreduce.map.input.file", path_uri(fs, file));
    property_set(p, "mapreduce.map.input.start", start ? start : "0");
}

/* What the job has set, and what this attempt is. */
static int set_environment(const struct task *t, struct mr_error *err)
{
    struct properties p = { 0 };
    struct list all = { 0 };
    struct file_systems fs;
    const char *id = getenv("WC_MR_HADOOP_ID"), *self = getenv("WC_MR_HADOOP");
    if (path_begin(&fs, err) < 0 ||
        settings_read_list(&all, text_format("%s/environment", t->attempt.job), err) < 0)
        return -1;
    property_set(&p, "mapreduce.task.id", text_format("task_%s_%s", id, t->attempt.task));
    property_set(&p, "mapreduce.task.attempt.id",
                 text_format("attempt_%s_%s", id, t->attempt.name));
    property_set(&p, "mapreduce.task.ismap", t->map ? "true" : "false");
    char *side = text_format("%s/%s", getenv("WC_MR_HADOOP_SIDE"), t->attempt.name);
    if (mkdir(side, 0777) < 0 && errno != EEXIST)
        return mr_error_set(err, "cannot make '%s': %s", side, strerror(errno)), -1;
    property_set(&p, "mapreduce.task.output.dir", path_uri(&fs, side));
    if (t->map)
        set_input(&p, t->attempt.job, &fs);
    property_environment(&p, &all);
    list_add(&all, text_format("TMPDIR=%s/tmp", t->attempt.work));
    bool good = true;
    for (size_t i = 0; good && i < all.count; i++)
        good = putenv(all.at[i]) == 0;
    /* hadoop fs is for tasks, too. */
    const char *path = getenv("PATH");
    path = text_format("%s:%.*s", path ? path : "/usr/bin:/bin",
                       (int)(text_base_name(self) - self - 1), self);
    return good && setenv("PATH", path, 1) == 0
               ? 0
               : mr_error_set(err, "there is no memory for a program's environment");
}

/* ---- starting --------------------------------------------------------------------------- */

/* A program is looked for in the working directory first, as Hadoop does; hadoop aggregate is this
 * program. */
static void find_program(struct list *words)
{
    const char *name = words->at[0];
    if (text_is(name, "hadoop") && words->count > 1 && text_is(words->at[1], "aggregate"))
        words->at[0] = getenv("WC_MR_HADOOP");
    else if (*name != '/' && access(name, X_OK) == 0)
        words->at[0] = text_format("./%s", name);
}

static void hear_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void be_program(struct task *t, const int input[2], const int output[2],
                                 const int said[2])
{
    hear_signals();
    if (dup2(input[0], STDIN_FILENO) >= 0 && dup2(output[1], STDOUT_FILENO) >= 0 &&
        dup2(said[1], STDERR_FILENO) >= 0) {
        find_program(&t->settings.words);
        execvp(t->settings.words.at[0], t->settings.words.at);
        struct mr_error err = { 0 };
        (void)mr_error_set(&err, "cannot run '%s': %s", t->settings.words.at[0], strerror(errno));
        say_plain(err.text);
    }
    _exit(errno == EACCES ? 126 : 127);
}

/* Finds in which file a record between marks may go on, whatever the working directory will be:
 * what was decoded was not cut. */
static int find_file(struct framing *f, struct mr_error *err)
{
    const char *name = getenv("WC_MR_FILE");
    if (f->from != FORM_MARKED || name == NULL || input_is_compressed(name))
        return 0;
    char *path = realpath(name, NULL);
    if (path == NULL)
        return mr_error_set(err, "cannot read '%s': %s", name, strerror(errno));
    f->file = text_copy(path);
    free(path);
    return 0;
}

/* Finds where in its file a mapper's first line begins. wc-mr drops a byte order mark, of three
 * bytes: so input that begins at byte 3 is the file's beginning, unless a line ends there and the
 * file is cut that small. */
static void find_offset(struct framing *f)
{
    const char *start = getenv("WC_MR_OFFSET"), *path = getenv("WC_MR_FILE");
    char first[3] = "";
    f->offset = start ? strtoull(start, NULL, 10) : 0;
    FILE *file = path && f->offset == sizeof first ? fopen(path, "re") : NULL;
    if (file && fread(first, sizeof first, 1, file) == 1 && first[2] != '\n')
        f->mark = sizeof first;
    if (file)
        fclose(file);
}

static _Noreturn void be_feeder(struct task *t, const int input[2], const int output[2],
                                const int said[2])
{
    struct mr_error err = { 0 };
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(ENOUGH, SIG_DFL);
    hear_signals();
    close(input[0]);
    close(output[0]);
    close(output[1]);
    close(said[0]);
    close(said[1]);
    int result = feeder_run(t->input, STDIN_FILENO, input[1], &err);
    if (result < 0)
        (void)dprintf(t->errors.log, "hadoop task: %s\n", err.text);
    _exit(result < 0 ? 1 : 0);
}

/* Without a program, the feeder writes to where that would. */
static int start(struct task *t, struct mr_error *err)
{
    int input[2] = { -1, -1 }, output[2] = { -1, -1 }, said[2] = { -1, -1 };
    bool is_program = t->settings.words.count > 0;
    if (pipe2(output, O_CLOEXEC) < 0 || pipe2(said, O_CLOEXEC) < 0 ||
        (is_program && pipe2(input, O_CLOEXEC) < 0))
        return mr_error_set(err, "cannot make a pipe: %s", strerror(errno));
    if (!is_program && ((input[0] = dup(STDIN_FILENO)) < 0 || (input[1] = dup(output[1])) < 0))
        return mr_error_set(err, "cannot open a descriptor: %s", strerror(errno));
    (void)fcntl(output[0], F_SETPIPE_SZ, PIPE_ROOM); /* what is not granted makes it slower */
    (void)fcntl(input[1], F_SETPIPE_SZ, PIPE_ROOM);
    if ((t->feeder = fork()) == 0)
        be_feeder(t, input, output, said);
    if (t->feeder > 0 && is_program && (t->program = fork()) == 0)
        be_program(t, input, output, said);
    int code = errno;
    close(input[0]);
    close(input[1]);
    close(output[1]);
    close(said[1]);
    close(STDIN_FILENO);
    t->output = output[0];
    t->said = said[0];
    t->ended = !is_program;
    return t->feeder < 0 || t->program < 0
               ? mr_error_set(err, "cannot start a process: %s", strerror(code))
               : fcntl(t->said, F_SETFL, O_NONBLOCK);
}

/* ---- until the end ---------------------------------------------------------------------- */

static void hear_of_children(struct task *t)
{
    struct signalfd_siginfo info;
    int status;
    pid_t pid;
    while (read(t->children, &info, sizeof info) > 0)
        ;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == t->program) {
            t->ended = true;
            t->status = run_status(status);
        } else if (pid == t->feeder) {
            t->feeder = 0;
            t->feeder_status = status;
        }
}

/* Reads what there is of output. Returns 0 or -1. */
static int take_output(struct task *t, struct mr_error *err)
{
    char bytes[PIECE];
    struct framing *f = &t->settings.output;
    ssize_t size = read(t->output, bytes, sizeof bytes);
    if (size < 0 && errno == EINTR)
        return 0;
    if (size < 0)
        return mr_error_set(err, "cannot read from a program: %s", strerror(errno));
    gathering_note(&t->gathering, (size_t)size);
    if ((size > 0 ? framing_convert(f, bytes, (size_t)size, err) : framing_end(f, err)) < 0)
        return -1;
    if (size == 0) {
        close(t->output);
        t->output = -1;
    }
    return feeder_write(STDOUT_FILENO, f->made, f->made_size) == 0
               ? 0
               : mr_error_set(err, "cannot write to wc-mr: %s", strerror(errno));
}

/* Reads all that there is of standard error. */
static void take_errors(struct task *t)
{
    char bytes[PIECE];
    ssize_t size;
    while (t->said >= 0 && (size = read(t->said, bytes, sizeof bytes)) != 0) {
        if (size > 0)
            stderr_lines_take(&t->errors, bytes, (size_t)size);
        else if (errno != EINTR)
            return; /* no more for now */
    }
    if (t->said >= 0)
        close(t->said);
    t->said = -1;
}

static int turn(struct task *t, struct mr_error *err)
{
    bool gathers = gathering_begin(&t->gathering, t->output >= 0 && !t->ended);
    struct pollfd fds[] = {
        { gathers ? -1 : t->output, POLLIN, 0 },
        { t->said, POLLIN, 0 },
        { t->children, POLLIN, 0 },
    };
    int ready = poll(fds, 3, gathers ? GATHERING_MS : LOOK_MS);
    if (ready < 0 && errno != EINTR)
        return mr_error_set(err, "cannot wait for a program: %s", strerror(errno));
    if (fds[2].revents != 0 || (ready <= 0 && !gathers))
        hear_of_children(t);
    if (fds[1].revents != 0)
        take_errors(t);
    return fds[0].revents != 0 ? take_output(t, err) : 0;
}

static bool has_failed(const struct task *t)
{
    return t->ended && t->status != 0 && !t->settings.any_status;
}

/* Where the feeder has died before it was done, the program has not had all of its input. */
static int end_feeder(struct task *t, struct mr_error *err)
{
    int status = t->feeder_status;
    if (t->feeder > 0) {
        kill(t->feeder, ENOUGH);
        while (waitpid(t->feeder, &status, 0) < 0 && errno == EINTR)
            ;
        if (WIFSIGNALED(status) && WTERMSIG(status) == ENOUGH)
            status = 0;
    }
    return status == 0 || has_failed(t)
               ? 0
               : mr_error_set(err, "the process that feeds the program has died: status %d",
                              run_status(status));
}

/* A program that has failed is not heard to its output's end. */
static int attend(struct task *t, struct mr_error *err)
{
    while ((t->output >= 0 || !t->ended) && !has_failed(t))
        if (turn(t, err) < 0)
            return -1;
    take_errors(t);
    stderr_lines_end(&t->errors);
    return end_feeder(t, err);
}

static int count(struct task *t, struct mr_error *err)
{
    static const char group[] = "Map-Reduce Framework";
    char *path = text_format("%s/counters/%s", t->attempt.job, t->attempt.name);
    char *name = text_format("%c%s", toupper((unsigned char)*t->phase), t->phase + 1);
    const struct framing *output = t->settings.output.from == FORM_BYTES ? t->input
                                                                         : &t->settings.output;
    counters_add(&t->errors.counters, group, text_format("%s input records", name),
                 (int64_t)t->input->lines.lines);
    counters_add(&t->errors.counters, group, text_format("%s output records", name),
                 (int64_t)output->lines.lines);
    return counters_write(&t->errors.counters, path) == 0
               ? 0
               : mr_error_set(err, "cannot write '%s': %s", path, strerror(errno));
}

/* ---- a task ----------------------------------------------------------------------------- */

static int prepare(struct task *t, const char *phase, struct mr_error *err)
{
    const char *job = getenv("WC_MR_HADOOP_JOB"), *number = getenv("WC_MR_TASK");
    sigset_t child;
    t->phase = phase;
    t->map = !text_is(phase, "reduce");
    if (job == NULL || number == NULL || getenv("WC_MR_HADOOP_ID") == NULL ||
        getenv("WC_MR_HADOOP_SIDE") == NULL || getenv("WC_MR_HADOOP") == NULL)
        return mr_error_set(err, "hadoop task is for wc-mr to call");
    if (settings_read(&t->settings, text_format("%s/%s", job, phase), err) < 0 ||
        attempt_find(&t->attempt, job, t->map, number, err) < 0 ||
        (t->errors.log = attempt_open(&t->attempt, "logs", err)) < 0 ||
        set_environment(t, err) < 0)
        return -1;
    find_offset(&t->settings.input);
    if (find_file(&t->settings.input, err) < 0 || attempt_enter(&t->attempt, err) < 0)
        return -1;
    t->errors.prefix = t->settings.prefix;
    t->input = mmap(NULL, sizeof *t->input, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                    0);
    if (t->input == MAP_FAILED)
        return mr_error_set(err, "there is no memory for a program's lines");
    *t->input = t->settings.input;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    t->children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return t->children >= 0 ? 0 : mr_error_set(err, "cannot watch processes: %s", strerror(errno));
}

int task_main(char **words)
{
    static struct task t = { .output = -1, .said = -1, .errors.log = -1,
                             .gathering.little = PIECE };
    struct mr_error err = { 0 };
    if (words[0] == NULL || prepare(&t, words[0], &err) < 0 || start(&t, &err) < 0 ||
        attend(&t, &err) < 0 || count(&t, &err) < 0) {
        say_failure("hadoop task", &err);
        (void)dprintf(t.errors.log, "hadoop task: %s\n", err.text); /* what the job shows */
        return 1;
    }
    framing_free(&t.settings.output);
    return t.settings.any_status ? 0 : t.status;
}
