/*
 * The mapper: words are counted in a table of a fixed size (mr_map_standalone), and what leaves it
 * is written as records. Words that filters drop, whatever their counts, are dropped here already.
 *
 * Which file the input is of, Hadoop says in a variable; the file's name may decide how lines are
 * cut, and whether the input begins the file, what is read there.
 */
#include "role_mapper.h"

#include "cluster/escape.h"
#include "cluster/lines_out.h"

#include <stdlib.h>
#include <string.h>

struct mapper {
    const struct filter *filter;
    struct lines_out out;
    bool in_word; /* a large one goes on */
};

static int take(void *arg, const unsigned char *bytes, size_t size, bool last, uint64_t value,
                struct mr_error *err)
{
    struct mapper *m = arg;
    bool whole = last && !m->in_word;
    if (whole && !filter_keeps_word(m->filter, bytes, size))
        return 0;
    m->in_word = !last;
    unsigned char *to = lines_out_reserve(&m->out, ESCAPE_GROWTH * size + COUNT_BYTES, err);
    if (to == NULL)
        return -1;
    to = escape_put(to, bytes, size);
    lines_out_take(&m->out, last ? count_put(to, value) : to);
    return 0;
}

/* A variable of Hadoop's, by its names now and before; NULL: it is not set. */
static const char *variable(const char *name, const char *old)
{
    const char *value = getenv(name);
    return value ? value : getenv(old);
}

int role_mapper_run(const struct mr_job *job, const struct wordcount *w,
                    const struct mr_config *config, struct mr_report *report, struct mr_error *err)
{
    struct mapper m = { .filter = &w->rules.filter };
    struct mr_standalone task = { .take = take, .arg = &m };
    const char *start = variable("mapreduce_map_input_start", "map_input_start");
    task.file = variable("mapreduce_map_input_file", "map_input_file");
    task.inside = task.file && start && strcmp(start, "0") != 0;
    if (task.file && w->rules.zero_terminated)
        return mr_error_set(err, "--zero-terminated (-z) cannot be had of '%s': it was cut into "
                                 "lines that end with LF", task.file);
    int result = mr_map_standalone(job, w, config, &task, report, err);
    return lines_out_end(&m.out, result, err);
}
