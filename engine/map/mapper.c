/* The mapper: one map task. */
#include "map/mapper.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "input/reader.h"
#include "map/call_map.h"

#include <string.h>

/* Calls begin or end, if the job has it. */
static int call_once(struct mr_mapper *m,
                     int (*hook)(const void *state, void *task, struct mr_context *out),
                     const char *function)
{
    if (hook == NULL)
        return 0;
    const enum mr_emits emits = m->context.emits;
    const bool unplaced = mr_has_places(m);
    if (unplaced)
        m->context.emits = MR_EMITS_UNPLACED;
    if (hook(m->out.state, m->context.task, &m->context) < 0 ||
        (unplaced && m->out.err->text[0] != '\0')) /* the job has passed over the refusal */
        return mr_context_failed(&m->context, function);
    if (unplaced)
        m->context.emits = emits;
    return 0;
}

/* All that was emitted leaves the table; of a group, how much it was goes with it. */
static int flush(struct mr_mapper *m)
{
    mr_total left = m->emitted - m->emitted_before;
    m->emitted_before = m->emitted;
    while (m->plan->group_totals && left > 0) {
        uint64_t part = mr_total_clamp(left);
        if (mr_collect_group(&m->out, MR_GROUP_ALL, part) < 0)
            return -1;
        left -= part;
    }
    return mr_combiner_flush(&m->table);
}

/* Where it matters which file a number is of, none of one is in the table when another comes. */
static int begin_group(struct mr_mapper *m, const struct mr_chunk *chunk)
{
    const bool begun = m->out.begun;
    if (!(m->plan->by_group || m->plan->by_source) || (begun && m->out.source == chunk->source))
        return 0;
    if (begun && flush(m) < 0)
        return -1;
    mr_combiner_restart(&m->table, chunk->ends_file ? chunk->size : SIZE_MAX);
    m->out.begun = true;
    m->out.source = chunk->source;
    return 0;
}

static int map_chunk(struct mr_mapper *m, struct mr_chunk *chunk, struct mr_map_result *result,
                     _Atomic uint64_t *progress)
{
    if (begin_group(m, chunk) < 0)
        return -1;
    result->bytes += chunk->size;
    mr_progress_made(progress);
    int complete = m->out.job->whole_records ? mr_gather(&m->gatherer, chunk, m->out.err) : 1;
    return complete <= 0 ? complete : mr_call_map(m, chunk);
}

static void note_unmarked(struct mr_map_result *result, const struct mr_source *source,
                          enum mr_unmarked unmarked)
{
    if (unmarked == MR_UNMARKED_NONE)
        return;
    if (result->unmarked++ > 0)
        return;
    result->unmarked_source = source->number;
    result->unmarked_as = unmarked;
}

static int map_piece(struct mr_mapper *m, const struct mr_piece *piece, unsigned char *buffer,
                     struct mr_map_result *result, _Atomic uint64_t *progress)
{
    struct mr_reader r;
    int more = mr_reader_open_piece(&r, piece, m->out.err);
    if (more == 0)
        more = 1;
    note_unmarked(result, piece->source, r.content.unmarked);
    mr_reader_watch(&r, progress);
    mr_progress_made(progress);
    struct mr_chunk chunk;
    while (more > 0 && (more = mr_reader_next(&r, buffer, m->plan->chunk, &chunk, m->out.err)) > 0)
        if (map_chunk(m, &chunk, result, progress) < 0)
            more = -1;
    mr_reader_close(&r);
    return more;
}

static unsigned char *get_buffer(const struct mr_mapper *m)
{
    size_t room = m->plan->chunk + MR_CHUNK_PAD;
    unsigned char *buffer = mr_memory_get(room);
    if (buffer == NULL)
        mr_error_memory(m->out.err, room, "an input buffer");
    return buffer;
}

static void release_buffer(const struct mr_mapper *m, unsigned char *buffer)
{
    mr_memory_release(buffer, m->plan->chunk + MR_CHUNK_PAD);
}

