/* Records by ranges of their keys. */
#include "sort/ranged_buffer.h"

#include "base/error.h"

#include <string.h>

const struct mr_ranged_plan mr_ranged_plan = { 64 << 20, 8 << 20, (32 << 10) + 5 * 64 };

enum {
    LINE = 64,         /* bytes of one of the cache */
    SAMPLE = 16,       /* keys for each range */
    PART = 8,          /* a record of more than such a part of a piece stands between pieces, so
                          that little is left free at their ends */
    AHEAD = 1 << 20,   /* bytes of a range that are asked for before it is sorted */
    NO_PIECE = 0       /* none stands where the first records do */
};

/* What a piece begins with. */
struct piece {
    uint32_t older; /* piece of its range */
    uint32_t front, back; /* of what is free: known once it is full */
};

/* ---- records ---------------------------------------------------------------------------- */

static size_t in_lines(size_t bytes)
{
    return (bytes + LINE - 1) & ~(size_t)(LINE - 1);
}

/* Takes so many bytes for a range, if they are there. Returns whether. */
static bool take(struct mr_ranged_buffer *r, struct mr_sort_buffer *p, const struct mr_range *g,
                 size_t size, uint32_t *at)
{
    size_t room = g->count * sizeof(struct mr_entry) + r->piece; /* with one piece more */
    size = in_lines(size);
    if (room < r->room)
        room = r->room;
    if (p->used + size + room > p->size)
        return false;
    r->room = room;
    *at = (uint32_t)p->used;
    p->used += size;
    return true;
}

static struct piece *piece_at(const struct mr_sort_buffer *p, uint32_t at)
{
    return (struct piece *)(void *)(p->region + at);
}

/* Notes in a range's newest piece what is free of it. */
static void close_piece(const struct mr_sort_buffer *p, const struct mr_range *g)
{
    piece_at(p, g->piece)->front = g->front;
    piece_at(p, g->piece)->back = g->back;
}

/* Begins another piece. Returns whether there is room for one. */
static bool add_piece(struct mr_ranged_buffer *r, struct mr_sort_buffer *p, struct mr_range *g)
{
    uint32_t at;
    if (!take(r, p, g, r->piece, &at))
        return false;
    if (g->piece != NO_PIECE)
        close_piece(p, g);
    piece_at(p, at)->older = g->piece;
    g->piece = at;
    g->front = at + (uint32_t)sizeof(struct piece);
    g->back = at + r->piece;
    return true;
}

/* Adds an entry, with so many bytes free in front of it. Returns NULL where there is no room. */
static struct mr_entry *add_entry(struct mr_ranged_buffer *r, struct mr_sort_buffer *p,
                                  struct mr_range *g, size_t bytes)
{
    if (g->front + bytes + sizeof(struct mr_entry) > g->back && !add_piece(r, p, g))
        return NULL;
    g->back -= (uint32_t)sizeof(struct mr_entry);
    g->count++;
    return (struct mr_entry *)(void *)(p->region + g->back);
}

/* Asks for the memory of a range's next record, which is likely to be as large: until it comes,
 * others go elsewhere. */
static void expect_next(const struct mr_sort_buffer *p, const struct mr_range *g, size_t bytes)
{
    const unsigned char *front = p->region + g->front;
    for (size_t i = LINE; i < bytes + LINE; i += LINE)
        __builtin_prefetch(front + i, 1);
    __builtin_prefetch(p->region + g->back - LINE, 1);
}

unsigned char *mr_ranged_add(struct mr_ranged_buffer *r, struct mr_sort_buffer *p, uint32_t range,
                             const struct mr_record *record, const struct mr_value *value)
{
    struct mr_range *g = &r->range[range];
    const size_t bytes = mr_sort_buffer_takes(record, value);
    const bool is_large = bytes > r->piece / PART;
    uint32_t at = 0;
    if (is_large && !take(r, p, g, bytes, &at))
        return NULL;
    struct mr_entry *e = add_entry(r, p, g, is_large ? 0 : bytes);
    if (e == NULL)
        return NULL;
    if (!is_large)
        at = g->front;
    *e = mr_sort_buffer_entry(record, mr_record_slice(record), at);
    unsigned char *end = mr_sort_buffer_copy(p->region + at, record, value);
    if (!is_large) {
        g->front = (uint32_t)(end - p->region);
        expect_next(p, g, bytes);
    }
    return value ? end - value->size : end;
}

/* ---- opening ---------------------------------------------------------------------------- */

