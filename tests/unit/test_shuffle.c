/* The shuffle file: what went in comes out, each key in the bucket of its hash. */
#include "partition/shuffle.h"

#include "values.h"

TestSuite(shuffle, .init = make_store, .fini = remove_store);

enum { TASK = 5, KEY_MAX = 2048 };

static struct mr_spool spool;
static uint32_t cells; /* of a bucket, in which values are summed; 0: they are not */

/* Writes pairs to a shuffle file, some by way of registers. */
static void write_shuffle(const struct pairs *p, uint32_t buckets, uint32_t room, bool compress)
{
    struct mr_block_writer blocks;
    struct mr_shuffle_writer w;
    mr_spool_create(&spool, store, "shuffle", 0);
    must(mr_block_writer_init(&blocks, &spool, store, TASK, compress, &err));
    must(mr_shuffle_writer_init(&w, &blocks, buckets, room, &err));
    if (cells > 0)
        must(mr_shuffle_sum_cells(&w, cells, &err));
    for (size_t i = 0; i < p->count; i++) {
        const struct pair *pair = &p->at[i];
        uint64_t hash = mr_hash(pair->key, pair->size);
        if (pair->size <= MR_SHORT_KEY && i % 2)
            must(mr_shuffle_add_short(&w, hash, mr_short_copy(pair->key, pair->size),
                                      (uint32_t)pair->size, pair->value, &err));
        else
            must(mr_shuffle_add(&w, hash, pair->key, (uint32_t)pair->size, false, pair->value,
                                &err));
    }
    check(w.records == p->count);
    must(mr_shuffle_writer_finish(&w, &err));
    mr_shuffle_writer_release(&w);
    mr_block_writer_release(&blocks);
    must(mr_spool_finish(&spool, store, &err));
    must(mr_spool_commit(&spool, store, &err));
}

static void read_bucket(struct pairs *p, uint32_t bucket, uint32_t buckets, uint32_t room)
{
    unsigned char key[KEY_MAX + MR_BLOCK_SLACK];
    struct mr_block_reader reader;
    struct mr_block_link link;
    mr_block_reader_init(&reader, store, room > buckets * 12 ? room : buckets * 12);
    must(mr_shuffle_table(&reader, &spool, TASK, buckets, bucket, 1, &link, &err));
    while (link.offset != 0) {
        struct mr_block block;
        must(mr_block_read(&reader, &spool, TASK, MR_BLOCK_RECORDS, bucket, link, &block, &err));
        const unsigned char *at = block.payload, *end = at + block.size;
        struct mr_whole_key whole = { NULL, 0 };
        while (at < end) {
            struct mr_record r;
            at = mr_shuffle_get(at, end, &whole, key, KEY_MAX, &r);
            check(at != NULL && !r.out_of_line);
            check(mr_bucket(mr_hash(r.key, r.size), buckets) == bucket);
            add_pair(p, r.key, r.size, r.value);
        }
        link = block.before;
    }
    mr_block_reader_release(&reader);
}

static void random_pairs(struct pairs *p, size_t count, size_t size_max)
{
    unsigned char key[KEY_MAX];
    for (size_t i = 0; i < count; i++) {
        size_t size = draw_below(2) ? draw_below(8) : draw_below(size_max);
        draw_bytes(key, size, i % 3 ? "abc" : NULL);
        add_pair(p, key, size, draw() >> draw_below(64));
    }
}

Test(shuffle, every_record_comes_back_from_its_bucket)
{
    static const uint32_t bucket_counts[] = { 1, 2, 7, 64 };
    for (int round = 0; round < 16; round++) {
        uint32_t buckets = bucket_counts[round / 2 % 4], room = round < 8 ? 300 : 4096;
        struct pairs in = { NULL, 0, 0 }, out = { NULL, 0, 0 };
        random_pairs(&in, 3000, room / 2);
        write_shuffle(&in, buckets, room, round % 2);
        for (uint32_t b = 0; b < buckets; b++)
            read_bucket(&out, b, buckets, room);
        sort_by_key(&in);
        sort_by_key(&out);
        check_same_pairs(&out, &in);
        free_pairs(&in);
        free_pairs(&out);
        mr_spool_drop(&spool, store);
    }
}

