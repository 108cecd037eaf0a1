/* A job's program: the command line, the job, what is printed, the exit status. */
#include "program/program.h"

#include "base/message.h"
#include "base/ranking.h"
#include "base/standard.h"
#include "program/arguments.h"
#include "program/forecast.h"
#include "program/help.h"
#include "program/history.h"
#include "program/meter.h"
#include "program/page_file.h"
#include "program/stats.h"
#include "program/trace.h"
#include "program/version.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The one place that messages go through: err.text and lines of the log, which are printable. */
static void complain(const char *program, const char *text)
{
    fprintf(stderr, "%s: %s\n", program, text);
}

static void complain_of_usage(const char *program, const char *call, const struct mr_error *err)
{
    complain(program, err->text);
    fprintf(stderr, "Try '%s --help' for more information.\n", call);
}

/* Where the run's messages go. */
struct log {
    struct mr_messages messages;
    char *const *argv; /* the command */
    bool verbose; /* what each task did, too, and not only what matters when all ends well */
    struct mr_meter meter;
    struct mr_trace trace;
    struct mr_history *history; /* for the page about the run; NULL: none is asked for */
    struct mr_ranking ranking;
};

/* Of events, -v tells all that there is a line for, and else what are warnings. */
static void listen(void *arg, const struct mr_event *event)
{
    struct log *log = arg;
    char line[4096];
    bool warning = event->type == MR_EVENT_MESSAGE && event->level == MR_WARNING;
    if ((warning || log->verbose) && mr_event_line(event, line, sizeof line))
        mr_messages_add(&log->messages, line);
    mr_meter_hear(&log->meter, event, &log->messages);
    mr_trace_hear(&log->trace, event);
    if (log->history)
        mr_history_hear(log->history, event);
}

/* Has all of them hear what happens, as often as one of them needs. */
static void set_listeners(struct mr_arguments *a, struct log *log)
{
    struct mr_config *c = &a->config;
    c->listen = listen;
    c->listen_arg = log;
    unsigned tick = a->trace ? MR_TRACE_TICK : a->page ? MR_HISTORY_TICK : 1000;
    c->tick = mr_meter_tick(&log->meter) < tick ? mr_meter_tick(&log->meter) : tick;
    c->side_files = a->side_files;
    if (a->trace)
        a->side_files[c->side_file_count++] = a->trace;
    if (a->page && strcmp(a->page, "-") != 0)
        a->side_files[c->side_file_count++] = a->page;
}

/* Writes the page about a run that has begun its work. */
static void write_page(const struct mr_arguments *a, struct log *log,
                       const struct mr_report *report, const char *why)
{
    const struct mr_page page = { &a->fitted, report, log->history, &log->ranking, log->argv, why };
    char line[1024];
    if (a->page != NULL && !mr_page_file_write(a->page, &page, line, sizeof line))
        mr_messages_add(&log->messages, line);
}

static void end_listeners(struct log *log)
{
    char why[1024];
    if (!mr_trace_end(&log->trace, why, sizeof why))
        mr_messages_add(&log->messages, why);
}

/* Ends this process as the signal would have, once everything is cleaned up. */
static int end_by_signal(int number)
{
    signal(number, SIG_DFL);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, number);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(number);
    return 128 + number;
}

/* From here on the signal is none, but an error of the call that would have raised it. Returns
 * whether it was that before. */
static bool ignore(int number)
{
    struct sigaction ignored = { .sa_handler = SIG_IGN }, old;
    return sigaction(number, &ignored, &old) == 0 && old.sa_handler == SIG_IGN;
}

/* Standard output's last errors, as on a full disk, may come only when it is closed. Returns 0 or
 * -1. */
static int close_output(struct mr_error *err)
{
    if (fflush(stdout) == 0 && close(STDOUT_FILENO) == 0)
        return 0;
    int code = errno;
    mr_error_set(err, "cannot write 'standard output': %s", strerror(code));
    err->code = code;
    return -1;
}

/* Has all that is printed go out at its end, where its errors are seen. */
static void hold_output(void)
{
    static char room[1 << 16];
    (void)setvbuf(stdout, room, _IOFBF, sizeof room); /* else only errors of the last part are */
}

/* Ends the printing of help or the version. Returns the exit status. */
static int close_printed(const char *program, bool pipe_ignored)
{
    struct mr_error err = { 0 };
    if (close_output(&err) == 0)
        return 0;
    if (err.code == EPIPE && !pipe_ignored)
        return end_by_signal(SIGPIPE);
    complain(program, err.text);
    return 1;
}

/* The job's state: there is none where it neither asks for one nor has options to set it by. */
static const void *state_of(const struct mr_arguments *a)
{
    return a->job->state_size > 0 || a->job->options ? a->state : NULL;
}

