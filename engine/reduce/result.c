/* The result of a reducer of bytes. */
#include "reduce/result.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

enum {
    GATHER = 16 << 20, /* sorted together: more is out of the cache, less makes many runs */
    RUNS_LISTED = 4096 /* runs before some are merged, or their list would grow without bound */
};

int mr_reducer_init(struct mr_reducer *out, size_t memory)
{
    return mr_pile_init(&out->pile, memory, out->err);
}

void mr_reducer_release(struct mr_reducer *out)
{
    mr_pile_release(&out->pile);
    mr_buffer_free(&out->value);
    free(out->list.at);
}

void mr_reducer_key(struct mr_reducer *out, const struct mr_record *key)
{
    uint64_t number = out->key.value;
    out->key = *key;
    out->key.value = number;
}

/* ---- emitting --------------------------------------------------------------------------- */

static int refuse(struct mr_reducer *out, const char *what)
{
    mr_error_set(out->err, "the job '%s' is wrong: %s", out->job, what);
    return mr_error_final(out->err);
}

/* Adds bytes to the value of the record at hand. */
static int add(struct mr_reducer *out, const void *bytes, size_t size)
{
    if (size == 0)
        return 0;
    if (!out->out_of_line && out->value.size + size > out->runs->plan->key_max) {
        out->out_of_line = true;
        if (mr_key_writer_add(out->keys, out->value.at, out->value.size, out->err) < 0)
            return -1;
    }
    if (out->out_of_line)
        return mr_key_writer_add(out->keys, bytes, size, out->err);
    if (mr_buffer_add(&out->value, bytes, size) < 0)
        return mr_error_memory(out->err, size, "a record of the result");
    return 0;
}

int mr_result_begin(struct mr_reducer *out, const void *key, size_t key_size)
{
    unsigned char head[MR_VARINT_MAX];
    if (out->begun)
        return refuse(out, "a record of its result begins before the one before has ended "
                           "(mr_result_end)");
    out->begun = true;
    out->out_of_line = false;
    out->value.size = 0;
    const unsigned char *end = mr_varint_put(head, key ? (uint64_t)key_size + 1 : 0);
    if (add(out, head, (size_t)(end - head)) < 0)
        return -1;
    return key ? add(out, key, key_size) : 0;
}

int mr_result_add(struct mr_reducer *out, const void *bytes, size_t size)
{
    if (!out->begun)
        return refuse(out, "bytes are added to no record of its result (mr_result_begin)");
    return add(out, bytes, size);
}

/* Writes all that has gathered as a run. */
static int write_run(struct mr_reducer *out)
{
    const struct mr_reduce_plan *p = out->runs->plan;
    if (mr_run_list_write(out->runs, &out->list, p->scale, mr_pile_entries(&out->pile),
                          out->pile.count, p->top, out->pile.region, p->order) < 0)
        return -1;
    mr_pile_clear(&out->pile);
    if (out->list.count < RUNS_LISTED)
        return 0;
    return mr_run_list_shrink(out->runs, &out->list, p->scale, RUNS_LISTED / 2, p->order);
}

static int keep(struct mr_reducer *out, const struct mr_value *value)
{
    out->records++;
    out->key.value++;
    if (mr_pile_add(&out->pile, &out->key, value) != NULL)
        return 0;
    if (write_run(out) < 0)
        return -1;
    if (mr_pile_add(&out->pile, &out->key, value) != NULL)
        return 0;
    return mr_error_set(out->err, "a record of %u bytes does not fit in a reducer's memory; give "
                                  "more with -S", out->key.size + value->size);
}

int mr_result_end(struct mr_reducer *out)
{
    unsigned char bytes[MR_LOCATOR_SIZE];
    struct mr_value value = { out->value.at, (uint32_t)out->value.size, false };
    if (!out->begun)
        return refuse(out, "a record of its result ends that has not begun (mr_result_begin)");
    out->begun = false;
    if (out->out_of_line) {
        struct mr_locator locator;
        if (mr_key_writer_end(out->keys, &locator, out->err) < 0)
            return -1;
        mr_locator_put(bytes, &locator);
        value = (struct mr_value){ bytes, sizeof bytes, true };
    }
    return keep(out, &value);
}

int mr_emit_result(struct mr_reducer *out, const void *key, size_t key_size, const void *value,
                   size_t value_size)
{
    if (mr_result_begin(out, key, key_size) < 0 || add(out, value, value_size) < 0)
        return -1;
    return mr_result_end(out);
}

int mr_reducer_check(struct mr_reducer *out)
{
    return out->begun ? refuse(out, "reduce_values returned before a record of its result had "
                                    "ended (mr_result_end)")
                      : 0;
}

/* ---- runs ------------------------------------------------------------------------------- */

int mr_reducer_pause(struct mr_reducer *out)
{
    size_t much = out->pile.size / 2 < GATHER ? out->pile.size / 2 : GATHER;
    return mr_pile_bytes(&out->pile) < much ? 0 : write_run(out);
}

int mr_reducer_finish(struct mr_reducer *out)
{
    const struct mr_reduce_plan *p = out->runs->plan;
    if (write_run(out) < 0)
        return -1;
    return mr_run_list_shrink(out->runs, &out->list, p->scale, p->runs_max, p->order);
}
