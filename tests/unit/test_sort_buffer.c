/* The sort buffer: every record that fits stands in it as it was given, until it is full to the
 * byte. */
#include "sort/sort_buffer.h"

#include "values.h"

enum { SIZE = 8192, SLACK = 8 };

/* What a record takes: its bytes, the most that a value's head has, slack, and its entry. */
static size_t needed(const struct entry *e)
{
    return e->key_size + e->value_size + MR_VALUE_HEAD_MAX + SLACK + sizeof(struct mr_entry);
}

/* Puts the key of a record whose value has so many bytes where it is to stand, if it fits there. */
static void put_where_it_goes(const struct mr_sort_buffer *p, struct mr_record *r, size_t value)
{
    unsigned char *to = mr_sort_buffer_room(p, r->size + MR_VALUE_HEAD_MAX + value);
    if (to == NULL || r->size == 0)
        return;
    memcpy(to, r->key, r->size);
    r->key = to;
}

static const unsigned char *add(struct mr_sort_buffer *p, const struct entry *e,
                                bool key_out_of_line, bool value_out_of_line)
{
    struct mr_record r = { e->key, (uint32_t)e->key_size, key_out_of_line, e->number };
    struct mr_value v = { e->value, (uint32_t)e->value_size, value_out_of_line };
    if (draw_below(2) == 0)
        put_where_it_goes(p, &r, v.size);
    return mr_sort_buffer_add(p, &r, &v);
}

/* The entry that was added number-th; the newest stands in front. */
static void check_stands(const struct mr_sort_buffer *p, size_t number, const struct entry *e,
                         bool key_out_of_line, bool value_out_of_line)
{
    const struct mr_entry *at = &mr_sort_buffer_entries(p)[p->count - 1 - number];
    struct mr_record r = mr_sort_buffer_record(p, at);
    struct mr_value v = mr_record_value(&r);
    check(r.out_of_line == key_out_of_line && v.out_of_line == value_out_of_line);
    check(compare_bytes(r.key, r.size, e->key, e->key_size) == 0);
    check(compare_bytes(v.bytes, v.size, e->value, e->value_size) == 0);
    check(r.value == e->number && at->slice == mr_record_slice(&r));
    check(v.bytes + v.size <= p->region + p->used);
}

Test(sort_buffer, records_of_all_kinds_stand_until_it_is_full)
{
    struct mr_sort_buffer p;
    must(mr_sort_buffer_init(&p, SIZE + 63, &err)); /* a part of 64 bytes is not used */
    cr_assert_eq(p.size, SIZE);
    for (int round = 0; round < 300; round++) {
        struct entries e = { NULL, 0, 0 };
        unsigned char bytes[SIZE], kinds[SIZE];
        size_t before;
        const unsigned char *at;
        do {
            unsigned kind = kinds[e.count] = (unsigned char)draw_below(4);
            draw_bytes(bytes, sizeof bytes, round % 2 ? "ab" : NULL);
            size_t most = round % 3 ? 20 : 3000;
            size_t key = kind & 1 ? MR_LOCATOR_SIZE : draw_below(most);
            size_t value = kind & 2 ? MR_LOCATOR_SIZE : draw_below(most);
            struct entry *last = add_entry(&e, bytes, key, bytes + 4000, value);
            last->number = draw();
            before = mr_sort_buffer_bytes(&p);
            at = add(&p, last, kind & 1, kind & 2);
            check((at != NULL) == (before + needed(last) <= SIZE));
            check(at == NULL || memcmp(at, last->value, value) == 0);
        } while (at != NULL);
        /* What it has no room for changes nothing. */
        check(p.count == e.count - 1 && mr_sort_buffer_bytes(&p) == before);
        for (size_t i = 0; i < p.count; i++)
            check_stands(&p, i, &e.at[i], kinds[i] & 1, kinds[i] & 2);
        mr_sort_buffer_clear(&p);
        check(mr_sort_buffer_bytes(&p) == 0);
        free_entries(&e);
    }
    mr_sort_buffer_release(&p);
}

Test(sort_buffer, a_record_that_just_fits_alone_does)
{
    static unsigned char bytes[SIZE];
    for (size_t more = 0; more < 2; more++)
        for (size_t key = 0; key < 4000; key = 3 * key + 1) {
            struct mr_sort_buffer p;
            struct entry e = { bytes, bytes, key, 0, 7 };
            e.value_size = SIZE - needed(&e) + more;
            must(mr_sort_buffer_init(&p, SIZE, &err));
            check((add(&p, &e, false, false) != NULL) == (more == 0));
            if (more == 0)
                check_stands(&p, 0, &e, false, false);
            check(p.count == (more == 0));
            mr_sort_buffer_release(&p);
        }
}

Test(sort_buffer, one_that_is_too_small_for_anything_takes_nothing)
{
    for (size_t size = 0; size < 64; size++) {
        struct mr_sort_buffer p;
        struct entry e = { (unsigned char *)(uintptr_t) "k", NULL, 0, 0, 0 };
        e.value = e.key;
        if (mr_sort_buffer_init(&p, size, &err) < 0)
            continue; /* no memory at all may be refused */
        check(add(&p, &e, false, false) == NULL && p.count == 0);
        mr_sort_buffer_release(&p);
    }
}
