/* Calls of the job's map. */
#include "map/call_map.h"

#include "input/rows.h"

/* Calls map, at a record or a chunk of several that begins at this byte. */
static int call(struct mr_mapper *m, const struct mr_chunk *chunk, uint64_t offset,
                bool one_record)
{
    struct mr_mark *mark = m->context.mark;
    if (mark != NULL) {
        mark->span = (struct mr_span){ chunk->source, offset,
                                       chunk->offset + chunk->size - offset };
        mark->exact = one_record;
        if (one_record && mr_may_skip(&m->context))
            mr_mark_excerpt(mark, chunk->part == MR_WHOLE || chunk->part == MR_FIRST, chunk->data,
                            chunk->size);
        mark->running = MR_IN_MAP;
    }
    int result = m->out.job->map(m->out.state, chunk, &m->context);
    if (result < 0)
        return mr_context_failed(&m->context, "map");
    mr_mark_enter(mark, MR_IN_ENGINE);
    /* A key may go on as its record does; or elsewhere, unless it matters where it stands. */
    bool goes_on = chunk->part == MR_FIRST || chunk->part == MR_MIDDLE || !mr_has_places(m);
    return goes_on || m->context.emits != MR_EMITS_PARTS
               ? 0
               : mr_context_refuse(&m->context, "map returned at a record's end");
}

static bool is_bad(const struct mr_mapper *m, const struct mr_chunk *chunk)
{
    return m->bad != NULL && mr_bad_has_record(m->bad, chunk->source, chunk->offset);
}

/* A part of a record, all of which is passed over if it is bad. */
static int call_part(struct mr_mapper *m, const struct mr_chunk *chunk)
{
    if (chunk->part == MR_FIRST) {
        m->record_offset = chunk->offset;
        m->passing_over = is_bad(m, chunk);
    }
    return m->passing_over ? 0 : call(m, chunk, m->record_offset, true);
}

/* Where the record at `from` ends. */
static size_t record_end(const struct mr_chunk *chunk, size_t from)
{
    const unsigned char *ends = chunk->records->ends.has, *data = chunk->data;
    size_t at = chunk->quotes ? mr_row_end(chunk, from) : from;
    while (at < chunk->size && !ends[data[at]])
        at++;
    if (at == chunk->size)
        return at;
    bool both = data[at] == '\r' && at + 1 < chunk->size && data[at + 1] == '\n' && ends['\n'];
    return at + 1 + both;
}

/* Hands over a chunk's records one by one; an empty one as it is. */
static int call_records(struct mr_mapper *m, const struct mr_chunk *chunk)
{
    size_t at = 0;
    do {
        struct mr_chunk one = *chunk;
        size_t end = record_end(chunk, at);
        one.data += at;
        one.offset += at;
        one.size = end - at;
        one.begins_file = chunk->begins_file && at == 0;
        one.ends_file = chunk->ends_file && end == chunk->size;
        if (!is_bad(m, &one) && call(m, &one, one.offset, true) < 0)
            return -1;
        at = end;
    } while (at < chunk->size);
    return 0;
}

int mr_call_map(struct mr_mapper *m, const struct mr_chunk *chunk)
{
    if (chunk->part != MR_WHOLE)
        return call_part(m, chunk);
    struct mr_span span = { chunk->source, chunk->offset, chunk->size };
    if (m->bad != NULL && (mr_bad_is_suspect(m->bad, chunk->source, chunk->offset) ||
                           mr_bad_has_within(m->bad, &span)))
        return call_records(m, chunk);
    return call(m, chunk, chunk->offset, false);
}
