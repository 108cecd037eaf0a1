/* A job, from its command line to its output. */
#include "jar.h"

#include "attempt.h"
#include "cleaner.h"
#include "job.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char logger[] = "mapreduce.Job", client[] = "streaming.StreamJob";

/* Says why, and that the command has failed. */
static int fail(int status, const struct mr_error *err)
{
    say_log("ERROR", client, text_format("Error Launching job : %s", err->text));
    say_plain("Streaming Command Failed!");
    return status;
}

/* ---- before ----------------------------------------------------------------------------- */

/* Makes the job's directory. Returns 0 or -1. */
static int make_directory(struct job *j, struct mr_error *err)
{
    static const char *const folders[] = { "shipped", "programs", "archives", "attempts", "work",
                                           "logs", "counters", "local", "splits", "origins" };
    const char *temporary = getenv("TMPDIR");
    char *made = text_format("%s/wc-mr-hadoop.XXXXXX",
                             temporary && *temporary == '/' ? temporary : "/tmp");
    if (mkdtemp(made) == NULL)
        return mr_error_set(err, "cannot make the directory '%s': %s", made, strerror(errno));
    j->directory = made;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (mkdir(text_format("%s/%s", made, folders[i]), 0777) < 0)
            return mr_error_set(err, "cannot fill '%s': %s", made, strerror(errno));
    return 0;
}

/* Where the output goes. Returns JOB_DONE, or another status. */
static int find_output(struct job *j, struct mr_error *err)
{
    if (path_find(j->fs, j->streaming.output, &j->output, err) < 0)
        return JOB_INVALID;
    if (access(j->output.local, F_OK) == 0) {
        (void)mr_error_set(err, "Output directory %s already exists",
                           path_uri(j->fs, j->output.local));
        return JOB_OUTPUT_EXISTS;
    }
    const char *name = text_base_name(j->output.local);
    char *above = text_part(j->output.local, (size_t)(name - j->output.local));
    j->stage = text_format("%s_temporary.%s.%ld", above, name, (long)getpid());
    j->side = text_format("%s_side.%s.%ld", above, name, (long)getpid());
    j->log = text_format("%s_%s.job_%s.log", above, name, j->id);
    if (path_make_above(j->output.local) == 0)
        return JOB_DONE;
    (void)mr_error_set(err, "cannot make the directory above '%s': %s", j->output.shown,
                       strerror(errno));
    return JOB_IO_ERROR;
}

