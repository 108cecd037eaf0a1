/* Records by ranges of their keys: read range by range, they are in order, whatever keys come, until
 * the buffer is full. */
#include "sort/ranged_buffer.h"

#include "sort/entries.h"
#include "values.h"
#include "written_keys.h"

static struct mr_sort_buffer buffer;
static struct mr_ranged_buffer ranged;

enum { LARGE = 4 << 20, SMALL = 1200 << 10, PIECE = 1088 };

static const struct mr_ranged_plan plan = { 1 << 20, 64 << 10, PIECE };
static const struct mr_ordering order = { .values = true };

TestSuite(ranged_buffer, .init = begin, .fini = end);

/* What is added. */
struct shape {
    size_t buffer; /* bytes */
    uint32_t records;
    size_t (*key)(uint32_t number, unsigned char *to); /* puts one, and returns its size */
    size_t value_most;
    unsigned ranges; /* that have records at least; 0: they are closed again */
};

static struct mr_key_place place(void)
{
    return (struct mr_key_place){ &spool, TASK, &readers.first };
}

/* Adds a record as a reducer does. Returns whether there was room; *shared is what keys have in
 * common. */
static bool add(const struct entry *e, uint32_t *shared)
{
    struct mr_record r = stored_entry(e, ROOM, &writer);
    const struct mr_value v = mr_record_value(&r);
    const uint32_t most = r.out_of_line ? 0 : r.size < *shared ? r.size : *shared;
    uint32_t range = 0;
    *shared = buffer.count == 0 ? most : mr_common(buffer.region, r.key, most);
    if (ranged.open && (r.out_of_line || *shared < ranged.keys.node->depth))
        must(mr_key_range_of_any(&ranged.keys, &r, place(), &readers, &range, &err));
    else if (ranged.open)
        range = mr_key_range_of(&ranged.keys, r.key, r.size);
    const unsigned char *at = ranged.open ? mr_ranged_add(&ranged, &buffer, range, &r, &v)
                                          : mr_sort_buffer_add(&buffer, &r, &v);
    check(at == NULL || memcmp(at, v.bytes, v.size) == 0);
    check(buffer.used <= buffer.size);
    free((void *)(uintptr_t)r.key);
    return at != NULL;
}

static void open_ranges(uint32_t shared)
{
    size_t count;
    struct mr_entry *sample = mr_ranged_sample(&buffer, &plan, &count);
    if (sample == NULL)
        return;
    must(mr_sort_by_keys(sample, count, shared, buffer.region, order, place(), &readers, &err));
    must(mr_ranged_open(&ranged, &buffer, &plan, sample, count, shared, place(), &readers, &err));
}

static void read_entries(struct entries *got, struct mr_entry *e, size_t count, uint32_t shared)
{
    check(count > 0);
    must(mr_sort_by_keys(e, count, shared, buffer.region, order, place(), &readers, &err));
    for (size_t i = 0; i < count; i++) {
        struct mr_record r = mr_sort_buffer_record(&buffer, &e[i]);
        (void)take_entry(got, &r, place());
    }
}

/* Reads all in order. Returns how many ranges have some. */
static unsigned read_all(struct entries *got, uint32_t shared)
{
    struct mr_entry *e;
    size_t count;
    unsigned ranges = 0;
    if (!ranged.open)
        read_entries(got, mr_sort_buffer_entries(&buffer), buffer.count, shared);
    for (; ranged.open && (e = mr_ranged_next(&ranged, &buffer, &count)) != NULL; ranges++)
        read_entries(got, e, count, shared);
    return ranges;
}