/* Keys that begin as some others do, be it for no byte, for all, or for more than can be told. */
static void alike_pairs(struct pairs *p, size_t count, unsigned kinds)
{
    unsigned char trunks[3][600], key[600];
    for (unsigned i = 0; i < kinds; i++)
        draw_bytes(trunks[i], sizeof trunks[i], NULL);
    for (size_t i = 0; i < count; i++) {
        size_t same = draw_below(sizeof key + 1), size = draw_below(sizeof key - same + 1) + same;
        memcpy(key, trunks[draw_below(kinds)], same);
        draw_bytes(key + same, size - same, "ab");
        add_pair(p, key, size, draw_below(100));
    }
}

Test(shuffle, keys_that_begin_alike_come_back_and_take_less)
{
    for (int round = 0; round < 8; round++) {
        struct pairs in = { NULL, 0, 0 }, out = { NULL, 0, 0 };
        uint32_t buckets = round % 4 + 1, room = round < 4 ? 700 : 8192;
        size_t bytes = 0;
        alike_pairs(&in, 3000, round % 2 ? 3 : 1);
        for (size_t i = 0; i < in.count; i++)
            bytes += in.at[i].size;
        write_shuffle(&in, buckets, room, false);
        check_for(round % 2 || room < 8192 || spool.size < bytes / 4 * 3, "%llu of %zu bytes",
                  spool.size, bytes);
        for (uint32_t b = 0; b < buckets; b++)
            read_bucket(&out, b, buckets, room);
        sort_by_key(&in);
        sort_by_key(&out);
        check_same_pairs(&out, &in);
        free_pairs(&in);
        free_pairs(&out);
        mr_spool_drop(&spool, store);
    }
}

/* Reads one record with a long key, of which shared bytes are said to be shared. */
static const unsigned char *get_long(uint32_t size, unsigned char shared, size_t rest,
                                     struct mr_whole_key *whole, struct mr_record *r)
{
    static unsigned char key[KEY_MAX + MR_BLOCK_SLACK];
    /* A block of its own, so that reading behind its slack does not go unseen. */
    unsigned char *bytes = calloc(1, MR_RECORD_HEAD_MAX + 1 + rest + MR_BLOCK_SLACK);
    unsigned char *to = mr_record_put_head(bytes, size, false, 1);
    *to++ = shared;
    const unsigned char *next = mr_shuffle_get(bytes, to + rest, whole, key, KEY_MAX, r);
    check(next == NULL || next == to + rest);
    free(bytes);
    return next;
}

Test(shuffle, a_key_that_cannot_be_put_together_is_refused)
{
    unsigned char bytes[40 + MR_BLOCK_SLACK] = { 0 };
    struct mr_record r;
    for (unsigned size = 16; size < 60; size++)
        for (unsigned shared = 0; shared < 60; shared++) {
            struct mr_whole_key whole = { bytes, 40 };
            bool good = shared <= 40 && shared <= size;
            size_t rest = shared < size ? size - shared : 0;
            check((get_long(size, (unsigned char)shared, rest, &whole, &r) != NULL) == good);
            check(rest == 0 ||
                  get_long(size, (unsigned char)shared, rest - 1, &whole, &r) == NULL);
            struct mr_whole_key none = { NULL, 0 };
            check((get_long(size, (unsigned char)shared, rest, &none, &r) != NULL) ==
                  (shared == 0));
        }
    struct mr_whole_key none = { NULL, 0 };
    check(get_long(KEY_MAX, 0, KEY_MAX, &none, &r) != NULL);
    check(get_long(KEY_MAX + 1, 0, KEY_MAX + 1, &none, &r) == NULL);
    unsigned char head[MR_RECORD_HEAD_MAX];
    unsigned char *end = mr_record_put_head(head, 16, false, 1);
    check(mr_shuffle_get(head, end, &none, NULL, KEY_MAX, &r) == NULL); /* without the byte */
}

Test(shuffle, nothing_is_an_empty_bucket_not_an_error)
{
    struct pairs none = { NULL, 0, 0 };
    write_shuffle(&none, 5, 300, false);
    for (uint32_t b = 0; b < 5; b++)
        read_bucket(&none, b, 5, 300);
    cr_assert_eq(none.count, 0);
    mr_spool_drop(&spool, store);
}

