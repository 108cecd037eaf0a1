/*
 * The side of the combiner: lines that a mapper writes gather until they fill the memory for that,
 * or the map task ends; then they are sorted as a reducer would get them, a program gets them, and
 * the lines that it writes are emitted in their place.
 *
 *     to 1 | be 1 | to 1    sorted    be 1 | to 1 | to 1    ->    awk ...    ->    be 1 | to 2
 *
 * In memory, lines grow from the front, each behind what it is sorted by if that is not its own
 * first bytes, and their entries from the back, until they meet:
 *
 *     region   | to 1 be 1 to 1 ->              <- entries |
 *
 * A line that is too large for that passes the program by, after all that came before it; so does
 * one of a key that is passed over, as the reducer will see to that.
 */
#include "culprit.h"
#include "programs.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_MOST = 64 << 20 }; /* with more, sorting only gets slower */

struct line_entry {
    uint64_t word;  /* the first bytes of what it is sorted by, as they compare */
    uint32_t at;
    uint32_t order; /* the size of what it is sorted by */
    uint32_t size;  /* of the line */
    uint32_t number;
};

/* ---- gathering -------------------------------------------------------------------------- */

/* The entries, the last line's first. */
static struct line_entry *entries(const struct program_combiner *c)
{
    return (struct line_entry *)(void *)(c->region + c->room) - c->count;
}

static uint64_t first_word(const unsigned char *bytes, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, bytes, size < sizeof word ? size : sizeof word);
    return be64toh(word);
}

/* What is kept of what the program is fed has a part of it, if a key may be passed over. */
static size_t recent_room(const struct mr_context *out)
{
    return mr_may_skip(out) ? mr_map_memory(out) / 8 : 0;
}

static int get_region(struct program_combiner *c, struct mr_context *out)
{
    size_t room = mr_map_memory(out) / 2 - recent_room(out);
    c->room = (room < ROOM_MOST ? room : ROOM_MOST) & ~(size_t)63;
    c->region = malloc(c->room);
    return c->region ? 0 : mr_fail(out, "there is no memory for %zu bytes of lines to combine",
                                   c->room);
}

/* Whether there is room for so many bytes and their entry, and for sorting, which may have to copy
 * the entries. */
static bool has_room(const struct program_combiner *c, size_t bytes)
{
    return c->used + bytes + 2 * (c->count + 1) * sizeof(struct line_entry) <= c->room;
}

/* Adds a line that there is room for. */
static void add(const struct line_keys *k, struct program_combiner *c, const unsigned char *line,
                size_t size)
{
    unsigned char *at = c->region + c->used;
    size_t key = line_key_size(k, line, size), order = key;
    unsigned char *to = at;
    if (values_are_whole_lines(k)) {
        to = sort_keys_put(&k->order, false, at, line, key);
        order = (size_t)(to - at);
    }
    memcpy(to, line, size);
    c->count++;
    *entries(c) = (struct line_entry){ first_word(at, order), (uint32_t)c->used, (uint32_t)order,
                                       (uint32_t)size, (uint32_t)c->count };
    c->used = (size_t)(to + size - c->region);
}

/* ---- running the program ---------------------------------------------------------------- */

