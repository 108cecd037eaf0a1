/* Records: there and back, and what is no record refused without reading behind its end. */
#include "store/record.h"

#include "support.h"

enum { ROOM = 1 << 16 };

/* Appends a random record; *wanted is it, its key in keys. */
static unsigned char *put_random(unsigned char *to, unsigned char *key, struct mr_record *wanted)
{
    bool out_of_line = draw_below(4) == 0;
    uint32_t size = out_of_line ? MR_LOCATOR_SIZE : (uint32_t)draw_below(200);
    uint64_t value = draw() >> draw_below(64);
    draw_bytes(key, size, NULL);
    *wanted = (struct mr_record){ key, size, out_of_line, value };
    unsigned char *start = to;
    to = mr_record_put_head(to, size, out_of_line, value);
    check(to - start <= MR_RECORD_HEAD_MAX);
    memcpy(to, key, size);
    return to + size;
}

Test(record, many_in_a_row_are_read_as_they_were_written)
{
    enum { COUNT = 200 };
    unsigned char *bytes = malloc(ROOM), *to = bytes;
    static unsigned char keys[COUNT][200];
    struct mr_record wanted[COUNT];
    for (int i = 0; i < COUNT; i++)
        to = put_random(to, keys[i], &wanted[i]);
    const unsigned char *from = bytes;
    for (int i = 0; i < COUNT; i++) {
        struct mr_record r;
        from = mr_record_get(from, to, &r);
        check(from != NULL);
        check(r.size == wanted[i].size && r.out_of_line == wanted[i].out_of_line &&
              r.value == wanted[i].value && memcmp(r.key, keys[i], r.size) == 0);
    }
    cr_assert_eq(from, to);
    free(bytes);
}

Test(record, a_key_of_any_size_is_copied_and_8_bytes_at_most_behind_it_touched)
{
    for (size_t size = 0; size <= 70; size++) {
        /* What is read is a block of its own, so that reading behind it does not go unseen. */
        unsigned char *key = malloc(size ? size : 1), to[80];
        draw_bytes(key, size, NULL);
        memset(to, 0xA5, sizeof to);
        mr_copy_key(to, key, size);
        check(memcmp(to, key, size) == 0);
        for (size_t i = size < 8 ? 8 : size; i < sizeof to; i++)
            check(to[i] == 0xA5);
        free(key);
    }
}

/* A copy that may read and write so many bytes behind a key does no more. */
static void check_copy(void (*copy)(unsigned char *to, const unsigned char *from, size_t size),
                       size_t slack)
{
    for (size_t size = 0; size <= 70; size++) {
        unsigned char *key = malloc(size + slack), to[70 + 2 * MR_BLOCK_SLACK];
        draw_bytes(key, size + slack, NULL);
        memset(to, 0xA5, sizeof to);
        copy(to, key, size);
        check(memcmp(to, key, size) == 0);
        for (size_t i = size + slack; i < sizeof to; i++)
            check(to[i] == 0xA5);
        free(key);
    }
}

Test(record, a_key_is_copied_with_no_more_than_the_slack_behind_it)
{
    check_copy(mr_copy_slack, 15);
    check_copy(mr_copy_wide, MR_BLOCK_SLACK);
}

Test(record, what_is_copied_into_other_bytes_leaves_those_behind)
{
    for (size_t size = 0; size <= 16; size++) {
        unsigned char *from = malloc(16), *to = malloc(16), before[16];
        draw_bytes(from, 16, NULL);
        draw_bytes(to, 16, NULL);
        memcpy(before, to, sizeof before);
        mr_copy_into(to, from, size);
        check(memcmp(to, from, size) == 0 && memcmp(to + size, before + size, 16 - size) == 0);
        free(from);
        free(to);
    }
}

Test(record, one_that_is_cut_short_anywhere_is_refused)
{
    for (int i = 0; i < 200; i++) {
        unsigned char bytes[300], key[200];
        struct mr_record r;
        size_t size = (size_t)(put_random(bytes, key, &r) - bytes);
        for (size_t cut = 0; cut < size; cut++) {
            /* A block of its own, so that reading behind it does not go unseen. */
            unsigned char *part = malloc(cut ? cut : 1);
            memcpy(part, bytes, cut);
            check(mr_record_get(part, part + cut, &r) == NULL);
            free(part);
        }
    }
}

Test(record, sizes_that_cannot_be_are_refused)
{
    unsigned char bytes[100];
    struct mr_record r;
    for (unsigned shift = 6; shift < 64; shift++) {
        unsigned char *to = mr_varint_put(bytes, UINT64_C(1) << shift << (shift < 8));
        to = mr_varint_put(to, 1);
        check_for(mr_record_get(bytes, bytes + 40, &r) == NULL, "size 2^%u", shift - 1);
    }
    /* A locator has one size. */
    for (uint32_t size = 0; size < 60; size++) {
        mr_record_put_head(bytes, size, true, 1);
        check((mr_record_get(bytes, bytes + sizeof bytes, &r) != NULL) ==
              (size == MR_LOCATOR_SIZE));
    }
}

Test(record, random_bytes_never_give_a_key_outside_them)
{
    for (int i = 0; i < 100000; i++) {
        unsigned char bytes[24];
        struct mr_record r;
        draw_bytes(bytes, sizeof bytes, NULL);
        bytes[0] &= (unsigned char)draw();
        const unsigned char *next = mr_record_get(bytes, bytes + sizeof bytes, &r);
        check(next == NULL || (next <= bytes + sizeof bytes && r.key + r.size == next));
    }
}

Test(record, the_bytes_are_those_of_the_layout)
{
    unsigned char bytes[10];
    unsigned char *to = mr_record_put_head(bytes, 3, false, 5);
    memcpy(to, "the", 3);
    cr_assert_eq(to - bytes, 2);
    cr_assert_arr_eq(bytes, "\x06\x05the", 5);
}

Test(record, a_locator_goes_there_and_back)
{
    for (int i = 0; i < 1000; i++) {
        struct mr_locator l = { draw(), draw(), draw(), { 0 } }, back;
        unsigned char bytes[MR_LOCATOR_SIZE];
        draw_bytes(l.prefix, sizeof l.prefix, NULL);
        mr_locator_put(bytes, &l);
        back = mr_locator_get(bytes);
        check(back.offset == l.offset && back.size == l.size && back.hash == l.hash &&
              memcmp(back.prefix, l.prefix, sizeof l.prefix) == 0);
    }
}

Test(record, long_keys_are_the_same_only_when_each_byte_is)
{
    unsigned char a[100], b[100];
    for (size_t size = 16; size <= sizeof a; size++) {
        draw_bytes(a, sizeof a, NULL);
        memcpy(b, a, size);
        check(mr_same_long(a, b, size));
        for (size_t at = 0; at < size; at++) {
            b[at] ^= (unsigned char)(1 << draw_below(8));
            check_for(!mr_same_long(a, b, size), "byte %zu of %zu", at, size);
            b[at] = a[at];
        }
    }
}
