/* wc-mr, the program: the command line, the job, what is printed, the exit status. */
#include "arguments.h"
#include "wordcount.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void complain(const char *text)
{
    fprintf(stderr, "wc-mr: %s\n", text);
}

/* Prints what matters even when all ends well; what each task did, too, where arg is not NULL. */
static void print_line(void *arg, enum mr_level level, const char *line)
{
    if (level == MR_WARNING || arg != NULL)
        complain(line);
}

static double megabytes_a_second(uint64_t bytes, double seconds)
{
    return seconds > 0 ? (double)bytes / 1e6 / seconds : 0;
}

static void print_stats(const struct mr_report *r)
{
    double seconds = r->map_seconds + r->reduce_seconds + r->write_seconds;
    fprintf(stderr,
            "input           %15llu bytes\n"
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
            (unsigned long long)r->input_bytes, (unsigned long long)r->emitted,
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

static bool ignored(int number)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* Standard output's last errors, as on a full disk, may come only when it is closed. */
static int close_output(void)
{
    if (fflush(stdout) == 0 && close(STDOUT_FILENO) == 0)
        return 0;
    fprintf(stderr, "wc-mr: cannot write 'standard output': %s\n", strerror(errno));
    return 1;
}

static int run(struct arguments *a)
{
    struct mr_report report;
    struct mr_error err = { 0 };
    a->config.watch_memory = a->stats;
    a->config.log = print_line;
    a->config.log_arg = a->verbose ? a : NULL;
    if (mr_run(&wordcount, a->state, &a->config, &report, &err) < 0) {
        if (err.signal != 0)
            return end_by_signal(err.signal);
        /* A reader that has seen enough is no failure worth words. */
        if (err.code == EPIPE && a->config.output == NULL && a->config.output_dir == NULL &&
            !ignored(SIGPIPE))
            return end_by_signal(SIGPIPE);
        complain(err.text);
        return 1;
    }
    if (a->stats)
        print_stats(&report);
    return a->config.output || a->config.output_dir ? 0 : close_output();
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
        complain("cannot put '/dev/null' in the place of a closed standard descriptor");
        _exit(1);
    }
}

int main(int argc, char **argv)
{
    static char name[] = "wc-mr"; /* what getopt_long puts before its messages */
    struct arguments a;
    struct mr_error err = { 0 };
    int status = 0;
    fill_standard_descriptors();
    if (argc > 0)
        argv[0] = name;
    switch (arguments_read(&a, &wordcount, argc, argv, &status, &err)) {
    case ARGUMENTS_HELP:
        arguments_help(&wordcount);
        status = close_output();
        break;
    case ARGUMENTS_VERSION:
        puts("wc-mr " WC_MR_VERSION);
        status = close_output();
        break;
    case ARGUMENTS_WRONG:
        if (!a.getopt_spoke)
            complain(err.text);
        if (status == 2)
            fputs("Try 'wc-mr --help' for more information.\n", stderr);
        break;
    case ARGUMENTS_RUN: status = run(&a); break;
    }
    arguments_free(&a);
    return status;
}