struct mr_entry *mr_ranged_sample(const struct mr_sort_buffer *p, const struct mr_ranged_plan *plan,
                                  size_t *count)
{
    const size_t most = p->count < SAMPLE * MR_KEY_RANGES ? p->count : SAMPLE * MR_KEY_RANGES;
    const size_t free = p->size - mr_sort_buffer_bytes(p);
    /* Each range may have a piece that is nearly empty. */
    const size_t needed = p->count * sizeof(struct mr_entry) + (size_t)MR_KEY_RANGES * plan->piece;
    struct mr_entry *all = mr_sort_buffer_entries(p), *sample = all - most;
    *count = 0;
    if (free < 2 * needed)
        return NULL;
    for (size_t i = 0; i < most; i++) {
        const struct mr_entry *e = &all[i * p->count / most];
        if (!e->out_of_line)
            sample[(*count)++] = *e;
    }
    return *count < MR_KEY_SPLITTERS ? NULL : sample;
}

int mr_ranged_open(struct mr_ranged_buffer *r, struct mr_sort_buffer *p,
                   const struct mr_ranged_plan *plan, const struct mr_entry *sample, size_t count,
                   uint32_t shared, struct mr_key_place place, struct mr_key_pair *readers,
                   struct mr_error *err)
{
    const struct mr_entry *e = mr_sort_buffer_entries(p), *end = e + p->count;
    mr_key_ranges_pick(&r->keys, sample, count, p->region, shared);
    memset(r->range, 0, sizeof r->range);
    r->open = r->tried = true;
    r->next = 0;
    r->piece = plan->piece;
    r->room = p->count * sizeof *e; /* they stand there */
    r->look_at = p->used + plan->first;
    p->used = in_lines(p->used);
    for (; e < end; e++) {
        const struct mr_record record = mr_sort_buffer_record(p, e);
        uint32_t range;
        if (mr_key_range_of_any(&r->keys, &record, place, readers, &range, err) < 0)
            return -1;
        struct mr_entry *to = add_entry(r, p, &r->range[range], 0);
        if (to == NULL)
            return mr_error_set(err, "internal error: records by ranges have no room");
        *to = *e;
    }
    return 0;
}

/* ---- ranges in order -------------------------------------------------------------------- */

/* Copies a piece's entries to where they end; keys are asked for, up to so many bytes, which are
 * counted down. Returns where the entries begin then. */
static struct mr_entry *copy_entries(const struct mr_ranged_buffer *r,
                                     const struct mr_sort_buffer *p, uint32_t at,
                                     struct mr_entry *end, size_t *ahead)
{
    const struct piece *piece = piece_at(p, at);
    const size_t size = at + r->piece - piece->back;
    for (uint32_t i = at; i < piece->front && *ahead > 0; i += LINE, *ahead -= LINE)
        __builtin_prefetch(p->region + i);
    end -= size / sizeof *end;
    memcpy(end, p->region + piece->back, size);
    return end;
}

/* Copies a range's entries in the same way. */
static struct mr_entry *gather_entries(const struct mr_ranged_buffer *r,
                                       const struct mr_sort_buffer *p, const struct mr_range *g,
                                       struct mr_entry *end, size_t ahead)
{
    if (g->count > 0)
        close_piece(p, g);
    for (uint32_t at = g->piece; at != NO_PIECE; at = piece_at(p, at)->older)
        end = copy_entries(r, p, at, end, &ahead);
    return end;
}

static struct mr_entry *region_end(const struct mr_sort_buffer *p)
{
    return (struct mr_entry *)(void *)(p->region + p->size);
}

struct mr_entry *mr_ranged_next(struct mr_ranged_buffer *r, const struct mr_sort_buffer *p,
                                size_t *count)
{
    while (r->next < MR_KEY_RANGES) {
        const struct mr_range *g = &r->range[r->next++];
        *count = g->count;
        if (g->count > 0)
            return gather_entries(r, p, g, region_end(p), AHEAD);
    }
    return NULL;
}

/* ---- closing ---------------------------------------------------------------------------- */

static void close_ranges(struct mr_ranged_buffer *r, struct mr_sort_buffer *p)
{
    struct mr_entry *at = region_end(p);
    for (size_t i = 0; i < MR_KEY_RANGES; i++)
        at = gather_entries(r, p, &r->range[i], at, 0);
    p->count = (uint32_t)(region_end(p) - at);
    r->open = false;
}

void mr_ranged_look(struct mr_ranged_buffer *r, struct mr_sort_buffer *p,
                    const struct mr_ranged_plan *plan)
{
    size_t all = 0, most = 0;
    if (!r->open || p->used < r->look_at)
        return;
    r->look_at = p->used + plan->first;
    for (size_t i = 0; i < MR_KEY_RANGES; i++) {
        all += r->range[i].count;
        most = most < r->range[i].count ? r->range[i].count : most;
    }
    if (most > all / 8 * 5 && p->used + all * sizeof(struct mr_entry) <= p->size)
        close_ranges(r, p);
}
