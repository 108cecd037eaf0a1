/* Bundles: beside records with entries of their own, they give each key's values in the order in
 * which they were added, until the buffer is full. */
#include "sort/bundles.h"

#include "sort/entries.h"
#include "values.h"

TestSuite(bundles);

/* What is added, and how. */
struct shape {
    size_t buffer, memory; /* bytes */
    uint32_t records, keys, value_most;
    uint64_t hashes;       /* so many different ones */
    const char *letters;   /* of values; NULL: any bytes */
};

static struct mr_sort_buffer buffer;
static struct mr_bundles bundles;

/* Adds a record as a reducer does. Returns whether there was room. */
static bool add(const struct entry *e, uint64_t hash)
{
    struct mr_record r = { e->key, (uint32_t)e->key_size, false, MR_BUNDLES_MOST + e->number };
    struct mr_value v = { e->value, (uint32_t)e->value_size, false };
    unsigned char *at = NULL;
    enum mr_bundled bundled = mr_bundles_add(&bundles, &buffer, &r, hash, &v, &at);
    if (bundled == MR_NOT_BUNDLED)
        at = mr_sort_buffer_add(&buffer, &r, &v);
    check((bundled == MR_NO_ROOM) <= (at == NULL));
    check(at == NULL || memcmp(at, e->value, e->value_size) == 0);
    return at != NULL;
}

static void add_read(struct entries *got, const struct mr_entry *e, const unsigned char *head)
{
    struct mr_value value = mr_value_at(head);
    check(value.bytes + value.size <= buffer.region + buffer.used);
    add_entry(got, buffer.region + e->at, e->size, value.bytes, value.size);
}

static void read_all(struct entries *got)
{
    const struct mr_ordering order = { .values = true };
    struct mr_entry *e = mr_sort_buffer_entries(&buffer);
    struct mr_key_place place = { 0 };
    struct mr_bundle_reader reader;
    const unsigned char *head;
    must(mr_sort_entries(e, buffer.count, buffer.count, buffer.region, order, place, NULL, &err));
    for (size_t i = 0; i < buffer.count; i++) {
        if (!mr_is_bundle(&e[i])) {
            add_read(got, &e[i], buffer.region + e[i].at + e[i].size);
            continue;
        }
        mr_bundle_open(&bundles, &buffer, &e[i], &reader);
        while (mr_bundle_next(&reader, &head))
            add_read(got, &e[i], head);
    }
}

static void add_and_read(const struct shape *s)
{
    struct entries wanted = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    unsigned char value[300];
    char key[40];
    for (uint32_t i = 0; i < s->records; i++) {
        uint64_t number = draw_below(s->keys);
        int size = number == 0 ? 0
                               : snprintf(key, sizeof key, "%s%d", number % 3 ? "" : "a long key, ",
                                          (int)number);
        draw_bytes(value, sizeof value, s->letters);
        add_entry(&wanted, key, (size_t)size, value, draw_below(s->value_most));
        if (!add(&wanted.at[i], number % s->hashes * UINT64_C(0x9E3779B97F4A7C15))) {
            cut_entries(&wanted, i);
            break;
        }
    }
    read_all(&got);
    sort_entries(&wanted, false);
    check_same_entries(&got, &wanted);
    free_entries(&wanted);
    free_entries(&got);
}

static void check_shape(const struct shape *s)
{
    must(mr_sort_buffer_init(&buffer, s->buffer, &err));
    must(mr_bundles_init(&bundles, mr_bundles_memory(s->memory), &err));
    for (int round = 0; round < 3; round++) {
        add_and_read(s);
        mr_sort_buffer_clear(&buffer);
        mr_bundles_clear(&bundles);
    }
    mr_sort_buffer_release(&buffer);
    mr_bundles_release(&bundles);
}

enum { LARGE = 4 << 20, SMALL = 9000, MEMORY = 1 << 20, LITTLE = 2000 };