Test(shuffle, the_table_is_read_in_any_part)
{
    enum { BUCKETS = 20 };
    struct pairs in = { NULL, 0, 0 };
    struct mr_block_reader reader;
    struct mr_block_link all[BUCKETS], part[BUCKETS];
    random_pairs(&in, 100, 100);
    write_shuffle(&in, BUCKETS, 300, true);
    mr_block_reader_init(&reader, store, 300);
    must(mr_shuffle_table(&reader, &spool, TASK, BUCKETS, 0, BUCKETS, all, &err));
    for (uint32_t first = 0; first < BUCKETS; first++)
        for (uint32_t count = 0; first + count <= BUCKETS; count++) {
            must(mr_shuffle_table(&reader, &spool, TASK, BUCKETS, first, count, part, &err));
            for (uint32_t i = 0; i < count; i++)
                check(part[i].offset == all[first + i].offset &&
                      part[i].size == all[first + i].size);
        }
    mr_block_reader_release(&reader);
    free_pairs(&in);
    mr_spool_drop(&spool, store);
}

/* What each cell has, in any part of the buckets, is added to what was there. */
static void check_cells(struct mr_block_reader *reader, const uint64_t *wanted, uint32_t buckets)
{
    for (uint32_t first = 0; first < buckets; first++)
        for (uint32_t count = 0; first + count <= buckets; count++) {
            uint64_t got[160] = { 0 };
            got[0] = 1000;
            must(mr_shuffle_cells(reader, &spool, TASK, buckets, cells, first, count, got, &err));
            for (uint32_t i = 0; i < count * cells; i++)
                check(got[i] == wanted[first * cells + i] + (i == 0 ? 1000 : 0));
        }
}

Test(shuffle, values_are_summed_by_ranges_of_hashes)
{
    enum { BUCKETS = 10 };
    for (cells = 1; cells <= 16; cells *= 4) {
        struct pairs in = { NULL, 0, 0 };
        struct mr_block_reader reader;
        uint64_t wanted[BUCKETS * 16] = { 0 };
        random_pairs(&in, 3000, 100);
        for (size_t i = 0; i < in.count; i++) {
            in.at[i].value /= 2 * in.count; /* so that 64 bits hold all */
            wanted[mr_bucket(mr_hash(in.at[i].key, in.at[i].size), BUCKETS * cells)] +=
                in.at[i].value;
        }
        write_shuffle(&in, BUCKETS, 300, cells > 1);
        mr_block_reader_init(&reader, store, 8 * sizeof wanted);
        check_cells(&reader, wanted, BUCKETS);
        must_fail(mr_shuffle_cells(&reader, &spool, TASK, BUCKETS, 2 * cells, 0, 1, wanted, &err),
                  "not as many sums as cells");
        mr_block_reader_release(&reader);
        free_pairs(&in);
        mr_spool_drop(&spool, store);
    }
}

Test(shuffle, a_sum_is_never_too_little)
{
    uint64_t cell = 5;
    mr_cell_add(&cell, UINT64_MAX - 5);
    cr_assert_eq(cell, UINT64_MAX);
    mr_cell_add(&cell, 3);
    cr_assert_eq(cell, UINT64_MAX);
    mr_cell_add(&cell, UINT64_MAX);
    cr_assert_eq(cell, UINT64_MAX);
}

Test(shuffle, a_table_of_other_figures_another_task_or_half_a_file_is_refused)
{
    struct pairs in = { NULL, 0, 0 };
    struct mr_block_reader reader;
    struct mr_block_link links[20];
    random_pairs(&in, 100, 100);
    write_shuffle(&in, 10, 300, false);
    mr_block_reader_init(&reader, store, 300);
    must(mr_shuffle_table(&reader, &spool, TASK, 10, 0, 10, links, &err));
    must_fail(mr_shuffle_table(&reader, &spool, TASK, 11, 0, 10, links, &err), "shuffle");
    must_fail(mr_shuffle_table(&reader, &spool, TASK, 9, 0, 9, links, &err), "shuffle");
    must_fail(mr_shuffle_table(&reader, &spool, TASK + 1, 10, 0, 10, links, &err), "another task");
    unsigned long long size = spool.size;
    for (spool.size = 0; spool.size < size; spool.size++)
        must_fail(mr_shuffle_table(&reader, &spool, TASK, 10, 0, 10, links, &err), "shuffle");
    mr_block_reader_release(&reader);
    free_pairs(&in);
    mr_spool_drop(&spool, store);
}

