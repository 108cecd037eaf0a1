/* The reducer of values that are bytes, or partial numbers. */
#include "reduce/values.h"

#include "base/error.h"
#include "reduce/key_values.h"
#include "reduce/partials.h"
#include "reduce/shuffle_survey.h"
#include "reduce/task.h"

enum { PAIRS = 64 }; /* that are handed over at once */

struct reducer {
    struct mr_context context; /* of the task's begin and end */
    const struct mr_job *job;
    const void *state;
    const struct mr_reduce_plan *plan;
    const struct mr_shuffles *shuffles;
    struct mr_sorted_bucket bucket;
    struct mr_block_writer blocks;
    struct mr_key_writer keys;
    struct mr_run_maker runs;
    struct mr_key_room key_room, value_room;
    struct mr_result out;
    struct mr_partials partials;
    struct mr_reduce_result result; /* a copy of its own: others' stand around the shared one */
    struct mr_error *err;
};

/* ---- keys ------------------------------------------------------------------------------- */

/* What is done where the job has no reduce: each value is a record of the result. */
static int pass_on(struct mr_value_list *values, struct mr_context *out)
{
    int more;
    while ((more = mr_values_next(values)) > 0) {
        const unsigned char *bytes;
        size_t size;
        int pieces;
        if (mr_result_begin(out, NULL, 0) < 0)
            return -1;
        while ((pieces = mr_values_read(values, &bytes, &size)) > 0)
            if (mr_result_add(out, bytes, size) < 0)
                return -1;
        if (pieces < 0 || mr_result_end(out) < 0)
            return -1;
    }
    return more;
}

/* The job has failed at a key, or it or a value could not be whole: the error names it. */
static int failed(struct reducer *r, const struct mr_record *record, struct mr_key_place place,
                  bool refused)
{
    struct mr_key key;
    (void)mr_reduce_failed(&r->out.out.context, "reduce_values", record, place);
    if (refused) {
        mr_key_open(&key, record, place, r->err);
        mr_key_tell(&key, r->err);
    }
    return -1;
}

/* Hands a key to the job, if that is not to be passed over. */
static int call_job(struct reducer *r, struct mr_key_values *k)
{
    struct mr_key_place place = mr_sorted_key_place(&r->bucket);
    struct mr_context *context = &r->out.out.context;
    struct mr_key key;
    uint64_t number = 0;
    if (r->bucket.numbers && mr_key_values_add_up(k, r->job->combine, &number) < 0)
        return -1;
    int may = mr_reduce_may_have(context, r->shuffles, &k->key, place);
    if (may <= 0)
        return may;
    if (r->bucket.numbers) {
        int keep = mr_reduce_decide(context, r->state, &k->key, place, &number);
        if (keep != 1)
            return keep < 0 ? -1 : 0;
        mr_key_values_set(k, number);
    }
    mr_mark_enter(context->mark, MR_IN_REDUCE);
    mr_key_open(&key, &k->key, place, r->err);
    key.room = &r->key_room;
    int result = r->job->reduce_values(r->state, &key, &k->values, context);
    const bool refused = mr_key_room_refused(&r->key_room, &r->value_room);
    if (result < 0)
        return failed(r, &k->key, place, refused);
    mr_mark_enter(context->mark, MR_IN_ENGINE);
    return 0;
}

/* Reduces the key of the current record, and goes on to the next key's first. */
static int reduce_key(struct reducer *r)
{
    struct mr_key_values k;
    int result;
    mr_key_values_begin(&k, &r->bucket, &r->value_room, r->err);
    r->result.distinct += !r->plan->partials;
    mr_result_key(&r->out, &k.key);
    if (k.key.out_of_line) { /* what it and its values may have does not depend on keys before */
        mr_buffer_free(&r->key_room.bytes);
        mr_buffer_free(&r->value_room.bytes);
    }
    if (r->plan->partials)
        result = mr_partials_reduce(&r->partials, &k);
    else if (r->job->reduce_values != NULL)
        result = call_job(r, &k);
    else
        result = pass_on(&k.values, &r->out.out.context);
    if (result < 0 || (!r->job->in_sequence && mr_assembly_check(&r->out.out) < 0))
        return -1;
    return mr_key_values_end(&k);
}

/* Hands many records to the job, if it takes them so and they are at hand. Returns 1, 0 if not, or
 * -1. */
static int reduce_pairs(struct reducer *r)
{
    struct mr_context *context = &r->out.out.context;
    struct mr_pair pairs[PAIRS];
    uint64_t ended;
    if (r->job->reduce_pairs == NULL || r->shuffles->one_by_one)
        return 0;
    ssize_t count = mr_sorted_pairs(&r->bucket, pairs, PAIRS, &ended);
    if (count <= 0)
        return (int)count;
    r->result.distinct += ended;
    mr_mark_enter(context->mark, MR_IN_REDUCE);
    if (r->job->reduce_pairs(r->state, pairs, (size_t)count, context) < 0)
        return mr_context_failed(context, "reduce_pairs");
    mr_mark_enter(context->mark, MR_IN_ENGINE);
    return 1;
}

