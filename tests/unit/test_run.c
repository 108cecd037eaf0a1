/* Runs: their lists and their sample points, which stand for the whole run however long it is. */
#include "runs.h"

TestSuite(run, .init = make_store, .fini = remove_store);

static struct mr_spool spool;
static struct mr_block_writer blocks;
static struct mr_key_writer keys;
static struct mr_run_writer writer;

static void begin(void)
{
    mr_spool_create(&spool, store, "run", 0);
    must(mr_block_writer_init(&blocks, &spool, store, 4, false, &err));
    must(mr_key_writer_init(&keys, &blocks, RUN_ROOM, &err));
    must(mr_run_writer_init(&writer, &blocks, RUN_ROOM, &err));
}

static void end(void)
{
    mr_run_writer_release(&writer);
    mr_key_writer_release(&keys);
    mr_block_writer_release(&blocks);
    mr_spool_drop(&spool, store);
}

/* Pairs in the order of their keys. */
static void numbered(struct pairs *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char key[32];
        add_pair(p, key, (size_t)sprintf(key, "key number %08zu", i), i);
    }
}

Test(run, points_are_thinned_but_stay_even_and_true)
{
    static struct mr_point points[MR_POINTS];
    struct mr_block_reader reader;
    mr_block_reader_init(&reader, store, MR_INDEX_MAX);
    begin();
    for (size_t count = 1; count < 50000; count = count * 3 + 1) {
        struct pairs p = { NULL, 0, 0 };
        struct mr_run run;
        numbered(&p, count);
        write_run(&writer, &keys, &p, 9, &run);
        int n = mr_run_points(&reader, &spool, 4, &run, points, &err);
        must(n);
        size_t blocks_written = (size_t)(run.end - run.offset) / (MR_BLOCK_HEAD + RUN_ROOM) + 1;
        check_for(n >= 1 && n <= MR_POINTS, "%d points", n);
        check_for((size_t)n >= (blocks_written < MR_POINTS ? blocks_written : MR_POINTS / 2 - 1),
                  "%d points for about %zu blocks", n, blocks_written);
        check(points[0].offset == run.offset && points[0].value == 0);
        uint64_t widest = 0;
        for (int i = 0; i < n; i++) {
            /* Each is the first record of the block at its offset. */
            struct mr_block block;
            struct mr_record first = { .size = 0 };
            uint32_t shared;
            struct mr_block_reader check_reader;
            mr_block_reader_init(&check_reader, store, RUN_ROOM);
            must(mr_block_read(&check_reader, &spool, 4, MR_BLOCK_RUN, 9,
                               (struct mr_block_link){ points[i].offset, 0 }, &block, &err));
            check(mr_run_get(block.payload, block.payload + block.size, true, false, &first, &shared) !=
                  NULL);
            check(first.value == points[i].value && first.size == points[i].size &&
                  memcmp(first.key, points[i].key, first.size) == 0);
            mr_block_reader_release(&check_reader);
            uint64_t next = i + 1 < n ? points[i + 1].offset : run.end;
            check(next > points[i].offset);
            if (next - points[i].offset > widest)
                widest = next - points[i].offset;
        }
        check_for(widest <= 3 * ((run.end - run.offset) / (uint64_t)n + RUN_ROOM),
                  "one of %d points stands for %llu bytes", n, (unsigned long long)widest);
        free_pairs(&p);
    }
    end();
    mr_block_reader_release(&reader);
}

Test(run, a_long_key_is_a_point_by_its_first_bytes)
{
    static struct mr_point points[MR_POINTS];
    struct mr_block_reader reader;
    struct pairs p = { NULL, 0, 0 };
    struct mr_run run;
    char key[100];
    memset(key, 'a', sizeof key);
    add_pair(&p, key, sizeof key, 3);
    begin();
    write_run(&writer, &keys, &p, 0, &run);
    mr_block_reader_init(&reader, store, MR_INDEX_MAX);
    cr_assert_eq(mr_run_points(&reader, &spool, 4, &run, points, &err), 1);
    cr_assert_eq(points[0].size, MR_POINT_KEY);
    cr_assert_arr_eq(points[0].key, key, MR_POINT_KEY);
    mr_block_reader_release(&reader);
    free_pairs(&p);
    end();
}

