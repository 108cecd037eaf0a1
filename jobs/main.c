/* wc-mr, the program: the command line, the job, what is printed, the exit status. */
#include "arguments.h"
#include "messages.h"
#include "wordcount.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The one place that messages go through: err.text and lines of the log, which are printable. */
static void complain(const char *text)
{
    fprintf(stderr, "wc-mr: %s\n", text);
}

/* Where the run's messages go. */
struct log {
    struct messages messages;
    bool verbose; /* what each task did, too, and not only what matters when all ends well */
};

static void take_line(void *arg, enum mr_level level, const char *line)
{
    struct log *log = arg;
    if (level == MR_WARNING || log->verbose)
        messages_add(&log->messages, line);
}

static double megabytes_a_second(uint64_t bytes, double seconds)
{
    return seconds > 0 ? (double)bytes / 1e6 / seconds : 0;
}

/* Prints what was seen of the machine, and what allows no more of it where there is more. */
static void print_machine(const struct mr_machine *m)
{
    fprintf(stderr, "machine         %15u CPUs", m->cpus);
    if (m->cpus_by)
        fprintf(stderr, " of %u (%s)", m->cpus_there, m->cpus_by);
    fprintf(stderr, ", %llu MB", (unsigned long long)(m->memory >> 20));
    if (m->memory_by)
        fprintf(stderr, " of %llu MB memory (%s)\n", (unsigned long long)(m->memory_there >> 20),
                m->memory_by);
    else
        fputs(" of memory\n", stderr);
}

static void print_stats(const struct mr_report *r)
{
    print_machine(&r->machine);
    double seconds = r->map_seconds + r->reduce_seconds + r->write_seconds;
    fprintf(stderr,
            "input           %15llu bytes\n"
            "passed over     %15llu hidden names, %llu directories, %llu other things, %llu own\n"
            "tokens          %15llu\n"
            "distinct words  %15llu\n"
            "written         %15llu lines, %llu bytes\n"
            "map             %15.3f s  %9.1f MB/s  %llu tasks\n"
            "reduce          %15.3f s  %9.1f MB/s  %llu tasks\n"
            "sort and write  %15.3f s  %9.1f MB/s  %llu tasks\n"
            "all             %15.3f s  %9.1f MB/s of input\n"
            "shuffled        %15llu bytes, %llu records\n"
            "attempts        %15llu  %llu tried again, %llu killed\n"
            "checksums       %15llu failed, %llu tasks run again\n"
            "resumed         %15llu tasks\n"
            "peak memory     %15llu bytes, all processes\n",
            (unsigned long long)r->input_bytes, (unsigned long long)r->passed_over.hidden,
            (unsigned long long)r->passed_over.directories,
            (unsigned long long)r->passed_over.no_files,
            (unsigned long long)r->passed_over.own, (unsigned long long)r->emitted,
            (unsigned long long)r->distinct, (unsigned long long)r->written,
            (unsigned long long)r->output_bytes, r->map_seconds,
            megabytes_a_second(r->input_bytes, r->map_seconds),
            (unsigned long long)r->map_tasks, r->reduce_seconds,
            megabytes_a_second(r->shuffled, r->reduce_seconds),
            (unsigned long long)r->reduce_tasks, r->write_seconds,
            megabytes_a_second(r->output_bytes, r->write_seconds),
            (unsigned long long)r->merge_tasks, seconds,
            megabytes_a_second(r->input_bytes, seconds), (unsigned long long)r->shuffled,
            (unsigned long long)r->records, (unsigned long long)r->attempts,
            (unsigned long long)r->retried, (unsigned long long)r->killed,
            (unsigned long long)r->damaged, (unsigned long long)r->rerun,
            (unsigned long long)r->resumed, (unsigned long long)r->peak_memory);
    for (size_t i = 0; i < r->counter_count; i++) {
        struct mr_error name; /* in which what cannot be shown is escaped */
        mr_error_set(&name, "%s", r->counters[i].name);
        fprintf(stderr, "counter         %15llu  %s\n",
                (unsigned long long)r->counters[i].count, name.text);
    }
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

/* Ends the printing of help or the version. Returns the exit status. */
static int close_printed(bool pipe_ignored)
{
    struct mr_error err = { 0 };
    if (close_output(&err) == 0)
        return 0;
    if (err.code == EPIPE && !pipe_ignored)
        return end_by_signal(SIGPIPE);
    complain(err.text);
    return 1;
}

static int run(struct arguments *a, bool pipe_ignored)
{
    struct mr_report report;
    struct mr_error err = { 0 };
    struct log log = { .verbose = a->verbose };
    bool to_output = a->config.output == NULL && a->config.output_dir == NULL;
    a->config.watch_memory = a->stats;
    a->config.log = take_line;
    a->config.log_arg = &log;
    int result = mr_run(&wordcount, a->state, &a->config, &report, &err);
    /* First of all: a program that reads both our outputs may read this one to its end first. */
    if (result == 0 && to_output)
        result = close_output(&err);
    /* A reader that has seen enough is no failure worth words. */
    bool left = result < 0 && err.code == EPIPE && !pipe_ignored;
    if (err.signal != 0 || left) {
        messages_leave(&log.messages);
        return end_by_signal(left ? SIGPIPE : err.signal);
    }
    messages_end(&log.messages);
    if (result < 0)
        complain(err.text);
    else if (a->stats)
        print_stats(&report);
    return result < 0;
}

/* Fills closed standard descriptors, so that no file of ours is opened as one of them and
 * written to or read from for it. Their use still fails: each is open the wrong way round. */
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 ||
            /* cppcheck-suppress leakReturnValNotUsed ; it is to stay open */
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) == fd)
            continue;
        struct mr_error err;
        mr_error_set(&err, "cannot put '/dev/null' in the place of a closed standard descriptor: "
                           "%s", strerror(errno));
        complain(err.text);
        _exit(1);
    }
}

int main(int argc, char **argv)
{
    struct arguments a;
    struct mr_error err = { 0 };
    int status = 0;
    fill_standard_descriptors();
    bool pipe_ignored = ignore(SIGPIPE);
    ignore(SIGXFSZ);
    switch (arguments_read(&a, &wordcount, argc, argv, &status, &err)) {
    case ARGUMENTS_HELP:
        arguments_help(&wordcount);
        status = close_printed(pipe_ignored);
        break;
    case ARGUMENTS_VERSION:
        puts("wc-mr " WC_MR_VERSION);
        status = close_printed(pipe_ignored);
        break;
    case ARGUMENTS_WRONG:
        complain(err.text);
        if (status == 2)
            fputs("Try 'wc-mr --help' for more information.\n", stderr);
        break;
    case ARGUMENTS_RUN: status = run(&a, pipe_ignored); break;
    }
    arguments_free(&a);
    return status;
}
