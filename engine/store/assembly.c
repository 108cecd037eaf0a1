/* Assembling values. */
#include "store/assembly.h"

#include "base/error.h"

void mr_assembly_release(struct mr_assembly *a)
{
    mr_buffer_free(&a->value);
}

int mr_assembly_check(const struct mr_assembly *a)
{
    return !a->begun ? 0
                     : mr_context_wrong(&a->context, "it returned from a key before a record of "
                                                     "its result had ended (mr_result_end)");
}

/* What the context is part of; NULL, and why, where nothing of the kind may be emitted. */
static struct mr_assembly *assembly_of(struct mr_context *out, const char *called)
{
    if (out->emits == MR_EMITS_RESULT)
        return (struct mr_assembly *)(void *)out;
    (void)mr_context_refuse(out, called);
    return NULL;
}

static int add(struct mr_assembly *a, const void *bytes, size_t size)
{
    struct mr_error *err = a->context.err;
    if (size == 0)
        return 0;
    if (!a->out_of_line && a->value.size + size > a->value_max) {
        a->out_of_line = true;
        if (mr_key_writer_add(a->keys, a->value.at, a->value.size, err) < 0)
            return -1;
    }
    if (a->out_of_line)
        return mr_key_writer_add(a->keys, bytes, size, err);
    if (mr_buffer_add(&a->value, bytes, size) < 0)
        return mr_error_memory(err, size, "a record that a job emits");
    return 0;
}

static int begin(struct mr_assembly *a, const void *key, size_t key_size)
{
    unsigned char head[MR_VARINT_MAX];
    if (a->begun)
        return mr_context_wrong(&a->context, "a record of its result begins before the one before "
                                             "has ended (mr_result_end)");
    if (a->headless && key != NULL)
        return mr_context_wrong(&a->context, "combine_values emits another key than it was handed: "
                                             "it must be NULL");
    a->begun = true;
    a->out_of_line = false;
    a->value.size = 0;
    if (a->headless)
        return 0;
    const unsigned char *end = mr_varint_put(head, key ? (uint64_t)key_size + 1 : 0);
    return add(a, head, (size_t)(end - head)) < 0 || (key && add(a, key, key_size) < 0) ? -1 : 0;
}

static int end(struct mr_assembly *a)
{
    unsigned char bytes[MR_LOCATOR_SIZE];
    struct mr_value value = { a->value.at, (uint32_t)a->value.size, false };
    if (!a->begun)
        return mr_context_wrong(&a->context, "a record of its result ends that has not begun "
                                             "(mr_result_begin)");
    a->begun = false;
    if (a->out_of_line) {
        struct mr_locator locator;
        if (mr_key_writer_end(a->keys, &locator, a->context.err) < 0)
            return -1;
        mr_locator_put(bytes, &locator);
        value = (struct mr_value){ bytes, sizeof bytes, true };
    }
    return a->keep(a, &value);
}

int mr_assembly_drop(struct mr_assembly *a)
{
    struct mr_locator ignored;
    a->begun = false;
    return a->out_of_line ? mr_key_writer_end(a->keys, &ignored, a->context.err) : 0;
}

int mr_result_begin(struct mr_context *out, const void *key, size_t key_size)
{
    struct mr_assembly *a = assembly_of(out, "mr_result_begin was called");
    return a ? begin(a, key, key_size) : -1;
}

int mr_result_add(struct mr_context *out, const void *bytes, size_t size)
{
    struct mr_assembly *a = assembly_of(out, "mr_result_add was called");
    if (a == NULL)
        return -1;
    if (!a->begun)
        return mr_context_wrong(out, "bytes are added to no record of its result "
                                     "(mr_result_begin)");
    return add(a, bytes, size);
}

int mr_result_end(struct mr_context *out)
{
    struct mr_assembly *a = assembly_of(out, "mr_result_end was called");
    return a ? end(a) : -1;
}

int mr_emit_result(struct mr_context *out, const void *key, size_t key_size, const void *value,
                   size_t value_size)
{
    struct mr_assembly *a = assembly_of(out, "mr_emit_result was called");
    if (a == NULL || begin(a, key, key_size) < 0 || add(a, value, value_size) < 0)
        return -1;
    return end(a);
}

int mr_result_lines(struct mr_context *out, const void *lines, size_t size)
{
    struct mr_assembly *a = assembly_of(out, "mr_result_lines was called");
    if (a == NULL)
        return -1;
    if (a->keep_lines == NULL)
        return mr_context_wrong(out, "mr_result_lines was called, but it is not in sequence");
    if (a->begun)
        return mr_context_wrong(out, "mr_result_lines was called before a record of its result had "
                                     "ended (mr_result_end)");
    return a->keep_lines(a, size ? lines : (const void *)"", size);
}
