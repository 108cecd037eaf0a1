/*
 * careless: the lines of its input as they are, counted; it crashes at those that have a !.
 *
 * A job without reducers, with memory of its own and counters. With REDUCING it has them, and they
 * crash at lines that have a ?.
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

#ifdef REDUCING
static int reduce(const void *state, struct mr_key *key, uint64_t *value,
                  struct mr_context *context)
{
    const unsigned char *bytes;
    size_t size;
    (void)state;
    (void)value;
    mr_count(context, "keys", 1);
    while (mr_key_next(key, &bytes, &size) > 0)
        if (memchr(bytes, '?', size) != NULL) {
            signal(SIGABRT, SIG_DFL);
            abort();
        }
    return 1;
}
#endif

static const struct mr_job job = {
    .name = "careless",
    .format = MR_LINES,
#ifdef REDUCING
    .order = MR_BY_KEY,
    .reduce = reduce,
#else
    .no_reduce = true,
#endif
    .whole_records = true,
    .task_size = sizeof(struct task),
    .map = map,
    .end = end,
};

MR_EXPORT_JOB(job);
