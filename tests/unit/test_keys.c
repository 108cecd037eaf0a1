/* Out-of-line keys: of any size, in any pieces, whole characters, in memcmp's order. */
#include "store/keys.h"

#include "base/utf8.h"
#include "support.h"

TestSuite(keys, .init = make_store, .fini = remove_store);

enum { ROOM = 64, TASK = 2 };

static struct mr_spool spool;
static struct mr_block_writer blocks;
static struct mr_key_writer writer;
static struct mr_block_reader reader, other;

static void begin(void)
{
    mr_spool_create(&spool, store, "keys", 0);
    must(mr_block_writer_init(&blocks, &spool, store, TASK, false, &err));
    must(mr_key_writer_init(&writer, &blocks, ROOM, &err));
    mr_block_reader_init(&reader, store, ROOM);
    mr_block_reader_init(&other, store, ROOM);
}

static void end(void)
{
    mr_key_writer_release(&writer);
    mr_block_writer_release(&blocks);
    mr_block_reader_release(&reader);
    mr_block_reader_release(&other);
    mr_spool_drop(&spool, store);
}

/* Writes a key in random pieces; at has room for its locator. */
static struct mr_record write_key(const unsigned char *key, size_t size, unsigned char *at)
{
    struct mr_locator l;
    for (size_t done = 0; done < size;) {
        size_t part = 1 + draw_below(draw_below(2) ? 3 : 3 * ROOM);
        if (part > size - done)
            part = size - done;
        must(mr_key_writer_add(&writer, key + done, part, &err));
        done += part;
    }
    must(mr_key_writer_end(&writer, &l, &err));
    check(l.size == size && l.hash == mr_hash(key, size));
    check(memcmp(l.prefix, key, size < 8 ? size : 8) == 0);
    mr_locator_put(at, &l);
    return (struct mr_record){ at, MR_LOCATOR_SIZE, true, 1 };
}

static struct mr_key_place place(struct mr_block_reader *r)
{
    return (struct mr_key_place){ &spool, TASK, r };
}

/* Reads a key and checks that it is the one; with characters, that no piece cuts one. */
static void check_key(const struct mr_record *r, const unsigned char *key, size_t size,
                      bool characters)
{
    struct mr_key k;
    const unsigned char *bytes;
    size_t n, done = 0;
    int more;
    mr_key_open(&k, r, place(&reader), &err);
    while ((more = mr_key_next(&k, &bytes, &n)) > 0) {
        check(n > 0 && n <= ROOM && done + n <= size);
        check(memcmp(bytes, key + done, n) == 0);
        check(!characters || (mr_utf8_unfinished(bytes, n) == 0 && (bytes[0] & 0xC0) != 0x80));
        done += n;
    }
    must(more);
    check_for(done == size, "%zu of %zu bytes", done, size);
    check(mr_key_next(&k, &bytes, &n) == 0);
}

Test(keys, every_size_around_the_blocks_comes_back)
{
    begin();
    unsigned char key[5 * ROOM], at[MR_LOCATOR_SIZE];
    for (size_t size = 17; size <= sizeof key; size++) {
        draw_bytes(key, size, NULL);
        struct mr_record r = write_key(key, size, at);
        check_key(&r, key, size, false);
    }
    end();
}

Test(keys, no_piece_cuts_a_character)
{
    static const char *const characters[] = { "a", "\xC3\xA9", "\xE2\x82\xAC",
                                              "\xF0\x9F\x98\x80" };
    begin();
    for (int round = 0; round < 500; round++) {
        unsigned char key[400], at[MR_LOCATOR_SIZE];
        size_t size = 0, wanted = 100 + draw_below(290);
        while (size < wanted) {
            const char *c = characters[draw_below(4)];
            memcpy(key + size, c, strlen(c));
            size += strlen(c);
        }
        struct mr_record r = write_key(key, size, at);
        check_key(&r, key, size, true);
    }
    end();
}

Test(keys, bytes_that_only_begin_characters_come_back_too)
{
    begin();
    unsigned char key[300], at[MR_LOCATOR_SIZE];
    for (int round = 0; round < 300; round++) {
        draw_bytes(key, sizeof key, "\xF0\xE2\xC3\x80");
        struct mr_record r = write_key(key, sizeof key, at);
        check_key(&r, key, sizeof key, false);
    }
    end();
}