Test(bundles, values_are_in_order_until_the_buffer_is_full)
{
    const struct shape shapes[] = {
        { LARGE, MEMORY, 3000, 1, 4, 1, NULL },
        { LARGE, MEMORY, 20000, 300, 30, UINT64_MAX, NULL },
        { LARGE, LITTLE, 20000, 300, 30, 300, NULL },
        { LARGE, MEMORY, 20000, 300, 30, 4, NULL },
        { SMALL, MEMORY, 20000, 7, 2, 1000, NULL },
        { SMALL, MEMORY, 20000, 300, 300, 1000, NULL },
        { SMALL, LITTLE, 20000, 100, 100, 100, NULL },
        { LARGE, MEMORY, 30000, 1 << 30, 9, UINT64_MAX, NULL },
        { LARGE, LITTLE, 150000, 200, 3, UINT64_MAX, NULL },
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check_shape(&shapes[i]);
}

Test(bundles, values_that_come_again_are_given_as_often)
{
    const struct shape shapes[] = {
        { LARGE, MEMORY, 3000, 1, 1, 1, "a" },
        { LARGE, MEMORY, 30000, 20, 2, 20, "a" },
        { LARGE, MEMORY, 30000, 20, 11, 20, "a" },
        { SMALL, MEMORY, 30000, 9, 3, 1000, "ab" },
        { SMALL, LITTLE, 30000, 100, 10, 100, "a" },
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check_shape(&shapes[i]);
}

/* However often one comes, it takes two bytes for each 256 times, or little more. */
Test(bundles, values_that_come_again_take_no_room)
{
    unsigned char key[] = "key", value[] = "1";
    struct entry e = { key, value, 3, 1, 0 };
    must(mr_sort_buffer_init(&buffer, SMALL, &err));
    must(mr_bundles_init(&bundles, mr_bundles_memory(MEMORY), &err));
    for (int i = 0; i < 256 * 1000; i++)
        check(add(&e, 1));
    check(buffer.count == 1);
    mr_sort_buffer_release(&buffer);
    mr_bundles_release(&bundles);
}

/* How often a value came may have been said by then, behind it, where that is read once. */
Test(bundles, a_value_comes_again_behind_one_that_had_no_room)
{
    static unsigned char key[] = "key", value[] = "1", large[SMALL];
    struct entry e = { key, value, 3, 1, 0 }, no = { key, large, 3, sizeof large, 0 };
    struct entries got = { 0 };
    must(mr_sort_buffer_init(&buffer, SMALL, &err));
    must(mr_bundles_init(&bundles, mr_bundles_memory(MEMORY), &err));
    check(add(&e, 1) && add(&e, 1) && !add(&no, 1) && add(&e, 1) && add(&e, 1));
    read_all(&got);
    check(got.count == 4);
    for (size_t i = 0; i < got.count; i++)
        check(got.at[i].value_size == 1 && *got.at[i].value == '1');
    free_entries(&got);
    mr_sort_buffer_release(&buffer);
    mr_bundles_release(&bundles);
}

Test(bundles, where_few_records_meet_one_no_more_are_made)
{
    for (uint32_t keys = 1000; keys <= 1000000; keys *= 1000) {
        struct shape s = { LARGE, MEMORY, 10000, keys, 1, UINT64_MAX, NULL };
        must(mr_sort_buffer_init(&buffer, s.buffer, &err));
        must(mr_bundles_init(&bundles, mr_bundles_memory(s.memory), &err));
        add_and_read(&s);
        check(bundles.closed == (keys > 1000));
        check((buffer.count < 2000) == (keys == 1000));
        mr_sort_buffer_release(&buffer);
        mr_bundles_release(&bundles);
    }
}

Test(bundles, they_are_made_again_once_asked_for)
{
    const struct shape rare = { LARGE, MEMORY, 10000, 1000000, 1, UINT64_MAX, NULL };
    const struct shape often = { LARGE, MEMORY, 10000, 1000, 1, UINT64_MAX, NULL };
    must(mr_sort_buffer_init(&buffer, LARGE, &err));
    must(mr_bundles_init(&bundles, mr_bundles_memory(MEMORY), &err));
    for (int round = 0; round < 2; round++) {
        add_and_read(&rare);
        check(bundles.closed == (round == 0)); /* then it is looked at later */
        mr_sort_buffer_clear(&buffer);
        mr_bundles_clear(&bundles);
        mr_bundles_reopen(&bundles);
        add_and_read(&often);
        check(!bundles.closed && buffer.count < 2000);
        mr_sort_buffer_clear(&buffer);
        mr_bundles_clear(&bundles);
    }
    for (int i = 0; i < 50 && !bundles.closed; i++) {
        add_and_read(&rare);
        mr_sort_buffer_clear(&buffer);
        mr_bundles_clear(&bundles);
    }
    check(bundles.closed);
    mr_sort_buffer_release(&buffer);
    mr_bundles_release(&bundles);
}

Test(bundles, with_too_little_memory_there_are_none)
{
    unsigned char key[] = "key";
    struct entry e = { key, key, 3, 3, 0 };
    check(mr_bundles_memory(500) == 0 && mr_bundles_memory(LITTLE) <= LITTLE);
    must(mr_sort_buffer_init(&buffer, SMALL, &err));
    must(mr_bundles_init(&bundles, 0, &err));
    check(add(&e, 1) && add(&e, 1) && buffer.count == 2);
    mr_sort_buffer_release(&buffer);
    mr_bundles_release(&bundles);
}