static int run(const char *program, const char *call, mr_runner *runner, struct mr_arguments *a,
               char **argv, bool pipe_ignored)
{
    struct mr_report report;
    struct mr_error err = { 0 };
    struct log log = { .messages.program = program, .verbose = a->verbose };
    log.argv = argv;
    bool to_output = a->config.output == NULL && a->config.output_dir == NULL;
    a->config.ranking = a->page ? &log.ranking : NULL;
    a->config.watch_memory = a->stats != MR_STATS_NONE;
    a->config.skip_distinct = a->stats == MR_STATS_NONE && a->page == NULL;
    mr_meter_open(&log.meter, a->progress, to_output && isatty(STDOUT_FILENO));
    mr_trace_begin(&log.trace, a->trace);
    log.history = a->page ? mr_history_begin() : NULL;
    set_listeners(a, &log);
    int result = runner(a->job, state_of(a), &a->config, &report, &err);
    end_listeners(&log);
    bool page_to_output = a->page && strcmp(a->page, "-") == 0;
    if (page_to_output)
        write_page(a, &log, &report, result < 0 ? err.text : NULL);
    /* First of all: a program that reads all our outputs may read this one to its end first. */
    if (result >= 0 && (to_output || page_to_output) && close_output(&err) < 0)
        result = -1;
    if (!page_to_output)
        write_page(a, &log, &report, result < 0 ? err.text : NULL);
    mr_history_free(log.history);
    /* A reader that has seen enough is no failure worth words. */
    bool left = result < 0 && err.code == EPIPE && !pipe_ignored;
    if (err.signal != 0 || left) {
        mr_messages_leave(&log.messages);
        return end_by_signal(left ? SIGPIPE : err.signal);
    }
    mr_messages_end(&log.messages);
    mr_meter_close(&log.meter); /* until here there may have been readers to wait for */
    if (result == MR_USAGE) {
        complain_of_usage(program, call, &err);
        return 2;
    }
    if (result < 0)
        complain(program, err.text);
    else if (result == 0)
        mr_stats_print(&report, &a->fitted, a->stats);
    return result < 0;
}

/* Says what would be done. Returns the exit status. */
static int foresee(const char *program, struct mr_arguments *a, bool pipe_ignored)
{
    struct mr_forecast forecast;
    struct mr_error err = { 0 };
    struct log log = { .messages.program = program, .verbose = a->verbose };
    set_listeners(a, &log);
    int result = mr_foresee(a->job, state_of(a), &a->config, &forecast, &err);
    mr_messages_end(&log.messages);
    if (result == 0) {
        mr_forecast_print(&forecast, &a->config);
        return close_printed(program, pipe_ignored);
    }
    complain(program, err.text);
    return 1;
}

/* How a person calls the program with this job. */
static void make_call(char *call, size_t room, const char *program,
                      const struct mr_arguments *a)
{
    if (a->job_given && a->job)
        mr_message(call, room, "%s --job=%s", program, a->job_given);
    else
        mr_message(call, room, "%s", program);
}

int mr_program_run(const char *program, const struct mr_catalog *jobs, int argc, char **argv)
{
    struct mr_arguments a;
    struct mr_error err = { 0 };
    char call[1024];
    int status = 0;
    mr_meter_await_signal();
    if (mr_fill_standard_descriptors(&err) < 0) {
        complain(program, err.text);
        return 1;
    }
    bool pipe_ignored = ignore(SIGPIPE);
    ignore(SIGXFSZ);
    enum mr_arguments_end end = mr_arguments_read(&a, jobs, argc, argv, &status, &err);
    make_call(call, sizeof call, program, &a);
    hold_output();
    switch (end) {
    case MR_ARGUMENTS_HELP:
        if (mr_help_print(call, &a.options, a.help, &err) == 0) {
            status = close_printed(program, pipe_ignored);
            break;
        }
        status = 2;
        complain_of_usage(program, call, &err);
        break;
    case MR_ARGUMENTS_VERSION:
        mr_version_print(program);
        status = close_printed(program, pipe_ignored);
        break;
    case MR_ARGUMENTS_JOBS:
        mr_help_print_jobs(jobs->jobs);
        status = close_printed(program, pipe_ignored);
        break;
    case MR_ARGUMENTS_WRONG:
        if (status == 2)
            complain_of_usage(program, call, &err);
        else
            complain(program, err.text);
        break;
    case MR_ARGUMENTS_RUN:
        status = a.dry ? foresee(program, &a, pipe_ignored)
                       : run(program, call, jobs->run ? jobs->run : mr_run, &a, argv, pipe_ignored);
        break;
    }
    mr_arguments_free(&a);
    return status;
}

int mr_main(const struct mr_job *job, int argc, char **argv)
{
    char name[256];
    const struct mr_job *const jobs[] = { job, NULL };
    const struct mr_catalog catalog = { .jobs = jobs };
    const char *path = argc > 0 && *argv[0] ? argv[0] : job->name, *slash = strrchr(path, '/');
    mr_message(name, sizeof name, "%s", slash ? slash + 1 : path);
    return mr_program_run(name, &catalog, argc, argv);
}