static int map_pieces(struct mr_mapper *m, const struct mr_map_input *input,
                      struct mr_map_result *result, _Atomic uint64_t *progress)
{
    unsigned char *buffer = get_buffer(m);
    int status = buffer == NULL ? -1 : 0;
    if (input->count > 0)
        result->source = input->pieces[0].source->number;
    for (size_t i = 0; status == 0 && i < input->count; i++)
        status = map_piece(m, &input->pieces[i], buffer, result, progress);
    release_buffer(m, buffer);
    return status;
}

/* Maps a record that was too large for its slot, from the slot's file by way of buffer. */
static int map_record(struct mr_mapper *m, const struct mr_slot *slot,
                      const struct mr_store *store, unsigned char *buffer,
                      struct mr_map_result *result, _Atomic uint64_t *progress)
{
    const uint64_t begin = MR_SPOOL_MAGIC_SIZE, size = slot->spool.size;
    for (uint64_t at = begin; at < size;) {
        size_t n = size - at < m->plan->chunk ? (size_t)(size - at) : m->plan->chunk;
        if (mr_spool_read(&slot->spool, store, buffer, n, at, m->out.err) < 0)
            return -1;
        bool first = at == begin, last = at + n == size;
        /* The record's end, which may have two bytes, stays with the last part. */
        if (!last)
            n -= 2 + mr_utf8_unfinished(buffer, n - 2);
        struct mr_chunk chunk = mr_source_chunk(slot->source, buffer, n, slot->offset + at - begin);
        chunk.part = first ? last ? MR_WHOLE : MR_FIRST : last ? MR_LAST : MR_MIDDLE;
        chunk.begins_file = slot->begins_file && first;
        chunk.ends_file = slot->ends_file && last;
        if (map_chunk(m, &chunk, result, progress) < 0)
            return -1;
        at += n;
    }
    return 0;
}

static int map_slot(struct mr_mapper *m, const struct mr_slot *slot, const struct mr_store *store,
                    struct mr_map_result *result, _Atomic uint64_t *progress)
{
    note_unmarked(result, slot->source, slot->unmarked);
    if (!slot->spooled) {
        struct mr_chunk chunk = mr_source_chunk(slot->source, slot->data, slot->size,
                                                slot->offset);
        chunk.begins_file = slot->begins_file;
        chunk.ends_file = slot->ends_file;
        return map_chunk(m, &chunk, result, progress);
    }
    unsigned char *buffer = get_buffer(m);
    int status = buffer == NULL ? -1 : map_record(m, slot, store, buffer, result, progress);
    release_buffer(m, buffer);
    return status;
}

static int map_slots(struct mr_mapper *m, const struct mr_map_input *input,
                     const struct mr_store *store, struct mr_map_result *result,
                     _Atomic uint64_t *progress)
{
    struct mr_slot_cursor cursor = { .task = input->feed_task };
    struct mr_slot *slot;
    int more;
    while ((more = mr_feed_next(input->feed, &cursor, &slot, progress, m->out.err)) > 0) {
        if (cursor.had == 1)
            result->source = slot->source->number;
        if (map_slot(m, slot, store, result, progress) < 0)
            return -1;
    }
    return more;
}

/* Tells a mapper's parts what the plan says. */
static void take_plan(struct mr_mapper *m, const struct mr_map_plan *plan)
{
    struct mr_collector *out = &m->out;
    m->plan = plan;
    m->kernel = plan->kernel;
    m->context.direct = plan->direct && !mr_map_sorts(plan);
    m->context.format = plan->format;
    m->context.reversed = plan->reversed;
    m->context.memory = plan->job_memory;
    m->context.emits = out->job->values == MR_BYTES ? MR_EMITS_BYTES : MR_EMITS_NUMBERS;
    m->gatherer.max = plan->record_max;
    out->key_max = plan->key_max;
    out->by_group = plan->by_group;
    out->as_partials = plan->by_source || plan->by_place;
    out->by_place = plan->by_place;
    out->rewrites = plan->by_group || out->as_partials || out->job->rekey != NULL;
}

/* What leaves the mapper is the result. */
static int init_direct(struct mr_mapper *m)
{
    struct mr_collector *out = &m->out;
    out->direct = &m->direct;
    out->one_by_one = !mr_map_sorts(m->plan);
    return mr_direct_init(&m->direct, &m->plan->result, out->job->values == MR_BYTES,
                          m->plan->key_max, &out->blocks, &out->keys, out->err);
}