static void check_shape(const struct shape *s)
{
    struct entries wanted = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    unsigned char key[1000], value[1000];
    uint32_t shared = UINT32_MAX;
    bool is_full = false;
    must(mr_sort_buffer_init(&buffer, s->buffer, &err));
    mr_ranged_clear(&ranged);
    for (uint32_t i = 0; i < s->records && !is_full; i++) {
        const size_t size = s->key(i, key);
        draw_bytes(value, sizeof value, NULL);
        add_entry(&wanted, key, size, value, draw_below(s->value_most));
        is_full = !add(&wanted.at[i], &shared);
        if (is_full)
            cut_entries(&wanted, i);
        if (mr_ranged_pays(&ranged, &buffer, &plan))
            open_ranges(shared);
        mr_ranged_look(&ranged, &buffer, &plan);
    }
    check(ranged.tried && ranged.open == (s->ranges > 0));
    check(is_full == (s->buffer == SMALL));
    const unsigned ranges = read_all(&got, shared);
    check_for(ranges >= s->ranges, "%u ranges, not %u", ranges, s->ranges);
    sort_entries(&wanted, false);
    check_same_entries(&got, &wanted);
    free_entries(&wanted);
    free_entries(&got);
    mr_sort_buffer_release(&buffer);
}

/* ---- keys ------------------------------------------------------------------------------- */

static size_t word(uint32_t number, unsigned char *to)
{
    const size_t size = draw_below(12);
    (void)number;
    draw_bytes(to, size, "abcde");
    return size;
}

static size_t path(uint32_t number, unsigned char *to)
{
    (void)number;
    return (size_t)sprintf((char *)to, "/pub/20%02u/%s%02u/%x", (unsigned)draw_below(4),
                           draw_below(2) ? "build" : "release-of-", (unsigned)draw_below(12),
                           (unsigned)draw_below(1 << 20));
}

static size_t same(uint32_t number, unsigned char *to)
{
    (void)number;
    memcpy(to, "the same key", 12);
    return 12;
}

static size_t often(uint32_t number, unsigned char *to)
{
    return draw_below(2) ? same(number, to) : word(number, to);
}

static size_t ascending(uint32_t number, unsigned char *to)
{
    return (size_t)sprintf((char *)to, "%09u", (unsigned)number);
}

static size_t descending(uint32_t number, unsigned char *to)
{
    return ascending(999999999 - number, to);
}

/* Some are larger than a record holds, and then begin alike. */
static size_t large(uint32_t number, unsigned char *to)
{
    const size_t size = draw_below(20) ? draw_below(ROOM) : ROOM - 1 + draw_below(200);
    (void)number;
    draw_bytes(to, size, "ab");
    memset(to, 'a', size < 9 ? size : 9);
    return size;
}

/* None of the first ones is. */
static size_t large_later(uint32_t number, unsigned char *to)
{
    return number < 5000 ? path(number, to) : large(number, to);
}

/* They begin alike at first. */
static size_t unlike_later(uint32_t number, unsigned char *to)
{
    const size_t size = 12 + word(number, to + 12);
    memcpy(to, "prefix/same/", 12);
    if (number < 5000)
        return size;
    to[draw_below(12)] = (unsigned char)draw_below(256);
    return draw_below(4) ? size : draw_below(12);
}

/* Each begins with the one before it. */
static size_t longer(uint32_t number, unsigned char *to)
{
    (void)number;
    memset(to, 'a', ROOM);
    return draw_below(ROOM);
}

static size_t bytes(uint32_t number, unsigned char *to)
{
    const size_t size = draw_below(20);
    (void)number;
    draw_bytes(to, size, NULL);
    return size;
}

/* ---- tests ------------------------------------------------------------------------------ */

