/* Emitting a key whole, or in parts. */
#include "map/emit.h"

#include "base/error.h"
#include "base/utf8.h"

enum { PART = 1 << 14 }; /* bytes of a very long key taken at a time */

int mr_emit_check_ended(const struct mr_mapper *m)
{
    const enum mr_emits emits = m->context.emits;
    return emits == MR_EMITS_PARTS || emits == MR_EMITS_PAIR
               ? mr_context_refuse(&m->context, "a map task ended")
               : 0;
}

int mr_emit_value(struct mr_context *out, const void *key, size_t key_size, const void *value,
                  size_t value_size)
{
    struct mr_mapper *m = mr_mapper_of(out);
    if (out->emits != MR_EMITS_BYTES)
        return mr_context_refuse(out, "mr_emit_value was called");
    m->emitted++;
    /* Nothing may be NULL, but is never copied from there. */
    return mr_collect_value(&m->out, key_size ? key : "", key_size, value_size ? value : "",
                            value_size);
}

int mr_emit_part(struct mr_context *out, const void *bytes, size_t size, bool last, uint64_t value)
{
    struct mr_mapper *m = mr_mapper_of(out);
    const unsigned char *from = bytes;
    if (out->emits != MR_EMITS_NUMBERS && out->emits != MR_EMITS_PARTS)
        return mr_context_refuse(out, "mr_emit_part was called");
    bool begins = out->emits == MR_EMITS_NUMBERS;
    out->emits = last ? MR_EMITS_NUMBERS : MR_EMITS_PARTS;
    if (mr_collect_rekey(&m->out, begins, &from, &size) < 0)
        return -1;
    if (m->out.standalone) {
        m->emitted += last ? value : 0;
        return mr_collect_piece(&m->out, from, size, last, value);
    }
    if (!m->out_of_line && m->part.size + size > m->out.key_max) {
        m->out_of_line = true;
        if (m->part.size > 0 &&
            mr_key_writer_add(&m->out.keys, m->part.at, m->part.size, m->out.err) < 0)
            return -1;
        m->part.size = 0;
    }
    if (m->out_of_line) {
        if (mr_key_writer_add(&m->out.keys, from, size, m->out.err) < 0)
            return -1;
    } else if (mr_buffer_add(&m->part, from, size) < 0) {
        return mr_error_memory(m->out.err, size, "a key");
    }
    if (!last)
        return 0;
    m->emitted += value;
    m->out.first = m->out.emissions++;
    if (m->out_of_line) {
        m->out_of_line = false;
        return mr_collect_written(&m->out, value);
    }
    size = m->part.size;
    m->part.size = 0;
    return mr_collect_rewritten(&m->out, m->part.at, size, value);
}

/* Emits a key that is larger than records hold, in parts that a block of memory is enough for. */
static int emit_large(struct mr_context *out, const unsigned char *key, size_t size, uint64_t value)
{
    while (size > PART) {
        size_t part = PART - mr_utf8_unfinished(key, PART);
        if (mr_emit_part(out, key, part, false, 0) < 0)
            return -1;
        key += part;
        size -= part;
    }
    return mr_emit_part(out, key, size, true, value);
}

int mr_emit(struct mr_context *out, const void *key, size_t size, uint64_t value)
{
    struct mr_mapper *m = mr_mapper_of(out);
    if (mr_emit_may(out, "mr_emit was called") < 0)
        return -1;
    if (size > m->out.key_max)
        return emit_large(out, key, size, value);
    m->emitted += value;
    if (m->out.one_by_one)
        return mr_collect_key(&m->out, key, size, value);
    const bool placed = m->out.by_place;
    if (size > MR_SHORT_KEY)
        return (placed ? mr_combiner_place_long : mr_combiner_add_long)(
            &m->table, mr_lookup_long(&m->table.seed, key, size), key, (uint32_t)size, value);
    struct mr_short s = mr_short_copy(key, size);
    uint64_t lookup = mr_lookup_short(m->table.seed.shorts, s);
    return placed ? mr_combiner_place_short(&m->table, mr_short_set(&m->table, lookup), s, value)
                  : mr_combiner_put_short(&m->table, lookup, s, value);
}

int mr_emit_lines(struct mr_context *out, const void *lines, size_t size)
{
    struct mr_mapper *m = mr_mapper_of(out);
    if (out->emits != MR_EMITS_BYTES)
        return mr_context_refuse(out, "mr_emit_lines was called");
    if (!m->out.one_by_one)
        return mr_context_wrong(out, "mr_emit_lines was called where there is a reducer");
    uint64_t before = m->out.direct->records;
    int result = mr_direct_add_lines(m->out.direct, size ? lines : (const void *)"", size);
    m->emitted += m->out.direct->records - before;
    return result;
}

int mr_partition_by(struct mr_context *out, const void *bytes, size_t size)
{
    struct mr_collector *c = &mr_mapper_of(out)->out;
    if (out->emits != MR_EMITS_BYTES && out->emits != MR_EMITS_PAIR)
        return mr_context_refuse(out, "mr_partition_by was called");
    c->partition_hash = mr_hash(size ? bytes : "", size);
    c->has_partition_hash = true;
    return 0;
}