/* It is shuffled. */
static int init_shuffle(struct mr_mapper *m)
{
    struct mr_collector *out = &m->out;
    const struct mr_map_plan *plan = m->plan;
    if (mr_shuffle_writer_init(&out->shuffle, &out->blocks, plan->buckets, plan->bucket_payload,
                               out->err) < 0 ||
        (plan->cells > 0 && mr_shuffle_sum_cells(&out->shuffle, plan->cells, out->err) < 0))
        return -1;
    if (plan->bundles > 0 && mr_bundler_init(&out->bundler, &out->shuffle, plan->key_max,
                                             plan->bundles, out->err) < 0)
        return -1;
    return out->job->combine_values ? mr_fold_init(&out->fold, &m->context, out->state,
                                                   &out->shuffle, &out->keys, plan->key_max,
                                                   plan->fold)
                                    : 0;
}

static int mapper_init(struct mr_mapper *m, const struct mr_map_plan *plan, uint32_t task,
                       struct mr_spool *spool, struct mr_store *store)
{
    struct mr_collector *out = &m->out;
    take_plan(m, plan);
    m->context.number = task;
    m->context.progress = spool->progress;
    if (mr_context_init(&m->context, out->job->task_size) < 0 ||
        mr_combiner_init(&m->table, plan->short_sets, plan->long_sets, plan->arena, plan->seed,
                         out) < 0 ||
        mr_block_writer_init(&out->blocks, spool, store, task, plan->compress, out->err) < 0 ||
        mr_key_writer_init(&out->keys, &out->blocks, plan->key_payload, out->err) < 0)
        return -1;
    return plan->direct ? init_direct(m) : init_shuffle(m);
}

static void mapper_release(struct mr_mapper *m)
{
    mr_combiner_release(&m->table);
    mr_direct_release(&m->direct);
    mr_collector_release(&m->out);
    mr_buffer_free(&m->part);
    mr_buffer_free(&m->key.bytes);
    mr_buffer_free(&m->value.bytes);
    mr_gatherer_free(&m->gatherer);
    mr_context_release(&m->context);
}

int mr_map_run(const struct mr_job *job, const void *state, const struct mr_map_plan *plan,
               const struct mr_map_input *input, uint32_t task, struct mr_spool *spool,
               struct mr_store *store, struct mr_map_result *result,
               _Atomic uint64_t *progress, struct mr_error *err)
{
    struct mr_mapper m = { .context = { .job = job, .counters = input->counters,
                                        .mark = input->mark,
                                        .bad = input->bad, .err = err },
                           .out = { .job = job, .state = state, .err = err },
                           .bad = input->bad };
    memset(result, 0, sizeof *result);
    spool->progress = progress;
    int status = mapper_init(&m, plan, task, spool, store);
    if (status == 0)
        status = call_once(&m, job->begin, "begin");
    if (status == 0)
        status = input->feed ? map_slots(&m, input, store, result, progress)
                             : map_pieces(&m, input, result, progress);
    if (status == 0)
        status = call_once(&m, job->end, "end");
    if (status == 0)
        status = mr_emit_check_ended(&m);
    if (status == 0)
        status = flush(&m);
    if (status == 0)
        status = plan->direct ? mr_direct_finish(&m.direct, &result->runs)
                              : mr_collector_finish(&m.out);
    if (status == 0 && input->counters != NULL)
        status = mr_counters_check(input->counters, err);
    if (status == 0)
        status = mr_spool_finish(spool, store, err);
    result->emitted = m.emitted;
    result->digest = m.out.digest;
    result->records = mr_map_sorts(plan) ? mr_sorter_kept(&m.direct.sorter)
                      : plan->direct     ? m.direct.run.run.records
                                         : m.out.shuffle.records - m.out.fold.folded +
                                         m.out.bundler.taken - m.out.bundler.left;
    result->kept = status == 0 && plan->direct ? mr_direct_kept(&m.direct) : 0;
    result->sorted = m.direct.sorter.sum;
    mapper_release(&m);
    return status;
}