/* Copies a key to another spool, deflated there or not, and looks at it there. */
static void check_copy(const struct mr_record *r, const unsigned char *key, size_t size,
                       bool compress)
{
    struct mr_spool copies;
    struct mr_block_writer to;
    struct mr_locator copy, original = mr_locator_get(r->key);
    unsigned char at[MR_LOCATOR_SIZE];
    mr_spool_create(&copies, store, "copy", 0);
    must(mr_block_writer_init(&to, &copies, store, TASK + 1, compress, &err));
    must(mr_key_copy(r, place(&reader), &to, &copy, &err));
    check(copy.size == size && copy.hash == original.hash);
    check(memcmp(copy.prefix, original.prefix, sizeof copy.prefix) == 0);
    mr_locator_put(at, &copy);
    struct mr_record copied = { at, sizeof at, true, 1 };
    struct mr_key k;
    struct pairs got = { NULL, 0, 0 };
    add_record(&got, &copied, (struct mr_key_place){ &copies, TASK + 1, &reader });
    check(got.count == 1 && got.at[0].size == size && memcmp(got.at[0].key, key, size) == 0);
    free_pairs(&got);
    /* The blocks were copied as they stood: cut where they were. */
    const unsigned char *bytes;
    size_t n;
    mr_key_open(&k, &copied, (struct mr_key_place){ &copies, TASK + 1, &reader }, &err);
    while (mr_key_next(&k, &bytes, &n) > 0)
        check(n >= ROOM - 3 || k.left == 0);
    mr_block_writer_release(&to);
    mr_spool_drop(&copies, store);
}

Test(keys, a_copy_has_the_same_bytes_size_and_hash)
{
    begin();
    unsigned char key[5 * ROOM], at[MR_LOCATOR_SIZE];
    for (size_t size = 17; size <= sizeof key; size++) {
        draw_bytes(key, size, size % 2 ? NULL : "ab");
        struct mr_record r = write_key(key, size, at);
        check_copy(&r, key, size, size % 3 == 0);
    }
    end();
}

Test(keys, a_key_in_memory_is_one_piece)
{
    struct mr_record r = { (const unsigned char *)"word", 4, false, 1 };
    struct mr_key k;
    const unsigned char *bytes;
    size_t n;
    mr_key_open(&k, &r, place(&reader), &err);
    cr_assert_eq(mr_key_next(&k, &bytes, &n), 1);
    cr_assert_eq(n, 4);
    cr_assert_arr_eq(bytes, "word", 4);
    cr_assert_eq(mr_key_next(&k, &bytes, &n), 0);
}

static struct mr_key open_window(const struct mr_record *r, uint64_t from, uint64_t size)
{
    struct mr_key k;
    mr_key_open(&k, r, place(&reader), &err);
    mr_key_window(&k, from, size);
    check(mr_key_left(&k) == size);
    return k;
}

/* Gives just the window's bytes: in pieces, again, and in one, of which no more need be held. */
static void check_window(const struct mr_record *r, const unsigned char *window, uint64_t from,
                         size_t size)
{
    struct mr_key_room room = { .max = size };
    struct mr_key k = open_window(r, from, size);
    const unsigned char *bytes;
    size_t n;
    for (int time = 0; time < 2; time++) {
        size_t at = 0;
        while (mr_key_next(&k, &bytes, &n) > 0) {
            check(n > 0 && at + n <= size && memcmp(bytes, window + at, n) == 0);
            at += n;
            check(mr_key_left(&k) == size - at && mr_key_size(&k) == size);
        }
        check(at == size && mr_key_next(&k, &bytes, &n) == 0);
        mr_key_rewind(&k);
    }
    k.room = &room;
    must(mr_key_whole(&k, &bytes, &n));
    check(n == size && memcmp(bytes, window, n) == 0);
    mr_buffer_free(&room.bytes);
}

static void check_windows(const struct mr_record *r, const unsigned char *key, size_t size)
{
    for (size_t from = 0; from <= size; from += 1 + from % 5)
        for (size_t n = 0; from + n <= size; n += 1 + n % 7)
            check_window(r, key + from, from, n);
}

Test(keys, a_window_of_one_is_just_its_bytes)
{
    unsigned char at[MR_LOCATOR_SIZE], key[3 * ROOM + 5];
    begin();
    draw_bytes(key, sizeof key, "abcdefgh");
    for (size_t size = 17; size <= sizeof key; size += 1 + size % 13) {
        struct mr_record r = write_key(key, size, at);
        check_windows(&r, key, size);
        const struct mr_record in_memory = { key, size, false, 0 };
        check_windows(&in_memory, key, size);
    }
    end();
}