Test(run, an_empty_run_and_an_empty_list_are_read_as_such)
{
    struct mr_run run;
    struct pairs none = { NULL, 0, 0 };
    struct mr_block_link at = { 0, 0 };
    struct mr_runs runs;
    static struct mr_point points[MR_POINTS];
    struct mr_block_reader reader;
    mr_block_reader_init(&reader, store, MR_INDEX_MAX);
    begin();
    write_run(&writer, &keys, &none, 0, &run);
    cr_assert_eq(run.offset, run.end);
    cr_assert_eq(mr_run_points(&reader, &spool, 4, &run, points, &err), 0);
    must(mr_runs_write(&blocks, NULL, 0, &at, &err));
    must(mr_runs_read(&runs, &spool, store, 4, at, &err));
    cr_assert_eq(runs.count, 0);
    free(runs.at);
    must_fail(mr_runs_read(&runs, &spool, store, 5, at, &err), "another task");
    free(runs.at);
    end();
    mr_block_reader_release(&reader);
}

static struct mr_point point_of(uint64_t value, const char *key)
{
    struct mr_point p = { .value = value, .size = (uint32_t)strlen(key) };
    memcpy(p.key, key, p.size);
    return p;
}

Test(run, points_and_records_compare_alike_in_all_orders)
{
    static const char *const some[] = { "", "a", "ab", "b", "\xFF" };
    struct mr_key_pair readers;
    mr_block_reader_init(&readers.first, store, RUN_ROOM);
    mr_block_reader_init(&readers.second, store, RUN_ROOM);
    for (size_t order = 0; order < UNGROUPED; order++)
        for (int i = 0; i < 10; i++)
            for (int j = 0; j < 10; j++) {
                struct mr_point a = point_of((uint64_t)i / 5, some[i % 5]);
                struct mr_point b = point_of((uint64_t)j / 5, some[j % 5]);
                struct pair x = { a.key, a.size, a.value }, y = { b.key, b.size, b.value };
                struct mr_file_record r = { record_of(&x), NULL, 0 };
                int result;
                plain_order = all_orderings[order];
                int wanted = compare_pairs(&x, &y);
                int got = mr_points_compare(&a, &b, plain_order);
                check((got > 0) - (got < 0) == (wanted > 0) - (wanted < 0));
                must(mr_point_compare(&r, &b, plain_order, &readers, &result, &err));
                check((result > 0) - (result < 0) == (wanted > 0) - (wanted < 0));
            }
}

Test(run, a_key_is_written_by_what_it_shares_with_the_one_before)
{
    /* Keys of 60 bytes and more that share all but 2: the run is far smaller than they are. */
    enum { COUNT = 100 };
    struct pairs p = { NULL, 0, 0 };
    struct mr_run run;
    for (int i = 0; i < COUNT; i++) {
        char key[80];
        add_pair(&p, key, (size_t)sprintf(key, "%060d%02d", 0, i), 1);
    }
    begin();
    write_run(&writer, &keys, &p, 0, &run);
    check(run.end - run.offset < COUNT * 20);
    struct mr_block_reader reader;
    struct mr_block block;
    struct mr_record r = { .size = 0 };
    mr_block_reader_init(&reader, store, RUN_ROOM);
    uint64_t offset = run.offset;
    for (size_t i = 0; i < COUNT; offset += block.stored) {
        struct mr_block_link at = { offset, 0 };
        must(mr_block_read(&reader, &spool, 4, MR_BLOCK_RUN, 0, at, &block, &err));
        unsigned char *next = block.payload, *last = next + block.size;
        for (bool first = true; next < last; first = false, i++) {
            uint32_t shared;
            next = mr_run_get(next, last, first, false, &r, &shared);
            check(next != NULL && r.size == 62 && memcmp(r.key, p.at[i].key, 62) == 0);
            check(shared == (i == 0 ? 0 : mr_common(p.at[i - 1].key, p.at[i].key, 62)));
        }
    }
    check(offset == run.end);
    mr_block_reader_release(&reader);
    free_pairs(&p);
    end();
}

