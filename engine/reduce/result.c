/* The result of a reducer of bytes. */
#include "reduce/result.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

/* Writes all that has gathered as a run. */
static int write_run(struct mr_result *r)
{
    if (mr_result_write(r->runs, &r->list, mr_sort_buffer_entries(&r->unwritten),
                        r->unwritten.count, r->unwritten.region) < 0)
        return -1;
    mr_sort_buffer_clear(&r->unwritten);
    return 0;
}

/* Takes a record that the job has emitted. */
static int keep(struct mr_assembly *out, const struct mr_value *value)
{
    struct mr_result *r = (struct mr_result *)(void *)out;
    return mr_result_put(r, r->key.value + 1, value);
}

int mr_result_put(struct mr_result *r, uint64_t number, const struct mr_value *value)
{
    r->records++;
    r->key.value = number;
    if (mr_sort_buffer_add(&r->unwritten, &r->key, value) != NULL)
        return 0;
    if (write_run(r) < 0)
        return -1;
    if (mr_sort_buffer_add(&r->unwritten, &r->key, value) != NULL)
        return 0;
    return mr_error_set(r->out.context.err,
                        "a record of %u bytes does not fit in a reducer's memory; give more with "
                        "--memory", r->key.size + value->size);
}

/* The same, where results are in sequence. */
static int keep_next(struct mr_assembly *out, const struct mr_value *value)
{
    static const struct mr_record no_key = { (const unsigned char *)"", 0, false, 0 };
    struct mr_result *r = (struct mr_result *)(void *)out;
    r->records++;
    return mr_direct_add_pair(&r->direct, &no_key, value);
}

static int keep_lines(struct mr_assembly *out, const unsigned char *lines, size_t size)
{
    struct mr_result *r = (struct mr_result *)(void *)out;
    uint64_t before = r->direct.records;
    int result = mr_direct_add_lines(&r->direct, lines, size);
    r->records += r->direct.records - before;
    return result;
}

static int init_sequence(struct mr_result *r, const struct mr_reduce_plan *p,
                         struct mr_key_writer *keys)
{
    r->out.keep = keep_next;
    r->out.keep_lines = keep_lines;
    r->plan = (struct mr_direct_plan){ .sink = p->sink, .run_payload = p->run_payload,
                                       .scale = p->scale, .top = p->top,
                                       .pack_lines = p->pack_lines };
    return mr_direct_init(&r->direct, &r->plan, true, p->key_max, r->runs->blocks, keys,
                          r->runs->err);
}

int mr_result_init(struct mr_result *r, const struct mr_reduce_plan *plan,
                   const struct mr_context *context,
                   struct mr_run_maker *runs, struct mr_key_writer *keys, size_t memory)
{
    memset(r, 0, sizeof *r);
    r->runs = runs;
    r->out = (struct mr_assembly){ .context = *context, .value_max = plan->key_max,
                                   .keys = keys, .keep = keep };
    r->in_sequence = context->job->in_sequence;
    return r->in_sequence ? init_sequence(r, plan, keys)
                          : mr_sort_buffer_init(&r->unwritten, memory, runs->err);
}

void mr_result_release(struct mr_result *r)
{
    mr_direct_release(&r->direct);
    mr_sort_buffer_release(&r->unwritten);
    mr_assembly_release(&r->out);
    free(r->list.at);
}

void mr_result_key(struct mr_result *r, const struct mr_record *key)
{
    uint64_t number = r->key.value;
    r->key = *key;
    r->key.value = number;
}

int mr_result_pause(struct mr_result *r)
{
    if (r->in_sequence)
        return 0;
    size_t much = mr_result_gather(r->unwritten.size, r->list.count, r->runs->plan.runs_max);
    return mr_sort_buffer_bytes(&r->unwritten) < much ? 0 : write_run(r);
}

int mr_result_finish(struct mr_result *r, struct mr_block_link *at)
{
    if (r->in_sequence)
        return mr_assembly_check(&r->out) < 0 ? -1 : mr_direct_finish(&r->direct, at);
    return write_run(r) < 0 ? -1 : mr_result_list(r->runs, &r->list, at);
}