Test(ranged_buffer, records_are_in_order_until_it_is_full)
{
    static const struct shape shapes[] = {
        { LARGE, 20000, word, 10, 100 },       { SMALL, 100000, word, 10, 100 },
        { LARGE, 20000, path, 10, 100 },       { SMALL, 100000, path, 60, 100 },
        { LARGE, 20000, same, 10, 0 },         { SMALL, 100000, same, 2, 0 },
        { LARGE, 20000, often, 10, 50 },       { LARGE, 20000, ascending, 5, 0 },
        { SMALL, 100000, ascending, 5, 0 },    { LARGE, 20000, descending, 5, 0 },
        { LARGE, 10000, large, 100, 2 },       { LARGE, 10000, large_later, 10, 100 },
        { LARGE, 20000, unlike_later, 10, 50 }, { LARGE, 20000, longer, 10, 20 },
        { LARGE, 20000, bytes, 10, 100 },      { SMALL, 100000, bytes, 1, 100 },
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check_shape(&shapes[i]);
}

/* Records that take much of a piece, or do not fit in one. */
Test(ranged_buffer, records_of_any_size)
{
    static const size_t sizes[] = { PIECE / 8 - 40, PIECE / 8, PIECE / 2, PIECE - 60, 3 * PIECE };
    unsigned char value[4 * PIECE];
    memset(value, 'v', sizeof value);
    must(mr_sort_buffer_init(&buffer, LARGE, &err));
    for (uint32_t i = 0; i < 5000; i++) {
        unsigned char key[20];
        struct mr_record r = { key, (uint32_t)word(i, key), false, i };
        struct mr_value v = { value, (uint32_t)(i < 4000 ? 8 : sizes[i % 5]), false };
        memcpy(key + r.size, "\0\0\0\0\0\0\0", 8);
        if (!ranged.open) {
            check(mr_sort_buffer_add(&buffer, &r, &v) != NULL);
            if (mr_ranged_pays(&ranged, &buffer, &plan))
                open_ranges(0);
            continue;
        }
        const uint32_t range = mr_key_range_of(&ranged.keys, key, r.size);
        const unsigned char *at = mr_ranged_add(&ranged, &buffer, range, &r, &v);
        check(at != NULL && at + v.size <= buffer.region + buffer.used);
        check(memcmp(at, value, v.size) == 0);
    }
    struct mr_entry *e;
    size_t count, all = 0;
    check(ranged.open);
    for (; (e = mr_ranged_next(&ranged, &buffer, &count)) != NULL; all += count)
        for (size_t i = 0; i < count; i++) {
            struct mr_record r = mr_sort_buffer_record(&buffer, &e[i]);
            struct mr_value v = mr_record_value(&r);
            check(v.size == (r.value < 4000 ? 8 : sizes[r.value % 5]));
            check(memcmp(v.bytes, value, v.size) == 0);
        }
    check(all == 5000);
    mr_sort_buffer_release(&buffer);
}

Test(ranged_buffer, it_is_opened_where_that_pays)
{
    unsigned char value[2000] = { 0 };
    must(mr_sort_buffer_init(&buffer, 2 << 20, &err));
    for (uint32_t i = 0; i < 700; i++) { /* few large records are in any order as good */
        struct mr_record r = { (const unsigned char *)"key of one", 10, false, i };
        struct mr_value v = { value, sizeof value, false };
        check(mr_sort_buffer_add(&buffer, &r, &v) != NULL);
        check(!mr_ranged_pays(&ranged, &buffer, &plan));
    }
    mr_sort_buffer_release(&buffer);
    size_t count;
    must(mr_sort_buffer_init(&buffer, 1 << 20, &err));
    for (uint32_t i = 0;; i++) { /* nor is there room for pieces where it is nearly full */
        struct mr_record r = { (const unsigned char *)"key of one", 10, false, i };
        struct mr_value v = { value, 1, false };
        if (mr_sort_buffer_add(&buffer, &r, &v) == NULL)
            break;
    }
    check(mr_ranged_pays(&ranged, &buffer, &plan));
    check(mr_ranged_sample(&buffer, &plan, &count) == NULL);
    buffer.size -= 64;
    check(!mr_ranged_pays(&ranged, &buffer, &plan));
    buffer.size += 64;
    mr_sort_buffer_release(&buffer);
}
