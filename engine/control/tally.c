/* The tally of what tasks counted. */
#include "control/tally.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

struct mr_tally_area {
    uint64_t id; /* of the task whose attempt counts here; 0: none */
    struct mr_mark mark;
    struct mr_counters counters;
};

int mr_tally_open(struct mr_tally *t, unsigned areas_max, struct mr_error *err)
{
    t->areas = mr_memory_get_shared(areas_max * sizeof *t->areas);
    if (t->areas == NULL)
        return mr_error_memory(err, areas_max * sizeof *t->areas, "counters");
    t->areas_max = areas_max;
    return 0;
}

void mr_tally_free(struct mr_tally *t)
{
    mr_memory_release(t->areas, t->areas_max * sizeof *t->areas);
    memset(t, 0, sizeof *t);
}

/* The area that is an attempt's, or with 0 one that is nobody's; NULL: there is none. */
static struct mr_tally_area *find(const struct mr_tally *t, uint64_t id)
{
    for (unsigned i = 0; i < t->areas_max; i++)
        if (t->areas[i].id == id)
            return &t->areas[i];
    return NULL;
}

void mr_tally_begin(struct mr_tally *t, uint64_t id)
{
    struct mr_tally_area *area = find(t, 0);
    if (area == NULL)
        return;
    area->id = id;
    area->mark.running = MR_IN_ENGINE;
    area->mark.exact = area->mark.job_failed = area->mark.chosen = false;
    mr_counters_clear(&area->counters);
}

struct mr_counters *mr_tally_area(const struct mr_tally *t, uint64_t id)
{
    struct mr_tally_area *area = find(t, id);
    return area ? &area->counters : NULL;
}

struct mr_mark *mr_tally_mark(const struct mr_tally *t, uint64_t id)
{
    struct mr_tally_area *area = find(t, id);
    return area ? &area->mark : NULL;
}

/* The run knows the names, too, of which there may not be too many. */
static void learn(struct mr_tally *t, const struct mr_counters *c)
{
    for (size_t i = 0; i < c->count; i++)
        mr_counters_add(&t->names, c->at[i].name, 0);
}

int mr_tally_commit(struct mr_tally *t, uint64_t id, struct mr_buffer *task, struct mr_error *err)
{
    struct mr_tally_area *area = find(t, id);
    mr_buffer_free(task);
    if (area == NULL)
        return 0;
    area->id = 0;
    learn(t, &area->counters);
    if (mr_counters_check(&t->names, err) < 0)
        return -1;
    if (mr_counters_put(&area->counters, task) < 0)
        return mr_error_memory(err, MR_COUNTERS_BYTES, "counters");
    return 0;
}

void mr_tally_discard(struct mr_tally *t, uint64_t id)
{
    struct mr_tally_area *area = find(t, id);
    if (area != NULL)
        area->id = 0;
}

bool mr_tally_adopt(struct mr_tally *t, const unsigned char *bytes, size_t size,
                    struct mr_buffer *task)
{
    struct mr_counters counters;
    struct mr_error ignored;
    mr_counters_clear(&counters);
    if (!mr_counters_get(&counters, bytes, size))
        return false;
    learn(t, &counters);
    mr_buffer_free(task);
    return mr_counters_check(&t->names, &ignored) == 0 && mr_counters_put(&counters, task) == 0;
}
