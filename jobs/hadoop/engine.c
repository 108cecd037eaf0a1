/*
 * wc-mr, run by the job: what it says is made into Hadoop's log lines.
 *
 *     wc-mr: map task 3 ('x', ...): attempt 1 failed: the mapper '...' ended with status 1, ...
 *
 * becomes  Task Id : attempt_1764244800000_0001_m_000003_0, Status : FAILED  with Hadoop's words
 * for it, and with the last lines that the program has written to its standard error.
 */
#include "job.h"

#include "run.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char logger[] = "mapreduce.Job";

/* ---- what it says ----------------------------------------------------------------------- */

/* What has been seen. */
struct progress {
    bool reducing;
    bool told; /* a task's failure, so that the run's needs no other word */
};

/* "map task 3 (...): WHAT" */
struct event {
    bool map;
    unsigned long task, attempt;
    const char *what;
};

static bool read_event(const char *line, struct event *e)
{
    static const char map[] = "map task ", reduce[] = "reduce task ";
    char *end;
    e->map = text_begins(line, map);
    if (!e->map && !text_begins(line, reduce))
        return false;
    e->task = strtoul(line + strlen(e->map ? map : reduce), &end, 10);
    const char *behind = strstr(end, "): ");
    if (behind == NULL)
        return false;
    e->what = behind + 3;
    return true;
}

/* The last lines that a program has said, as far as they are not too many. */
static char *last_words(const struct job *j, const char *attempt)
{
    enum { LINES = 40 };
    struct list lines = { 0 };
    char *line = NULL, *text = text_copy("");
    size_t room = 0;
    FILE *file = fopen(text_format("%s/logs/%s", j->directory, attempt), "re");
    if (file != NULL)
        (void)fseek(file, -8192, SEEK_END); /* a shorter one is read from its beginning */
    while (file != NULL && getline(&line, &room, file) > 0)
        list_add_parts(&lines, line, "\n");
    free(line);
    if (file != NULL)
        fclose(file);
    for (size_t i = lines.count > LINES ? lines.count - LINES : 0; i < lines.count; i++) {
        struct mr_error printable = { 0 };
        (void)mr_error_set(&printable, "%s", lines.at[i]);
        text = text_format("%s\n%s", text, printable.text);
    }
    return text;
}

/* Hadoop's words for how a program has failed; the rest as wc-mr has it. */
static char *reason(const char *why)
{
    static const char status[] = "' ended with status ", signal[] = "' was killed by signal ";
    const char *by_status = strstr(why, status), *by_signal = strstr(why, signal);
    const char *rest = strstr(why, ", having read "), *words = strstr(why, "; its last words: ");
    if (by_status == NULL && by_signal == NULL)
        return text_format("Error: %s", why);
    long code = by_status ? strtol(by_status + strlen(status), NULL, 10)
                          : 128 + strtol(by_signal + strlen(signal), NULL, 10);
    size_t size = rest == NULL ? 0 : words ? (size_t)(words - rest) : strlen(rest);
    return text_format("Error: java.lang.RuntimeException: PipeMapRed.waitOutputThreads(): "
                       "subprocess failed with code %ld%s", code,
                       size ? text_part(rest, size) : "");
}

static void tell_failure(const struct job *j, const struct event *e, const char *why)
{
    char *attempt = text_format("%c_%06lu_%lu", e->map ? 'm' : 'r', e->task, e->attempt - 1);
    say_log("INFO", logger, text_format("Task Id : attempt_%s_%s, Status : FAILED\n%s%s", j->id,
                                        attempt, reason(why), last_words(j, attempt)));
}

static void hear_event(const struct job *j, struct progress *p, struct event *e)
{
    static const char attempt[] = "attempt ", failed[] = " failed: ";
    char *end = NULL;
    if (!e->map && !p->reducing) {
        say_log("INFO", logger, " map 100% reduce 0%");
        p->reducing = true;
    }
    if (!text_begins(e->what, attempt))
        return;
    e->attempt = strtoul(e->what + strlen(attempt), &end, 10);
    if (text_begins(end, failed)) {
        tell_failure(j, e, end + strlen(failed));
        p->told = true;
    }
}

static void hear(const struct job *j, struct progress *p, char *line)
{
    static const char name[] = "wc-mr: ";
    struct event e;
    line[strcspn(line, "\n")] = '\0';
    if (!text_begins(line, name))
        return;
    line += strlen(name);
    if (read_event(line, &e))
        hear_event(j, p, &e);
    else if (!text_begins(line, "merge task ") && !(p->told && strstr(line, " failed ") != NULL))
        say_log("WARN", logger, line);
}

/* ---- the run ---------------------------------------------------------------------------- */

static volatile sig_atomic_t engine_pid, interrupted;

static void pass_signal(int number)
{
    interrupted = number;
    if (engine_pid > 0)
        kill((pid_t)engine_pid, number);
}

static void pass_signals(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = pass_signal, .sa_flags = SA_RESTART };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
}

/* This program's own directory; NULL: it is not known. */
static char *own_directory(void)
{
    char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    if (size <= 0)
        return NULL;
    path[size] = '\0';
    return text_part(path, (size_t)(text_base_name(path) - path));
}