static char *make_id(void)
{
    struct timespec now = { 0 };
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return text_format("%lld_0001", (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

/* ---- after ------------------------------------------------------------------------------ */

static void add_counters(const struct job *j, struct counters *all)
{
    struct list names = { 0 };
    char *folder = text_format("%s/counters", j->directory);
    if (path_names(folder, &names) < 0)
        return;
    for (size_t i = 0; i < names.count; i++) {
        if (attempt_is_last(&names, i))
            counters_read(all, text_format("%s/%s", folder, names.at[i]));
    }
}

static void tell_counters(const struct job *j)
{
    struct counters all = { 0 };
    add_counters(j, &all);
    counters_add(&all, "File Input Format Counters ", "Bytes Read", (int64_t)j->input_bytes);
    counters_add(&all, "File Output Format Counters ", "Bytes Written", (int64_t)j->output_bytes);
    say_log("INFO", logger, counters_text(&all));
}

static int succeed(struct job *j, struct mr_error *err)
{
    struct mr_error directory = { 0 }; /* a line that is no two, whatever bytes the name has */
    if (job_finish_output(j, err) < 0)
        return fail(JOB_IO_ERROR, err);
    say_log("INFO", logger, " map 100% reduce 100%");
    say_log("INFO", logger, text_format("Job job_%s completed successfully", j->id));
    tell_counters(j);
    (void)mr_error_set(&directory, "Output directory: %s", path_uri(j->fs, j->output.local));
    say_log("INFO", client, directory.text);
    return JOB_DONE;
}

static int end(struct job *j, int status, struct mr_error *err)
{
    if (status == 0)
        return succeed(j, err);
    if (status < 0)
        return fail(JOB_IO_ERROR, err);
    say_log("ERROR", client, status > 128 ? "Job interrupted" : "Job not successful!");
    say_plain("Streaming Command Failed!");
    return status > 128 ? JOB_INTERRUPTED : JOB_FAILED;
}

/* ---- a job ------------------------------------------------------------------------------ */

static int run_in_directory(struct job *j, struct mr_error *err)
{
    if (job_ship(j, err) < 0)
        return fail(JOB_FAILED, err);
    if (mkdir(j->side, 0777) < 0)
        return mr_error_set(err, "cannot make '%s': %s", j->side, strerror(errno)),
               fail(JOB_IO_ERROR, err);
    if (j->input_format == INPUT_N_LINES && job_split_lines(j, err) < 0)
        return fail(JOB_INVALID, err);
    if (job_write_task_settings(j, err) < 0)
        return fail(JOB_INVALID, err);
    if (j->streaming.combiner && !j->combines)
        say_log("INFO", client, "The combiner is not run: reducers get all that mappers write");
    say_log("INFO", "impl.YarnClientImpl", text_format("Submitted application application_%s",
                                                       j->id));
    say_log("INFO", logger, text_format("Running job: job_%s", j->id));
    say_log("INFO", logger, " map 0% reduce 0%");
    return end(j, job_run(j, err), err);
}

static int run(struct job *j, struct mr_error *err)
{
    struct cleaner cleaner;
    if (make_directory(j, err) < 0 ||
        cleaner_start(&cleaner, j->directory, j->stage, j->side, err) < 0)
        return fail(JOB_IO_ERROR, err);
    int status = run_in_directory(j, err);
    cleaner_end(&cleaner);
    return status;
}

/* What the job says goes to its log. Does not return. */
static _Noreturn void run_alone(struct job *j, int log, int null)
{
    struct mr_error err = { 0 };
    if (setsid() < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
        dup2(log, STDERR_FILENO) < 0)
        _exit(JOB_IO_ERROR);
    exit(run(j, &err));
}

static int not_started(const struct job *j, struct mr_error *err)
{
    (void)mr_error_set(err, "-background: cannot start a process that writes to '%s': %s", j->log,
                       strerror(errno));
    return fail(JOB_IO_ERROR, err);
}

/* Has a process of its own run the job. Returns JOB_DONE, or another status. */
static int start_alone(struct job *j, int log, struct mr_error *err)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return not_started(j, err);
    pid_t pid = fork();
    if (pid == 0)
        run_alone(j, log, null);
    int status = pid < 0 ? not_started(j, err) : JOB_DONE;
    close(null);
    return status;
}

/* The job goes on when this process and its terminal have gone. Returns as above. */
static int run_in_background(struct job *j, struct mr_error *err)
{
    struct mr_error where = { 0 }; /* one line, whatever bytes the name has */
    int log = open(j->log, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (log < 0)
        return not_started(j, err);
    int status = start_alone(j, log, err);
    close(log);
    if (status != JOB_DONE) {
        (void)unlink(j->log);
        return status;
    }
    (void)mr_error_set(&where, "Job is running in background, and tells of it in %s",
                       path_uri(j->fs, j->log));
    say_log("INFO", client, where.text);
    return JOB_DONE;
}

int jar_main(struct file_systems *fs, char **words)
{
    struct job j = { .fs = fs, .id = make_id() };
    struct mr_error err = { 0 };
    int status;
    if (streaming_parse(&j.streaming, fs, words, &err) < 0)
        return fail(JOB_FAILED, &err);
    if (j.streaming.help) {
        streaming_help();
        return JOB_DONE;
    }
    if (job_plan(&j, &err) < 0 || job_check_output(&j, &err) < 0)
        return fail(JOB_INVALID, &err);
    if ((status = find_output(&j, &err)) != JOB_DONE ||
        (status = job_find_inputs(&j, &err)) != JOB_DONE)
        return fail(status, &err);
    return j.streaming.background ? run_in_background(&j, &err) : run(&j, &err);
}
