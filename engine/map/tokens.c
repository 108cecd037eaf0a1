/*
 * Words and fields: from a chunk to emitted tokens; and what a job does this with by its own rules.
 *
 * A few KB of the chunk at a time, the scan kernel finds the tokens' ends; then, in batches, the
 * tokens are loaded and hashed and their sets of the combine table prefetched, and only when that
 * is done for the whole batch are they looked up: the cache misses overlap. Tokens of up to 15
 * bytes and longer ones go through loops of their own, so that neither has a branch on length.
 */
#include "map/emit.h"

enum {
    PIECE = 4096, /* bytes scanned at a time; a multiple of 64 */
    BATCH = 128   /* tokens whose sets are prefetched together */
};

#define CALLED "mr_emit_words or mr_emit_fields was called"

/* Tokens as positions: the i-th is [at[2i], at[2i + 1]). */
struct pairs {
    uint32_t at[2 * PIECE + 2 + MR_SCAN_SLACK];
    size_t count;
};

struct ready_short {
    struct mr_short key;
    struct mr_short_set *set;
};

struct ready_long {
    uint32_t at, size;
    uint64_t lookup;
};

/* Counts a short token where its key stands first in its set, as most do. */
static inline bool count_first(const struct ready_short *ready, bool sums)
{
    struct mr_short_set *set = ready->set;
    bool first = mr_short_same(set->keys[0], ready->key);
    if (!(first && sums && set->values[0] < UINT32_MAX))
        return false;
    set->values[0]++;
    return true;
}

/* Adds the short tokens that are ready, each with value 1. */
static int add_shorts(struct mr_mapper *m, const struct ready_short *ready, size_t count)
{
    const bool sums = m->table.combine == NULL;
    for (size_t i = 0; i < count; i++)
        if (!count_first(&ready[i], sums) &&
            mr_combiner_add_short(&m->table, ready[i].set, ready[i].key, 1) < 0)
            return -1;
    m->emitted += count;
    return 0;
}

/* The same, watched. */
static int watch_shorts(struct mr_mapper *m, const struct ready_short *ready, size_t count)
{
    const bool sums = m->table.combine == NULL;
    for (size_t i = 0; i < count; i++)
        if (count_first(&ready[i], sums))
            mr_combiner_watch_found(&m->table, ready[i].key);
        else if (mr_combiner_watch_short(&m->table, ready[i].set, ready[i].key, 1) < 0)
            return -1;
    m->emitted += count;
    return 0;
}

static int add_longs(struct mr_mapper *m, const unsigned char *data, struct ready_long *ready,
                     size_t count)
{
    const bool passing = m->table.bypassing >= count; /* then none is looked up */
    for (size_t i = 0; i < count && !passing; i++) {
        ready[i].lookup = mr_lookup_long(&m->table.seed, data + ready[i].at, ready[i].size);
        __builtin_prefetch(mr_long_set(&m->table, ready[i].lookup), 1);
    }
    for (size_t i = 0; i < count; i++) {
        const unsigned char *key = data + ready[i].at;
        uint32_t size = ready[i].size;
        if (size > m->out.key_max) {
            if (mr_emit(&m->context, key, size, 1) < 0)
                return -1;
            continue;
        }
        m->emitted++;
        if (mr_combiner_add_long(&m->table, passing ? 0 : ready[i].lookup, key, size, 1) < 0)
            return -1;
    }
    return 0;
}

/* Emits tokens one by one: without a reducer they stay in their order. */
static int emit_each(struct mr_mapper *m, const unsigned char *data, const uint32_t *pairs,
                     size_t count)
{
    for (const uint32_t *end = pairs + 2 * count; pairs < end; pairs += 2)
        if (mr_emit(&m->context, data + pairs[0], pairs[1] - pairs[0], 1) < 0)
            return -1;
    return 0;
}

/* A token of any size, whose set is being prefetched, where places matter. */
struct ready {
    union {
        struct mr_short key;
        uint64_t lookup; /* of a long one */
    } is;
    struct mr_short_set *set; /* NULL: it is a long one */
};

