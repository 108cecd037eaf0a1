/*
 * Emitting a pair in parts.
 *
 *     begin, key "to", key " be", value "or", end   ->   "to be", "or"
 *
 * Each half gathers while it is small; what grows larger than records hold is written out-of-line
 * as it comes, the key before the value.
 */
#include "map/emit.h"

#include "base/error.h"

static int add(struct mr_mapper *m, struct mr_half *h, const unsigned char *bytes, size_t size)
{
    if (size == 0)
        return 0;
    if (!h->out_of_line && h->bytes.size + size > m->out.key_max) {
        h->out_of_line = true;
        if (h->bytes.size > 0 &&
            mr_key_writer_add(&m->out.keys, h->bytes.at, h->bytes.size, m->out.err) < 0)
            return -1;
    }
    if (h->out_of_line)
        return mr_key_writer_add(&m->out.keys, bytes, size, m->out.err);
    if (mr_buffer_add(&h->bytes, bytes, size) < 0)
        return mr_error_memory(m->out.err, size, "a key or a value");
    return 0;
}

/* A half that is out-of-line ends, before anything else is written. */
static int end(struct mr_mapper *m, struct mr_half *h)
{
    struct mr_locator locator;
    if (!h->out_of_line)
        return 0;
    if (mr_key_writer_end(&m->out.keys, &locator, m->out.err) < 0)
        return -1;
    mr_locator_put(h->locator, &locator);
    return 0;
}

static struct mr_record key_of(const struct mr_mapper *m)
{
    const struct mr_half *h = &m->key;
    if (h->out_of_line)
        return (struct mr_record){ h->locator, MR_LOCATOR_SIZE, true, 0 };
    /* Nothing may be NULL, but is never copied from there. */
    return (struct mr_record){ h->bytes.size ? h->bytes.at : (const unsigned char *)"",
                               (uint32_t)h->bytes.size, false, 0 };
}

static int begin_value(struct mr_mapper *m)
{
    m->in_value = true;
    if (end(m, &m->key) < 0)
        return -1;
    if (m->out.direct == NULL)
        return 0;
    struct mr_record key = key_of(m);
    return mr_direct_begin(m->out.direct, &key);
}

int mr_pair_begin(struct mr_context *out)
{
    struct mr_mapper *m = mr_mapper_of(out);
    if (out->emits != MR_EMITS_BYTES)
        return mr_context_refuse(out, "mr_pair_begin was called");
    out->emits = MR_EMITS_PAIR;
    m->in_value = m->key.out_of_line = m->value.out_of_line = false;
    m->key.bytes.size = m->value.bytes.size = 0;
    return 0;
}

int mr_pair_key(struct mr_context *out, const void *bytes, size_t size)
{
    struct mr_mapper *m = mr_mapper_of(out);
    const unsigned char *from = bytes;
    if (out->emits != MR_EMITS_PAIR)
        return mr_context_refuse(out, "mr_pair_key was called");
    if (m->in_value)
        return mr_context_wrong(out, "mr_pair_key was called behind mr_pair_value");
    return mr_collect_rekey(&m->out, false, &from, &size) < 0 ? -1 : add(m, &m->key, from, size);
}

int mr_pair_value(struct mr_context *out, const void *bytes, size_t size)
{
    struct mr_mapper *m = mr_mapper_of(out);
    if (out->emits != MR_EMITS_PAIR)
        return mr_context_refuse(out, "mr_pair_value was called");
    if (!m->in_value && begin_value(m) < 0)
        return -1;
    return m->out.direct ? mr_direct_extend(m->out.direct, bytes, size)
                         : add(m, &m->value, bytes, size);
}

int mr_pair_end(struct mr_context *out)
{
    struct mr_mapper *m = mr_mapper_of(out);
    if (mr_pair_value(out, "", 0) < 0)
        return -1;
    out->emits = MR_EMITS_BYTES;
    m->emitted++;
    if (m->out.direct)
        return mr_direct_end(m->out.direct);
    if (end(m, &m->value) < 0)
        return -1;
    const struct mr_half *h = &m->value;
    struct mr_record key = key_of(m);
    struct mr_value value = { h->bytes.at, (uint32_t)h->bytes.size, false };
    if (h->out_of_line)
        value = (struct mr_value){ h->locator, MR_LOCATOR_SIZE, true };
    return mr_collect_record(&m->out, &key, &value);
}
