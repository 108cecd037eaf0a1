/*
 * careless: the lines of its input as they are, counted; it crashes at those that have a !.
 *
 * A job without reducers, with memory of its own and counters.
 */
#include <mapreduce.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct task {
    uint64_t longest;
};

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    struct task *task = mr_task(out);
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    while (mr_line_next(chunk, &at, &line, &size)) {
        if (size > 0 && memchr(line, '!', size) != NULL) {
            signal(SIGABRT, SIG_DFL);
            abort();
        }
        if (size > task->longest)
            task->longest = size;
        mr_count(out, "lines", 1);
        if (mr_emit(out, line, size, 1) < 0)
            return -1;
    }
    if (chunk->ends_file)
        mr_count(out, strcmp(chunk->file, "-") == 0 ? "standard inputs" : "files", 1);
    return 0;
}

static int end(const void *state, void *task, struct mr_context *out)
{
    (void)state;
    mr_count(out, "long\033 tasks", ((struct task *)task)->longest > 5);
    return 0;
}

static const struct mr_job job = {
    .name = "careless",
    .format = MR_LINES,
    .no_reduce = true,
    .whole_records = true,
    .task_size = sizeof(struct task),
    .map = map,
    .end = end,
};

MR_EXPORT_JOB(job);