Test(keys, one_that_is_too_large_to_be_whole_is_refused_with_the_memory_that_would_do)
{
    enum { MB = 1 << 20, SIZE = 2 * ROOM };
    unsigned char at[MR_LOCATOR_SIZE], key[SIZE];
    const unsigned char *bytes;
    size_t n;
    struct mr_key_room taken = { .bytes = { .capacity = ROOM / 2 } };
    struct mr_key_room room = { .max = SIZE - 1, .other = &taken, .what = "value",
                                .memory = 200 * MB };
    begin();
    memset(key, 'a', SIZE);
    struct mr_record r = write_key(key, SIZE, at);
    struct mr_key k = open_window(&r, 0, SIZE);
    must_fail(mr_key_whole(&k, &bytes, &n), "a key of");
    cr_assert(strstr(err.text, "where values are numbers: read it by mr_key_next") && err.final);
    k.room = &room;
    must_fail(mr_key_whole(&k, &bytes, &n), "too large to be held in memory: --memory=25");
    cr_assert(room.refused && strstr(err.text, "a value of ") == err.text);
    room.alone = MB;
    must_fail(mr_key_whole(&k, &bytes, &n), "M would do, or 16M with --reducers=1");
    mr_key_tell(&k, &err);
    cr_assert(strstr(err.text, "=1, at the key 'aaaa") && key[0] == 'a');
    check(mr_key_left(&k) == SIZE);
    end();
}

Test(keys, two_compare_as_their_bytes_wherever_they_stand)
{
    begin();
    for (int round = 0; round < 4000; round++) {
        unsigned char a[300], b[300], a_at[MR_LOCATOR_SIZE], b_at[MR_LOCATOR_SIZE];
        size_t a_size = 1 + draw_below(sizeof a), b_size = 1 + draw_below(sizeof b);
        draw_bytes(a, sizeof a, "ab");
        /* Equal up to somewhere, often to the end of the shorter. */
        draw_bytes(b, sizeof b, "ab\xFF");
        memcpy(b, a, draw_below(3) ? sizeof b : draw_below(sizeof b));
        if (draw_below(8) == 0)
            b_size = a_size;
        struct mr_record x = { a, (uint32_t)a_size, false, 1 },
                         y = { b, (uint32_t)b_size, false, 1 };
        /* Keys that fit in a register are never out-of-line. */
        if (a_size > MR_SHORT_KEY && draw_below(3))
            x = write_key(a, a_size, a_at);
        if (b_size > MR_SHORT_KEY && draw_below(3))
            y = write_key(b, b_size, b_at);
        struct mr_key left, right;
        int order, wanted = compare_bytes(a, a_size, b, b_size);
        mr_key_open(&left, &x, place(&reader), &err);
        mr_key_open(&right, &y, place(&other), &err);
        must(mr_key_compare(&left, &right, &order));
        check_for((order > 0) - (order < 0) == (wanted > 0) - (wanted < 0),
                  "round %d: %d, not %d", round, order, wanted);
    }
    end();
}

Test(keys, a_spoiled_block_fails_the_reading_and_the_comparison)
{
    store->allowed = 0;
    begin();
    unsigned char key[300], at[MR_LOCATOR_SIZE];
    draw_bytes(key, sizeof key, NULL);
    struct mr_record r = write_key(key, sizeof key, at);
    must(mr_spool_finish(&spool, store, &err));
    int fd = open(scratch("keys.new"), O_WRONLY);
    check(pwrite(fd, "damage", 6, (off_t)spool.size - 10) == 6);
    close(fd);
    struct mr_key left, right;
    const unsigned char *bytes;
    size_t n;
    int more, order;
    mr_key_open(&left, &r, place(&reader), &err);
    while ((more = mr_key_next(&left, &bytes, &n)) > 0)
        ;
    cr_assert_eq(more, -1);
    mr_key_open(&left, &r, place(&reader), &err);
    mr_key_open(&right, &r, place(&other), &err);
    must_fail(mr_key_compare(&left, &right, &order), "damaged");
    end();
}

Test(keys, to_compare_two_is_progress_block_by_block)
{
    enum { SIZE = 100 * ROOM };
    static unsigned char key[SIZE];
    unsigned char at[2][MR_LOCATOR_SIZE];
    struct mr_key a, b;
    _Atomic uint64_t progress = 0;
    int order;
    begin();
    draw_bytes(key, sizeof key, "abc");
    struct mr_record first = write_key(key, SIZE, at[0]), second = write_key(key, SIZE, at[1]);
    reader.progress = other.progress = &progress;
    mr_key_open(&a, &first, place(&reader), &err);
    mr_key_open(&b, &second, place(&other), &err);
    must(mr_key_compare(&a, &b, &order));
    cr_assert_eq(order, 0);
    cr_assert_geq(progress, 2 * SIZE / ROOM);
    end();
}