static int compare(const void *left, const void *right, void *arg)
{
    const struct line_entry *a = left, *b = right;
    const unsigned char *region = arg;
    if (a->word != b->word)
        return a->word < b->word ? -1 : 1;
    uint32_t least = a->order < b->order ? a->order : b->order;
    int order = memcmp(region + a->at, region + b->at, least);
    if (order != 0)
        return order;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static int take_combined(void *arg, const unsigned char *bytes, size_t size, enum mr_part part)
{
    struct mr_context *out = arg;
    struct program_mapper *t = mr_task(out);
    return keyed_line_emit(t->combiner.keys, &t->line, out, bytes, size, part);
}

/* Finds the line that the program has died at, and blames its key. */
static void find_culprit(const struct programs *p, struct program_combiner *c,
                         struct mr_context *out)
{
    uint64_t offset, line_size;
    if (!culprit_find(p->combiner, &c->recent, c->exchange.fed, out, &offset, &line_size))
        return;
    keyed_line_blame(&p->keys, &c->line, out, c->recent.at + (offset - c->recent.offset),
                     (size_t)line_size - 1);
}

/* The exchange has failed: says so, where it was the program that has. Returns -1. */
static int failed(const struct programs *p, struct program_combiner *c, struct mr_context *out)
{
    struct exchange_end end;
    bool by_itself = exchange_explain(&c->exchange, &end);
    if (by_itself)
        (void)mr_fail(out, "the combiner '%s' %s, having read %zu lines at most%s", p->combiner,
                      end.how, c->count, end.last_words);
    exchange_close(&c->exchange);
    if (by_itself && mr_may_skip(out))
        find_culprit(p, c, out);
    return -1;
}

static int feed(struct program_combiner *c, const unsigned char *bytes, size_t size)
{
    size_t fill = c->fill;
    if (size <= PROGRAM_COMBINED - fill) {
        memcpy(c->fed + fill, bytes, size);
        c->fill += size;
        return 0;
    }
    c->fill = 0;
    if (culprit_feed(&c->exchange, &c->recent, c->fed, fill) < 0)
        return -1;
    if (size > PROGRAM_COMBINED)
        return culprit_feed(&c->exchange, &c->recent, bytes, size);
    memcpy(c->fed, bytes, size);
    c->fill = size;
    return 0;
}

static int feed_lines(const struct line_keys *k, struct program_combiner *c)
{
    const struct line_entry *e = entries(c);
    for (size_t i = 0; i < c->count; i++) {
        const unsigned char *line = c->region + e[i].at;
        if (values_are_whole_lines(k))
            line += e[i].order;
        if (feed(c, line, e[i].size) < 0 || feed(c, (const unsigned char *)"\n", 1) < 0)
            return -1;
    }
    return culprit_feed(&c->exchange, &c->recent, c->fed, c->fill) < 0
               ? -1
               : exchange_finish(&c->exchange);
}

int program_combine(const struct programs *p, struct program_combiner *c, struct mr_context *out)
{
    if (c->count == 0)
        return 0;
    c->keys = &p->keys;
    c->fill = 0;
    qsort_r(entries(c), c->count, sizeof(struct line_entry), compare, c->region);
    if (exchange_open(&c->exchange, p->combiner, out, take_combined, true) < 0)
        return failed(p, c, out);
    if (recent_room(out) > 0)
        culprit_begin(&c->exchange, &c->recent, recent_room(out));
    if (feed_lines(&p->keys, c) < 0)
        return failed(p, c, out);
    exchange_close(&c->exchange);
    c->used = c->count = 0;
    return 0;
}

/* ---- lines ------------------------------------------------------------------------------ */

/* Whether a line's key is one that a program has died at. Returns 1, 0 or -1. */
static int is_passed_over(const struct line_keys *k, struct program_combiner *c,
                          struct mr_context *out, const unsigned char *line, size_t size)
{
    if (!mr_may_skip(out))
        return 0;
    const unsigned char *key = keyed_line_key(k, &c->line, out, line, &size);
    return key == NULL ? -1 : mr_is_passed_over(out, key, size);
}

int program_combiner_add(const struct programs *p, struct program_combiner *c,
                         struct mr_context *out, const unsigned char *line, size_t size,
                         enum mr_part part, bool *added)
{
    size_t needed = size;
    *added = false;
    if (c->region == NULL && get_region(c, out) < 0)
        return -1;
    if (values_are_whole_lines(&p->keys))
        needed += sort_keys_room(&p->keys.order, line_key_size(&p->keys, line, size));
    bool fits = part == MR_WHOLE && has_room(c, needed);
    if (!fits && program_combine(p, c, out) < 0)
        return -1;
    int passed_over = part == MR_WHOLE ? is_passed_over(&p->keys, c, out, line, size) : 0;
    if (passed_over < 0)
        return -1;
    *added = part == MR_WHOLE && has_room(c, needed) && !passed_over;
    if (*added)
        add(&p->keys, c, line, size);
    return 0;
}

void program_combiner_free(struct program_combiner *c)
{
    free(c->region);
    recent_free(&c->recent);
    keyed_line_free(&c->line);
    *c = (struct program_combiner){ 0 };
}