/* wc-mr: what WC_MR names, or the one next to this program, as installed or as built. */
static char *find_engine(struct mr_error *err)
{
    static const char *const places[] = { WC_MR_FROM_HERE, "../../wc-mr" };
    const char *named = getenv("WC_MR"), *here = own_directory();
    if (named != NULL && *named != '\0')
        return text_copy(named);
    for (size_t i = 0; here && i < sizeof places / sizeof *places; i++) {
        char *path = text_format("%s%s", here, places[i]);
        if (access(path, X_OK) == 0)
            return path;
    }
    (void)mr_error_set(err, "wc-mr is not where it belongs, at '%s' from '%s'; WC_MR can say where "
                            "it is", WC_MR_FROM_HERE, here ? here : "?");
    return NULL;
}

static void add_number(struct list *l, const char *option, uint64_t number)
{
    list_add(l, text_format("%s=%llu", option, (unsigned long long)number));
}

/* Properties that are options of wc-mr's. Returns 0 or -1. */
static int add_options(struct list *l, const struct job *j, struct mr_error *err)
{
    const struct properties *p = &j->streaming.properties;
    uint64_t map, reduce, ms, split;
    if (property_number(p, "mapreduce.map.maxattempts", 4, &map, err) < 0 ||
        property_number(p, "mapreduce.reduce.maxattempts", 4, &reduce, err) < 0 ||
        property_number(p, "mapreduce.task.timeout", 600000, &ms, err) < 0 ||
        property_number(p, "mapreduce.input.fileinputformat.split.maxsize", 0, &split,
                        err) < 0)
        return -1;
    add_number(l, "--max-attempts", map > reduce ? map : reduce);
    add_number(l, "--task-timeout", (ms + 999) / 1000);
    if (j->split_size > 0)
        split = j->split_size;
    if (split > 0)
        list_add(l, text_format("--split-size=%llub", (unsigned long long)split));
    if (property_is_true(p, "mapreduce.map.output.compress"))
        list_add(l, "--compress");
    return 0;
}

static void add_separator(struct list *l, const char *option, const struct separator *s)
{
    char *text = text_format("%s=", option);
    for (size_t i = 0; i < s->size; i++)
        text = text_format("%s\\x%02x", text, s->at[i]);
    list_add(l, text);
}

static int make_command(const struct job *j, struct list *l, struct mr_error *err)
{
    static const struct separator tab = { 1, { '\t' } };
    const char *engine = find_engine(err);
    if (engine == NULL || (list_add(l, engine), false))
        return -1;
    list_add(l, "--job=programs");
    list_add(l, "--mapper=exec \"$WC_MR_HADOOP\" task map");
    list_add(l, j->reducers > 0 ? "--reducer=exec \"$WC_MR_HADOOP\" task reduce"
                                : "--reducer=NONE");
    if (j->reducers > 0)
        add_number(l, "--reducers", j->reducers);
    if (j->combines)
        list_add(l, "--combiner=exec \"$WC_MR_HADOOP\" task combine");
    if (j->partition_by)
        list_add(l, text_format("--partition-by=%s", j->partition_by));
    if (j->sort_by)
        list_add(l, text_format("--sort-by=%s", j->sort_by));
    bool sortable = job_has_sortable_lines(j);
    add_separator(l, "--separator", sortable ? &tab : &j->separator);
    if (j->partition_by || j->sort_by)
        add_separator(l, "--field-separator", &j->field_separator);
    add_number(l, "--key-fields", sortable ? 1 : j->key_fields);
    list_add(l, "--verbose");
    list_add(l, "--force-bytes"); /* what an input's bytes mean is a mapper's to know */
    list_add(l, text_format("--files0-from=%s/inputs", j->directory));
    list_add(l, text_format("--output-dir=%s", j->stage));
    return add_options(l, j, err);
}

static _Noreturn void become_engine(const struct job *j, const struct list *command, int errors)
{
    char self[4096], *side = realpath(j->side, NULL);
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    self[size > 0 ? size : 0] = '\0';
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (setenv("WC_MR_HADOOP", self, 1) == 0 && setenv("WC_MR_HADOOP_JOB", j->directory, 1) == 0 &&
        setenv("WC_MR_HADOOP_ID", j->id, 1) == 0 &&
        setenv("WC_MR_HADOOP_SIDE", side ? side : j->side, 1) == 0 &&
        dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
        dup2(errors, STDERR_FILENO) >= 0)
        execv(command->at[0], command->at);
    dprintf(errors, "wc-mr: it cannot be run: %s\n", strerror(errno));
    _exit(127);
}

static int hear_all(const struct job *j, int errors)
{
    struct progress p = { 0 };
    char *line = NULL;
    size_t room = 0;
    FILE *file = fdopen(errors, "r");
    while (file != NULL && getline(&line, &room, file) > 0)
        hear(j, &p, line);
    free(line);
    if (file != NULL)
        fclose(file);
    int status = 0;
    while (waitpid((pid_t)engine_pid, &status, 0) < 0 && errno == EINTR)
        ;
    engine_pid = 0;
    return interrupted ? 128 + interrupted : run_status(status);
}

int job_run(const struct job *j, struct mr_error *err)
{
    struct list command = { 0 };
    int errors[2];
    if (make_command(j, &command, err) < 0)
        return -1;
    if (pipe2(errors, O_CLOEXEC) < 0)
        return mr_error_set(err, "cannot make a pipe: %s", strerror(errno));
    pass_signals();
    pid_t pid = fork();
    if (pid == 0)
        become_engine(j, &command, errors[1]);
    engine_pid = pid;
    close(errors[1]);
    if (pid < 0) {
        close(errors[0]);
        return mr_error_set(err, "cannot start a process: %s", strerror(errno));
    }
    return hear_all(j, errors[0]);
}
