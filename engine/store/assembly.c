/* Assembling values. */
#include "store/assembly.h"

#include "base/error.h"

void mr_reducer_release(struct mr_reducer *out)
{
    mr_buffer_free(&out->value);
}

const char *mr_input_name(const struct mr_reducer *out, uint64_t source)
{
    return out->input_name ? out->input_name(out->inputs, source) : NULL;
}

struct mr_error *mr_reduce_error(struct mr_reducer *out)
{
    return out->err;
}

size_t mr_reduce_room(const struct mr_reducer *out)
{
    return out->room;
}

static int refuse(struct mr_reducer *out, const char *what)
{
    mr_error_set(out->err, "the job '%s' is wrong: %s", out->job, what);
    return mr_error_final(out->err);
}

int mr_reducer_check(struct mr_reducer *out)
{
    return !out->begun ? 0
                       : refuse(out, "it returned from a key before a record of its result had "
                                     "ended (mr_result_end)");
}

static int add(struct mr_reducer *out, const void *bytes, size_t size)
{
    if (size == 0)
        return 0;
    if (!out->out_of_line && out->value.size + size > out->value_max) {
        out->out_of_line = true;
        if (mr_key_writer_add(out->keys, out->value.at, out->value.size, out->err) < 0)
            return -1;
    }
    if (out->out_of_line)
        return mr_key_writer_add(out->keys, bytes, size, out->err);
    if (mr_buffer_add(&out->value, bytes, size) < 0)
        return mr_error_memory(out->err, size, "a record that a job emits");
    return 0;
}

int mr_result_begin(struct mr_reducer *out, const void *key, size_t key_size)
{
    unsigned char head[MR_VARINT_MAX];
    if (out->begun)
        return refuse(out, "a record of its result begins before the one before has ended "
                           "(mr_result_end)");
    if (out->headless && key != NULL)
        return refuse(out, "combine_values emits another key than it was handed: it must be NULL");
    out->begun = true;
    out->out_of_line = false;
    out->value.size = 0;
    if (out->headless)
        return 0;
    const unsigned char *end = mr_varint_put(head, key ? (uint64_t)key_size + 1 : 0);
    return add(out, head, (size_t)(end - head)) < 0 || (key && add(out, key, key_size) < 0) ? -1
                                                                                           : 0;
}

int mr_result_add(struct mr_reducer *out, const void *bytes, size_t size)
{
    if (!out->begun)
        return refuse(out, "bytes are added to no record of its result (mr_result_begin)");
    return add(out, bytes, size);
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
    return out->keep(out, &value);
}

int mr_emit_result(struct mr_reducer *out, const void *key, size_t key_size, const void *value,
                   size_t value_size)
{
    if (mr_result_begin(out, key, key_size) < 0 || add(out, value, value_size) < 0)
        return -1;
    return mr_result_end(out);
}