static int reduce_keys(struct reducer *r)
{
    int more = mr_sorted_next(&r->bucket);
    if (more <= 0)
        return more;
    while (r->bucket.current.key != NULL) {
        int done = reduce_pairs(r);
        if (done < 0 || (done == 0 && reduce_key(r) < 0))
            return -1;
    }
    return 0;
}

static int reduce_bucket(struct reducer *r, uint32_t number)
{
    int result = mr_sorted_open(&r->bucket, number);
    if (result == 0)
        result = reduce_keys(r);
    mr_sorted_close(&r->bucket);
    return result < 0 ? -1 : mr_result_pause(&r->out);
}

/* ---- the task --------------------------------------------------------------------------- */

static int reduce_all(struct reducer *r)
{
    for (uint32_t i = 0; i < r->plan->count; i++)
        if (reduce_bucket(r, i) < 0)
            return -1;
    /* The end may emit only in sequence: there is no key. */
    struct mr_context *context = r->job->in_sequence ? &r->out.out.context : &r->context;
    if (mr_reduce_task_end(context, r->state) < 0)
        return -1;
    return mr_result_finish(&r->out, &r->result.runs);
}

static int reducer_init(struct reducer *r, struct mr_spool *spool, struct mr_store *store,
                        uint32_t task, _Atomic uint64_t *progress)
{
    const struct mr_reduce_plan *p = r->plan;
    const struct mr_run_plan runs = mr_reduce_run_plan(p);
    /* What it has of memory: records, results, a key and a value that are whole, and the job's. */
    size_t eighth = p->table / 8;
    size_t results = r->job->in_sequence ? 0 : 2 * eighth;
    spool->progress = progress;
    r->key_room = (struct mr_key_room){ .max = 2 * eighth, .what = "key", .memory = p->memory,
                                        .alone = p->memory_alone, .other = &r->value_room };
    r->value_room = r->key_room;
    r->value_room.what = "value";
    r->value_room.other = &r->key_room;
    if (mr_block_writer_init(&r->blocks, spool, store, task, p->compress, r->err) < 0 ||
        mr_key_writer_init(&r->keys, &r->blocks, p->key_payload, r->err) < 0 ||
        mr_run_maker_init(&r->runs, &runs, NULL, &r->blocks, store, progress, r->err) < 0 ||
        mr_sorted_init(&r->bucket, 5 * eighth - results, &r->runs, store, progress, r->err) < 0 ||
        (r->job->values != MR_NUMBERS && mr_chains_in_order(&r->bucket.chains) < 0))
        return -1;
    if (mr_reduce_task_begin(&r->context, r->job, r->state, r->shuffles, r->err) < 0)
        return -1;
    r->context.number = task;
    r->context.format = r->plan->format;
    r->context.progress = progress;
    struct mr_context emitting = r->context;
    emitting.emits = MR_EMITS_RESULT;
    emitting.memory = eighth;
    return mr_result_init(&r->out, p, &emitting, &r->runs, &r->keys, results);
}

static void reducer_release(struct reducer *r)
{
    mr_sorted_release(&r->bucket);
    mr_result_release(&r->out);
    mr_key_writer_release(&r->keys);
    mr_run_maker_release(&r->runs);
    mr_block_writer_release(&r->blocks);
    mr_buffer_free(&r->key_room.bytes);
    mr_buffer_free(&r->value_room.bytes);
    mr_context_release(&r->context);
}

int mr_reduce_values_run(const struct mr_job *job, const void *state,
                         const struct mr_reduce_plan *plan, const struct mr_shuffles *shuffles,
                         uint32_t task, struct mr_spool *spool, struct mr_store *store,
                         struct mr_reduce_result *result, _Atomic uint64_t *progress,
                         struct mr_error *err)
{
    struct reducer r = { .job = job, .state = state, .plan = plan, .shuffles = shuffles,
                         .bucket = { .plan = plan, .shuffles = shuffles },
                         .partials = { .job = job, .state = state, .plan = plan,
                                    .shuffles = shuffles, .out = &r.out, .result = &r.result },
                         .err = err };
    struct mr_sorted_bucket *b = &r.bucket;
    b->numbers = job->values == MR_NUMBERS && !plan->partials;
    b->order = (struct mr_ordering){ .values = true,
                                     .by_bytes = (plan->partials && !plan->places) ||
                                                 job->value_order == MR_BY_VALUE_BYTES };
    b->bundling = !b->numbers && !b->order.by_bytes && !plan->places;
    int status = reducer_init(&r, spool, store, task, progress);
    if (status == 0)
        status = reduce_all(&r);
    if (status == 0)
        status = mr_spool_finish(spool, store, err);
    if (status < 0)
        mr_survey_shuffles(&b->chains, err);
    r.result.digest = b->digest;
    if (!plan->partials)
        r.result.sum = b->sum;
    r.result.kept = r.out.records - r.partials.told;
    *result = r.result;
    reducer_release(&r);
    return status;
}