Test(shuffle, a_table_that_inflates_to_another_size_is_refused)
{
    enum { ROOM = 4000 };
    struct mr_block_writer blocks;
    struct mr_block_reader reader;
    struct mr_block_link at = { 0, 0 }, link;
    unsigned char block[MR_BLOCK_HEAD + ROOM];
    mr_spool_create(&spool, store, "shuffle", 0);
    must(mr_block_writer_init(&blocks, &spool, store, TASK, true, &err));
    /* As many bytes as deflate to some number of entries. */
    do {
        draw_bytes(block + MR_BLOCK_HEAD, ROOM, "ab");
        at = (struct mr_block_link){ 0, 0 };
        must(mr_block_write(&blocks, MR_BLOCK_TABLE, 0, block, ROOM, &at, &err));
    } while ((at.size - MR_BLOCK_HEAD) % 12 != 0);
    mr_block_reader_init(&reader, store, ROOM);
    must_fail(mr_shuffle_table(&reader, &spool, TASK, (at.size - MR_BLOCK_HEAD) / 12, 0, 1, &link,
                               &err), "wrong size");
    mr_block_reader_release(&reader);
    mr_block_writer_release(&blocks);
    mr_spool_drop(&spool, store);
}

/* ---- values that are bytes -------------------------------------------------------------- */

/* Reads a bucket's blocks, the last one first as a reducer does; in each its records stand in the
 * order in which they were added. */
static void read_values(struct entries *e, uint32_t bucket, uint32_t buckets, uint32_t room,
                        struct mr_key_place place)
{
    unsigned char key[KEY_MAX + MR_BLOCK_SLACK];
    struct mr_block_reader reader;
    struct mr_block_link link;
    mr_block_reader_init(&reader, store, room > buckets * 12 ? room : buckets * 12);
    must(mr_shuffle_table(&reader, &spool, TASK, buckets, bucket, 1, &link, &err));
    while (link.offset != 0) {
        struct mr_block block;
        struct entries of_block = { NULL, 0, 0 };
        must(mr_block_read(&reader, &spool, TASK, MR_BLOCK_RECORDS, bucket, link, &block, &err));
        const unsigned char *at = block.payload, *end = at + block.size;
        struct mr_whole_key whole = { NULL, 0 };
        while (at < end) {
            struct mr_record r;
            struct mr_value value;
            size_t key_size, value_size;
            at = mr_shuffle_get(at, end, &whole, key, KEY_MAX, &r);
            check(at != NULL && r.value == 0);
            at = mr_value_get(at, end, &value);
            check(at != NULL && at <= end);
            struct mr_value stored = { r.key, r.size, r.out_of_line };
            unsigned char *name = whole_bytes(&stored, place, &key_size);
            unsigned char *bytes = whole_bytes(&value, place, &value_size);
            check(mr_bucket(mr_hash(name, key_size), buckets) == bucket);
            add_entry(&of_block, name, key_size, bytes, value_size);
            free(name);
            free(bytes);
        }
        for (size_t i = of_block.count; i-- > 0;) { /* the last first, as the blocks come */
            const struct entry *from = &of_block.at[i];
            add_entry(e, from->key, from->key_size, from->value, from->value_size);
        }
        free_entries(&of_block);
        link = block.before;
    }
    mr_block_reader_release(&reader);
}