/* Emits tokens in their order, as the place of each matters, whatever its size. */
static int place_batch(struct mr_mapper *m, const unsigned char *data, const uint32_t *pairs,
                       size_t count)
{
    struct ready ready[BATCH];
    for (size_t i = 0; i < count; i++) {
        const unsigned char *key = data + pairs[2 * i];
        uint32_t size = pairs[2 * i + 1] - pairs[2 * i];
        struct ready *r = &ready[i];
        *r = (struct ready){ .set = NULL };
        if (size <= MR_SHORT_KEY) {
            r->is.key = mr_short_load(key, size);
            r->set = mr_short_set(&m->table, mr_lookup_short(m->table.seed.shorts, r->is.key));
            __builtin_prefetch(r->set, 1);
        } else if (size <= m->out.key_max) {
            r->is.lookup = mr_lookup_long(&m->table.seed, key, size);
            __builtin_prefetch(mr_long_set(&m->table, r->is.lookup), 1);
        }
    }
    for (size_t i = 0; i < count; i++) {
        const unsigned char *key = data + pairs[2 * i];
        uint32_t size = pairs[2 * i + 1] - pairs[2 * i];
        const struct ready *r = &ready[i];
        m->emitted += size <= m->out.key_max; /* of others mr_emit counts them */
        int result = r->set ? mr_combiner_place_short(&m->table, r->set, r->is.key, 1)
                     : size <= m->out.key_max
                         ? mr_combiner_place_long(&m->table, r->is.lookup, key, size, 1)
                         : mr_emit(&m->context, key, size, 1);
        if (result < 0)
            return -1;
    }
    return 0;
}

/* Emits tokens by way of the table, but for short ones of hopeless classes, which bypass it. */
static inline __attribute__((always_inline)) int sift_batch(struct mr_mapper *m,
                                                            const unsigned char *data,
                                                            const uint32_t *pairs, size_t count,
                                                            const uint32_t hopeless)
{
    struct ready_short shorts[BATCH], *next_short = shorts;
    struct ready_long longs[BATCH], *next_long = longs;
    const struct mr_combiner table = m->table;
    const struct mr_short seed = m->table.seed.shorts;
    for (const uint32_t *end = pairs + 2 * count; pairs < end; pairs += 2) {
        uint32_t size = pairs[1] - pairs[0];
        if (size > MR_SHORT_KEY) {
            next_long->at = pairs[0];
            next_long->size = size;
            next_long++;
            continue;
        }
        next_short->key = mr_short_load(data + pairs[0], size);
        if (hopeless != 0 && hopeless >> mr_short_class(next_short->key) & 1) {
            if (mr_combiner_bypass_short(&m->table, next_short->key, 1) < 0)
                return -1;
            m->emitted++;
            continue;
        }
        next_short->set = mr_short_set(&table, mr_lookup_short(seed, next_short->key));
        __builtin_prefetch(next_short->set, 1);
        next_short++;
    }
    const size_t ready = (size_t)(next_short - shorts);
    int result = m->table.watch.watching ? watch_shorts(m, shorts, ready)
                                         : add_shorts(m, shorts, ready);
    if (result < 0)
        return -1;
    return add_longs(m, data, longs, (size_t)(next_long - longs));
}

static int emit_batch(struct mr_mapper *m, const unsigned char *data, const uint32_t *pairs,
                      size_t count)
{
    if (m->out.by_place)
        return place_batch(m, data, pairs, count);
    if (m->out.one_by_one)
        return emit_each(m, data, pairs, count);
    mr_combiner_expect(&m->table, count);
    const uint32_t hopeless = m->table.watch.hopeless;
    if (hopeless == 0) /* mostly so: a loop of its own, which looks at no class */
        return sift_batch(m, data, pairs, count, 0);
    return sift_batch(m, data, pairs, count, hopeless);
}

static int emit_all(struct mr_mapper *m, const unsigned char *data, const uint32_t *pairs,
                    size_t count)
{
    for (size_t i = 0; i < count; i += BATCH)
        if (emit_batch(m, data, pairs + 2 * i, count - i < BATCH ? count - i : BATCH) < 0)
            return -1;
    return 0;
}

/* Prepares the scan for a set, once for many chunks, or calls of mr_find with two in turn. */
static const struct mr_scan_set *scan_set(struct mr_mapper *m, const struct mr_byteset *set)
{
    struct mr_found_set *last = &m->found[m->last_found];
    if (last->set == set)
        return &last->scan;
    m->last_found = !m->last_found;
    last = &m->found[m->last_found];
    if (last->set != set)
        mr_scan_set_init(&last->scan, set);
    last->set = set;
    return &last->scan;
}

size_t mr_find(struct mr_context *out, const struct mr_byteset *set, const unsigned char *data,
               size_t size, uint32_t base, uint32_t *to)
{
    struct mr_mapper *m = mr_mapper_of(out);
    return m->kernel->members(scan_set(m, set), data, size, base, to);
}

int mr_emit_many(struct mr_context *out, const unsigned char *data, const uint32_t *at,
                 size_t count)
{
    if (mr_emit_may(out, "mr_emit_many was called") < 0)
        return -1;
    return emit_all(mr_mapper_of(out), data, at, count);
}