Test(run, a_value_stands_behind_its_key_however_that_is_written)
{
    enum { SIZE = 19 };
    unsigned char bytes[SIZE + MR_BLOCK_SLACK] = { 0, 6, 1, 'a', 'b', 'c', 4, 'v', 'w', /* abc: vw */
                                                   2, 2, 1, 'd', 2, 'x',                /* abd: x */
                                                   3, 0, 2, 0 };                  /* abd: nothing */
    unsigned char *end = bytes + SIZE;
    static const char *const keys_wanted[] = { "abc", "abd", "abd" },
                             *const wanted[] = { "vw", "x", "" };
    struct mr_record r = { .size = 0 };
    uint32_t shared;
    unsigned char *next = bytes;
    for (int i = 0; i < 3; i++) {
        next = mr_run_get(next, end, i == 0, true, &r, &shared);
        check(next != NULL && r.size == 3 && memcmp(r.key, keys_wanted[i], 3) == 0);
        struct mr_value v = mr_record_value(&r);
        check(!v.out_of_line && v.size == strlen(wanted[i]) &&
              memcmp(v.bytes, wanted[i], v.size) == 0);
    }
    cr_assert_eq(next, end);
    /* Cut anywhere, what is not whole is no record. */
    unsigned char whole[] = { 0, 6, 1, 'a', 'b', 'c', 4, 'v', 'w' };
    for (size_t cut = 0; cut < sizeof whole; cut++)
        cr_assert_null(mr_run_get(whole, whole + cut, true, true, &r, &shared));
    whole[6] = 5; /* a locator of two bytes */
    cr_assert_null(mr_run_get(whole, whole + sizeof whole, true, true, &r, &shared));
}

Test(run, what_shares_more_than_there_is_is_no_record)
{
    /* shared, size * 2 + out-of-line, value, then the key's other bytes */
    unsigned char whole[] = { 0, 6, 1, 'a', 'b', 'c' }, rest[] = { 3, 2, 1, 'd' };
    struct mr_record r = { .size = 0 };
    uint32_t shared;
    enum { SIZE = sizeof whole + sizeof rest };
    unsigned char bytes[SIZE + MR_BLOCK_SLACK], *end = bytes + SIZE;
    memcpy(bytes, whole, sizeof whole);
    memcpy(bytes + sizeof whole, rest, sizeof rest);
    unsigned char *next = mr_run_get(bytes, end, true, false, &r, &shared);
    cr_assert_eq(next, bytes + sizeof whole);
    cr_assert_eq(mr_run_get(next, end, false, false, &r, &shared), end);
    cr_assert_eq(r.size, 4);
    cr_assert_arr_eq(r.key, "abcd", 4);
    r = (struct mr_record){ bytes + 3, 3, false, 1 };
    *next = 4; /* of a key of 3 bytes */
    cr_assert_null(mr_run_get(next, end, false, false, &r, &shared));
    bytes[0] = 4; /* the first one, more than it is long */
    cr_assert_null(mr_run_get(bytes, end, true, false, &r, &shared));
    for (size_t cut = 0; cut < sizeof whole; cut++) {
        bytes[0] = 0;
        cr_assert_null(mr_run_get(bytes, bytes + cut, true, false, &r, &shared));
    }
    /* An out-of-line key shares nothing, and nothing is shared with one. */
    unsigned char out_of_line[3 + MR_LOCATOR_SIZE] = { 1, MR_LOCATOR_SIZE * 2 + 1, 1 };
    r = (struct mr_record){ bytes + 3, 3, false, 1 };
    cr_assert_null(mr_run_get(out_of_line, out_of_line + sizeof out_of_line, false, false, &r, &shared));
    r = (struct mr_record){ out_of_line + 3, MR_LOCATOR_SIZE, true, 1 };
    *next = 3;
    cr_assert_null(mr_run_get(next, end, false, false, &r, &shared));
}