Test(shuffle, values_come_back_with_their_keys_in_the_order_of_adding)
{
    for (int round = 0; round < 16; round++) {
        uint32_t buckets = round % 4 * 3 + 1, room = round < 8 ? 600 : 4096, most = room / 4;
        struct mr_block_writer blocks;
        struct mr_shuffle_writer w;
        struct mr_key_writer keys;
        struct mr_block_reader reader;
        struct entries in = { NULL, 0, 0 };
        mr_spool_create(&spool, store, "shuffle", 0);
        must(mr_block_writer_init(&blocks, &spool, store, TASK, round % 2, &err));
        must(mr_shuffle_writer_init(&w, &blocks, buckets, room, &err));
        must(mr_key_writer_init(&keys, &blocks, room, &err));
        for (size_t i = 0; i < 1500; i++) {
            unsigned char key[5000], value[5000];
            size_t key_size = draw_size(most, sizeof key);
            size_t value_size = draw_size(most, sizeof value);
            draw_bytes(key, key_size, i % 3 ? "abc" : NULL);
            memset(key, 'k', draw_below(2) * key_size / 2); /* begins as others do */
            draw_bytes(value, value_size, i % 2 ? "v" : NULL);
            const struct entry *e = add_entry(&in, key, key_size, value, value_size);
            struct mr_record r = stored_entry(e, most, &keys);
            struct mr_value v = mr_record_value(&r);
            r.value = 0;
            must(mr_shuffle_add_value(&w, mr_bucket(mr_hash(key, key_size), w.buckets), &r, &v,
                                      &err));
            free((void *)(uintptr_t)r.key);
        }
        check(w.records == in.count);
        must(mr_shuffle_writer_finish(&w, &err));
        mr_shuffle_writer_release(&w);
        mr_key_writer_release(&keys);
        mr_block_writer_release(&blocks);
        must(mr_spool_finish(&spool, store, &err));
        must(mr_spool_commit(&spool, store, &err));
        mr_block_reader_init(&reader, store, room);
        for (uint32_t b = 0; b < buckets; b++) {
            struct entries wanted = { NULL, 0, 0 }, got = { NULL, 0, 0 };
            for (size_t i = in.count; i-- > 0;)
                if (mr_bucket(mr_hash(in.at[i].key, in.at[i].key_size), buckets) == b)
                    add_entry(&wanted, in.at[i].key, in.at[i].key_size, in.at[i].value,
                              in.at[i].value_size);
            read_values(&got, b, buckets, room, (struct mr_key_place){ &spool, TASK, &reader });
            check_same_entries(&got, &wanted);
            free_entries(&wanted);
            free_entries(&got);
        }
        mr_block_reader_release(&reader);
        free_entries(&in);
        mr_spool_drop(&spool, store);
    }
}

Test(shuffle, what_is_no_value_is_refused)
{
    unsigned char bytes[MR_VALUE_HEAD_MAX + 300];
    struct mr_value value;
    for (uint32_t size = 0; size < 300; size++)
        for (int out_of_line = 0; out_of_line < 2; out_of_line++) {
            unsigned char *rest = mr_varint_put(bytes, (uint64_t)size << 1 | (unsigned)out_of_line);
            bool good = !out_of_line || size == MR_LOCATOR_SIZE;
            const unsigned char *end = mr_value_get(bytes, rest + size, &value);
            check(end == (good ? rest + size : NULL));
            check(!good || (value.bytes == rest && value.size == size &&
                            value.out_of_line == out_of_line));
            for (const unsigned char *cut = bytes; cut < rest + size; cut++)
                check(mr_value_get(bytes, cut, &value) == NULL);
        }
    unsigned char *rest = mr_varint_put(bytes, UINT64_MAX); /* more than there can be */
    check(mr_value_get(bytes, rest, &value) == NULL);
}

Test(shuffle, a_bucket_has_room_for_a_record_as_long_as_it_is_said_to)
{
    enum { ROOM = 500 };
    struct mr_block_writer blocks;
    struct mr_shuffle_writer w;
    mr_spool_create(&spool, store, "shuffle", 0);
    must(mr_block_writer_init(&blocks, &spool, store, TASK, false, &err));
    must(mr_shuffle_writer_init(&w, &blocks, 1, ROOM, &err));
    for (int i = 0; i < 20000; i++) {
        unsigned char bytes[120] = { 0 };
        struct mr_record r = { bytes, (uint32_t)draw_below(120), false, 0 };
        struct mr_value v = { bytes, (uint32_t)draw_below(120), false };
        bool fits = mr_shuffle_fits(&w, 0, r.size + v.size);
        uint32_t before = w.bucket[0].fill;
        must(mr_shuffle_add_value(&w, 0, &r, &v, &err));
        check(!fits || w.bucket[0].fill > before);
        check(w.bucket[0].fill <= ROOM);
    }
    mr_shuffle_writer_release(&w);
    mr_block_writer_release(&blocks);
    mr_spool_drop(&spool, store);
}