/* One part of a record that is larger than the mapper's buffer; the last may have its end. */
static int emit_record_part(struct mr_context *out, const struct mr_chunk *chunk)
{
    const unsigned char *ends = chunk->records->ends.has;
    size_t size = chunk->size;
    if (chunk->part == MR_FIRST && mr_emit_may(out, CALLED) < 0)
        return -1;
    while (chunk->part == MR_LAST && size > 0 && ends[chunk->data[size - 1]])
        size--;
    return mr_emit_part(out, chunk->data, size, chunk->part == MR_LAST, 1);
}

int mr_emit_words(struct mr_context *out, const struct mr_chunk *chunk)
{
    struct mr_mapper *m = mr_mapper_of(out);
    if (chunk->part != MR_WHOLE)
        return emit_record_part(out, chunk);
    if (mr_emit_may(out, CALLED) < 0)
        return -1;
    const struct mr_scan_set *set = scan_set(m, &chunk->records->ends);
    struct pairs pairs;
    uint64_t inside = 0;
    size_t open = 0; /* 1: the last word found has a start but no end yet */
    for (size_t at = 0; at < chunk->size; at += PIECE) {
        size_t size = chunk->size - at < PIECE ? chunk->size - at : PIECE;
        size_t edges = open + m->kernel->edges(set, chunk->data + at, size, (uint32_t)at,
                                               &inside, pairs.at + open);
        pairs.count = edges / 2;
        if (emit_all(m, chunk->data, pairs.at, pairs.count) < 0)
            return -1;
        open = edges % 2;
        pairs.at[0] = pairs.at[edges - open];
    }
    if (!open)
        return 0;
    pairs.at[1] = (uint32_t)chunk->size;
    return emit_batch(m, chunk->data, pairs.at, 1);
}

/* Turns the positions of record ends, of which CR may be one, into fields. *start is where the next
 * field starts. */
static void fields_between(const unsigned char *data, const uint32_t *ends, size_t count, bool cr,
                           uint32_t *start, struct pairs *pairs)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t end = ends[i];
        /* The LF of a CR LF ends nothing: the CR has. */
        bool second = cr && data[end] == '\n' && end > 0 && data[end - 1] == '\r';
        pairs->at[2 * n] = *start;
        pairs->at[2 * n + 1] = end;
        n += !second;
        *start = end + 1;
    }
    pairs->count = n;
}

/* line_ended: the last line has its end, or there is none. */
static int emit_fields(struct mr_context *out, const struct mr_chunk *chunk, bool line_ended)
{
    struct mr_mapper *m = mr_mapper_of(out);
    const unsigned char *has = chunk->records->ends.has;
    const bool cr = has['\r'];
    if (chunk->part != MR_WHOLE) {
        if (emit_record_part(out, chunk) < 0)
            return -1;
        /* A delimiter at the file's end has an empty field behind it. */
        bool delimited = !line_ended && has[chunk->data[chunk->size - 1]];
        return chunk->ends_file && delimited ? mr_emit(out, "", 0, 1) : 0;
    }
    if (mr_emit_may(out, CALLED) < 0)
        return -1;
    const struct mr_scan_set *set = scan_set(m, &chunk->records->ends);
    uint32_t ends[PIECE + MR_SCAN_SLACK];
    struct pairs pairs;
    uint32_t start = 0;
    for (size_t at = 0; at < chunk->size; at += PIECE) {
        size_t size = chunk->size - at < PIECE ? chunk->size - at : PIECE;
        size_t count = m->kernel->members(set, chunk->data + at, size, (uint32_t)at, ends);
        fields_between(chunk->data, ends, count, cr, &start, &pairs);
        if (emit_all(m, chunk->data, pairs.at, pairs.count) < 0)
            return -1;
    }
    if (!chunk->ends_file || line_ended)
        return 0;
    pairs.at[0] = start;
    pairs.at[1] = (uint32_t)chunk->size;
    return emit_batch(m, chunk->data, pairs.at, 1);
}

int mr_emit_fields(struct mr_context *out, const struct mr_chunk *chunk)
{
    unsigned char last = chunk->size ? chunk->data[chunk->size - 1] : '\n';
    bool cr = chunk->records->ends.has['\r'];
    return emit_fields(out, chunk, last == '\n' || (cr && last == '\r'));
}

int mr_emit_fields_until(struct mr_context *out, const struct mr_chunk *chunk,
                         unsigned char line_end)
{
    bool line_ended = chunk->size == 0 || chunk->data[chunk->size - 1] == line_end;
    return emit_fields(out, chunk, line_ended);
}
