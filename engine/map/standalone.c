/*
 * A standalone map task: in the process that calls it, from its input to who takes what it emits.
 *
 *     input/reader.c  ->  gather.h  ->  job's map  ->  emit.h  ->  combine.h  ->  the caller
 *
 * It is what a larger engine needs of this one, which cuts the input, and sorts and reduces what
 * comes out, itself: Hadoop, Spark, or sort in a pipe.
 */
#include "base/error.h"
#include "base/memory.h"
#include "input/reader.h"
#include "map/call_map.h"
#include "map/mapper.h"

#include <stdlib.h>
#include <string.h>

#define KB ((uint64_t)1 << 10)
#define MB ((uint64_t)1 << 20)

enum { KEY_MAX = 4096 }; /* bytes of a key that the table takes */

/* The end of a piece that is no whole file, and far behind what any file has: nothing of it is
 * decoded. */
static const uint64_t beyond = INT64_MAX;

static uint64_t power_of_two(uint64_t n)
{
    return (uint64_t)1 << (63 - __builtin_clzll(n));
}

/* Half of the memory is for records that are to be whole, or for the job, most of the rest the
 * tables. */
static int make_plan(struct mr_map_plan *plan, const struct mr_config *config, struct mr_error *err)
{
    const uint64_t memory = config->memory ? config->memory : 64 * MB;
    *plan = (struct mr_map_plan){ .key_max = KEY_MAX, .chunk = 256 * KB };
    plan->short_sets = power_of_two(memory / 4 / sizeof(struct mr_short_set));
    plan->long_sets = power_of_two(memory / 16 / sizeof(struct mr_long_set));
    plan->arena = (size_t)(memory / 8);
    plan->record_max = mr_gather_max((size_t)(memory / 2));
    plan->job_memory = (size_t)(memory / 4);
    plan->kernel = mr_scan_choose(config->kernel, err);
    mr_seed_draw(&plan->seed);
    return plan->kernel ? 0 : -1;
}

static int map_chunks(struct mr_mapper *m, struct mr_reader *r, unsigned char *buffer,
                      uint64_t *bytes)
{
    struct mr_chunk chunk;
    int more;
    while ((more = mr_reader_next(r, buffer, m->plan->chunk, &chunk, m->out.err)) > 0) {
        *bytes += chunk.size;
        int complete = m->out.job->whole_records ? mr_gather(&m->gatherer, &chunk, m->out.err) : 1;
        if (complete < 0 || (complete > 0 && mr_call_map(m, &chunk) < 0))
            return -1;
    }
    return more;
}

static int refuse_coded(const struct mr_standalone *standalone, struct mr_error *err)
{
    mr_error_set(err, "'%s' begins as a compressed file or UTF-16 text, of which nothing can be "
                      "read any more when it is cut into lines: decompress it, or make it UTF-8, "
                      "first", standalone->file);
    return mr_error_final(err);
}

static int map_source(struct mr_mapper *m, const struct mr_source *source, uint64_t *bytes)
{
    const struct mr_standalone *standalone = m->out.standalone;
    const size_t room = m->plan->chunk + MR_CHUNK_PAD;
    struct mr_reader r;
    unsigned char *buffer = mr_memory_get(room);
    if (buffer == NULL)
        return mr_error_memory(m->out.err, room, "an input buffer");
    int status = mr_reader_open(&r, source, 0, standalone->inside ? beyond : MR_TO_END, m->out.err);
    if (status == 0 && standalone->file && (r.content.decoder || r.content.transcoder))
        status = refuse_coded(standalone, m->out.err);
    r.begun = standalone->file != NULL; /* behind what may be a mark */
    if (status == 0)
        status = map_chunks(m, &r, buffer, bytes);
    mr_reader_close(&r);
    mr_memory_release(buffer, room);
    return status;
}

static int map_sources(struct mr_mapper *m, struct mr_sources *sources, uint64_t *bytes)
{
    int status = 0;
    for (size_t i = 0; i < sources->count && status == 0; i++) {
        struct mr_source *source = &sources->at[i];
        source->quotes = NULL;
        if (m->out.standalone->file && m->out.job->records)
            source->records = m->out.job->records(m->out.state, m->out.standalone->file);
        source->as_bytes |= m->out.standalone->inside;
        status = map_source(m, source, bytes);
    }
    if (status == 0)
        mr_sources_end(sources);
    return status;
}

static int call_once(struct mr_mapper *m,
                     int (*hook)(const void *state, void *task, struct mr_context *out),
                     const char *function)
{
    if (hook == NULL || hook(m->out.state, m->context.task, &m->context) == 0)
        return 0;
    return mr_context_failed(&m->context, function);
}

static int run(struct mr_mapper *m, struct mr_sources *sources, uint64_t *bytes)
{
    const struct mr_map_plan *plan = m->plan;
    struct mr_error *err = m->out.err;
    if (mr_context_init(&m->context, m->out.job->task_size) < 0 ||
        mr_combiner_init(&m->table, plan->short_sets, plan->long_sets, plan->arena, plan->seed,
                         &m->out) < 0 ||
        call_once(m, m->out.job->begin, "begin") < 0 || map_sources(m, sources, bytes) < 0)
        return -1;
    if (call_once(m, m->out.job->end, "end") < 0 || mr_emit_check_ended(m) < 0 ||
        mr_combiner_flush(&m->table) < 0)
        return -1;
    return mr_counters_check(m->context.counters, err);
}

static void release(struct mr_mapper *m)
{
    mr_combiner_release(&m->table);
    mr_buffer_free(&m->out.rekeyed);
    mr_gatherer_free(&m->gatherer);
    mr_context_release(&m->context);
}

static void fill_report(struct mr_report *report, const struct mr_mapper *m, uint64_t bytes)
{
    struct mr_counters *counters = m->context.counters;
    mr_counters_sort(counters);
    memcpy(report->counters, counters->at, counters->count * sizeof *counters->at);
    report->counter_count = counters->count;
    report->input_bytes = bytes;
    report->emitted = m->emitted > UINT64_MAX ? UINT64_MAX : (uint64_t)m->emitted;
    report->records = m->out.taken;
}

int mr_map_standalone(const struct mr_job *job, const void *state, const struct mr_config *config,
                      const struct mr_standalone *standalone, struct mr_report *report,
                      struct mr_error *err)
{
    struct mr_job fitted = *job;
    struct mr_map_plan plan;
    struct mr_sources sources;
    struct mr_counters counters;
    uint64_t bytes = 0;
    if (job->fit)
        job->fit(state, &fitted);
    struct mr_mapper m = { .context = { .job = &fitted, .counters = &counters, .err = err,
                                        .emits = MR_EMITS_NUMBERS },
                           .out = { .job = &fitted, .state = state, .key_max = KEY_MAX,
                                    .standalone = standalone, .err = err } };
    if (make_plan(&plan, config, err) < 0)
        return -1;
    m.plan = &plan;
    m.kernel = plan.kernel;
    m.context.memory = plan.job_memory;
    m.gatherer.max = plan.record_max;
    mr_counters_clear(&counters);
    int status = mr_sources_find(&sources, &fitted, state, config, err);
    if (status == 0)
        status = run(&m, &sources, &bytes);
    if (status == 0 && report)
        fill_report(report, &m, bytes);
    mr_sources_free(&sources);
    release(&m);
    return status;
}
