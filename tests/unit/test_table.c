/* The reducer's table: against a plain list, until it is full, from bucket to bucket. */
#include "reduce/table.h"

#include "collide.h"
#include "support.h"


enum { ROOM = 256, MEMORY = 1 << 20 };

static struct mr_seed seed;

static void set_up(void)
{
    make_store();
    mr_seed_draw(&seed);
}

TestSuite(table, .init = set_up, .fini = remove_store);

/* Adds what the table holds to pairs. */
static void read_table(struct pairs *p, const struct mr_table *t, struct mr_key_place place)
{
    const struct mr_entry *entries = mr_table_entries(t);
    for (uint32_t i = 0; i < t->records.count; i++) {
        struct mr_record r = mr_sort_buffer_record(&t->records, &entries[i]);
        check(entries[i].slice == mr_record_slice(&r));
        add_record(p, &r, place);
    }
}

static void check_table(const struct mr_table *t, struct pairs *wanted,
                        uint64_t (*combine)(uint64_t, uint64_t))
{
    struct pairs got = { NULL, 0, 0 };
    read_table(&got, t, (struct mr_key_place){ NULL, 0, NULL });
    sort_by_key(&got);
    combine_pairs(wanted, combine);
    check_same_pairs(&got, wanted);
    free_pairs(&got);
}

/* Adds one record as if it were alone. */
static int add(struct mr_table *t, const struct mr_record *r)
{
    struct mr_arrival a;
    mr_table_expect(t, r, &a);
    return mr_table_add(t, &a, &err);
}

static void random_key(struct pair *p, unsigned char *bytes, size_t size_max)
{
    size_t size = draw_below(2) ? draw_below(6) : draw_below(size_max);
    draw_bytes(bytes, size, draw_below(3) ? "ab" : "a\xFF");
    if (draw_below(8) == 0) /* as NULs, that only the length tells apart */
        memset(bytes, 0, size);
    *p = (struct pair){ bytes, size, draw_below(1000) };
}

Test(table, equal_keys_meet_as_in_a_plain_list)
{
    uint64_t (*const combines[])(uint64_t, uint64_t) = { NULL, larger };
    for (int i = 0; i < 2; i++) {
        struct mr_table t;
        struct pairs wanted = { NULL, 0, 0 };
        unsigned char bytes[300];
        must(mr_table_init(&t, MEMORY, &seed, combines[i], &err));
        for (int n = 0; n < 20000; n++) {
            struct pair p;
            random_key(&p, bytes, 40);
            struct mr_record r = record_of(&p);
            uint32_t before = t.records.count;
            int added = add(&t, &r);
            check(added >= 0 && t.records.count == before + (uint32_t)added);
            add_pair(&wanted, p.key, p.size, p.value);
        }
        check_table(&t, &wanted, i ? larger : sum);
        free_pairs(&wanted);
        mr_table_release(&t);
    }
}

Test(table, keys_under_way_together_meet_though_the_index_grows_meanwhile)
{
    enum { TOGETHER = 500 };
    static unsigned char keys[TOGETHER][32 + MR_BLOCK_SLACK];
    static struct mr_arrival arrivals[TOGETHER];
    struct mr_table t;
    struct pairs wanted = { NULL, 0, 0 };
    must(mr_table_init(&t, MEMORY, &seed, NULL, &err));
    size_t before = t.slots;
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < TOGETHER; i++) {
            int size = snprintf((char *)keys[i], 32, "%u", draw_below(3) ? round * 1000 + i : i % 7);
            struct mr_record r = { keys[i], (uint32_t)size, false, i };
            mr_table_expect(&t, &r, &arrivals[i]);
            add_pair(&wanted, keys[i], (size_t)size, i);
        }
        for (unsigned i = 0; i < TOGETHER; i++)
            check(mr_table_add(&t, &arrivals[i], &err) >= 0);
    }
    check(t.slots > before);
    check_table(&t, &wanted, sum);
    free_pairs(&wanted);
    mr_table_release(&t);
}

/* Adds distinct keys until it is full; returns how many fitted. */
static uint32_t fill(struct mr_table *t, struct pairs *wanted, const char *format)
{
    for (uint32_t n = 0;; n++) {
        unsigned char key[64] = { 0 };
        int size = snprintf((char *)key, sizeof key, format, n);
        struct mr_record r = { key, (uint32_t)size, false, n };
        int added = add(t, &r);
        if (added < 0)
            return n;
        check(added == 1);
        add_pair(wanted, key, (size_t)size, n);
    }
}

Test(table, when_full_it_refuses_new_keys_but_not_old_ones_and_loses_nothing)
{
    static const char *const formats[] = { "%u", "key number %08u", "%u is a key that is long" };
    for (int i = 0; i < 3; i++) {
        struct mr_table t;
        struct pairs wanted = { NULL, 0, 0 };
        must(mr_table_init(&t, MEMORY, &seed, NULL, &err));
        uint32_t count = fill(&t, &wanted, formats[i]);
        check_for(count > MEMORY / 150 && t.records.count == count, "%u keys fit", count);
        for (uint32_t n = 0; n < count; n += 37) {
            struct mr_record r = record_of(&wanted.at[n]);
            r.value = 5;
            check(add(&t, &r) == 0);
            wanted.at[n].value += 5;
        }
        check(t.records.count == count);
        check_table(&t, &wanted, sum);
        free_pairs(&wanted);
        /* Forgotten, it takes as many again. */
        mr_table_clear(&t);
        check(t.records.count == 0 && fill(&t, &wanted, formats[i]) == count);
        free_pairs(&wanted);
        mr_table_release(&t);
    }
}

Test(table, the_next_bucket_keeps_entries_but_does_not_look_them_up)
{
    struct mr_table t;
    struct pairs wanted = { NULL, 0, 0 };
    unsigned char key[32] = "the same key";
    struct mr_record r = { key, 12, false, 1 };
    must(mr_table_init(&t, MEMORY, &seed, NULL, &err));
    for (uint32_t bucket = 0; bucket < 50; bucket++) {
        mr_table_next_bucket(&t);
        check(add(&t, &r) == 1);
        check(add(&t, &r) == 0);
        check(t.records.count == bucket + 1);
        check(mr_table_entries(&t)[0].value == 2);
    }
    /* Buckets of very different sizes: the index shrinks and grows between them. */
    mr_table_clear(&t);
    for (int bucket = 0; bucket < 40; bucket++) {
        size_t count = bucket % 10 == 0 ? 1500 : draw_below(10);
        mr_table_next_bucket(&t);
        for (size_t n = 0; n < count; n++)
            for (int twice = 0; twice < 2; twice++) {
                unsigned char bytes[64] = { 0 };
                int size = snprintf((char *)bytes, sizeof bytes, "%d/%zu", bucket, n);
                struct mr_record record = { bytes, (uint32_t)size, false, 1 };
                check(add(&t, &record) == !twice);
                add_pair(&wanted, bytes, (size_t)size, 1);
            }
    }
    check_table(&t, &wanted, sum);
    free_pairs(&wanted);
    mr_table_release(&t);
}

/* Of which the index stays as large as for all that the last bucket had. */
Test(table, what_a_bucket_had_is_forgotten_once_it_is_done)
{
    struct mr_table t;
    size_t slots = 0;
    must(mr_table_init(&t, MEMORY, &seed, NULL, &err));
    for (uint32_t bucket = 0; bucket < 5; bucket++) {
        mr_table_next_bucket(&t);
        check(bucket == 0 || t.slots == slots);
        for (int n = 0; n < 3000; n++) {
            unsigned char key[32] = { 0 };
            int size = snprintf((char *)key, sizeof key, "%d", n);
            struct mr_record record = { key, (uint32_t)size, false, 1 };
            check(add(&t, &record) == 1);
        }
        slots = t.slots;
        mr_table_shorten(&t, bucket + 1); /* the first of each is kept */
    }
    check(t.records.count == 5 && mr_table_entries(&t)[4].size == 1);
    mr_table_release(&t);
}

Test(table, appended_entries_stand_as_they_came)
{
    struct mr_table t;
    struct pairs wanted = { NULL, 0, 0 };
    must(mr_table_init(&t, MEMORY, &seed, NULL, &err));
    for (uint32_t n = 0;; n++) {
        unsigned char key[32] = { 0 };
        int size = snprintf((char *)key, sizeof key, "%u", n);
        struct mr_record r = { key, (uint32_t)size, false, n };
        if (mr_table_append(&t, &r) < 0)
            break;
        add_pair(&wanted, key, (size_t)size, n);
    }
    cr_assert_gt(t.records.count, MEMORY / 100);
    check_table(&t, &wanted, sum);
    free_pairs(&wanted);
    mr_table_release(&t);
}

/* ---- keys that crowd the index ---------------------------------------------------------- */

static const struct mr_seed no_seed; /* with which such keys can be made */

/* Has the table brought together what it has listed; readers are for out-of-line keys. */
static void unite(struct mr_table *t, struct mr_key_place place, struct mr_key_pair *readers)
{
    check(t->unindexed);
    must(mr_table_unite(t, t->indexed_from, place, readers, &err));
}

/* Adds each of count keys that make_key makes twice and checks that the index was given up once
 * most keys were there, but not before enough; and that each is there once, united. */
static void check_crowded(size_t count, uint32_t least, uint32_t most,
                          void (*make_key)(unsigned char *, uint64_t))
{
    struct mr_table t;
    struct pairs wanted = { NULL, 0, 0 };
    unsigned char key[64] = { 0 };
    struct mr_record first = { (const unsigned char *)"of an earlier bucket", 20, false, 7 };
    must(mr_table_init(&t, MEMORY, &no_seed, NULL, &err));
    must(mr_table_append(&t, &first));
    uint32_t listed = 0;
    for (size_t i = 0; i < 2 * count; i++) {
        make_key(key, i * 7 % count);
        struct mr_record r = { key, MR_SHORT_KEY, false, i };
        int added = add(&t, &r);
        must(added);
        check(added == 1 || !t.unindexed); /* no look is taken any more */
        listed = listed > 0 || !t.unindexed ? listed : t.records.count - 1;
        add_pair(&wanted, key, MR_SHORT_KEY, i);
    }
    check_for(listed >= least && listed <= most, "listed after %u keys", listed);
    unite(&t, (struct mr_key_place){ NULL, 0, NULL }, NULL);
    cr_assert_eq(t.records.count, count + 1);
    add_pair(&wanted, first.key, first.size, first.value);
    check_table(&t, &wanted, sum);
    /* The next bucket has an index again. */
    mr_table_next_bucket(&t);
    check(!t.unindexed);
    check(add(&t, &first) == 1 && add(&t, &first) == 0);
    free_pairs(&wanted);
    mr_table_release(&t);
}

Test(table, keys_of_one_hash_cost_a_few_comparisons_and_a_sort)
{
    check_crowded(2000, 4, 10, short_of_one_place);
}

enum { NEAR = 3000 };

/* The number-th key, below NEAR, of those whose tags end with 12 bits of 0 without a seed. */
static void near_each_other(unsigned char *key, uint64_t number)
{
    static uint64_t found[NEAR];
    static size_t count;
    memset(key, 0, MR_SHORT_KEY);
    key[4] = 1;
    for (uint64_t tail = 0; count < NEAR; tail++) {
        memcpy(key + 8, &tail, 7);
        uint64_t lookup = mr_lookup_short(no_seed.shorts, mr_short_copy(key, MR_SHORT_KEY));
        if ((mr_lookup_tag(lookup) & 0xFFF) == 0)
            found[count++] = tail;
    }
    memcpy(key + 8, &found[number], 7);
}

Test(table, keys_of_many_hashes_in_one_place_cost_a_bounded_walk_and_a_sort)
{
    check_crowded(NEAR, 1000, 2000, near_each_other);
}

Test(table, listed_keys_fill_the_table_and_no_more)
{
    struct mr_table t;
    struct pairs wanted = { NULL, 0, 0 };
    unsigned char key[64] = { 0 };
    must(mr_table_init(&t, MEMORY, &no_seed, NULL, &err));
    for (uint64_t i = 0;; i++) {
        short_of_one_place(key, i);
        struct mr_record r = { key, MR_SHORT_KEY, false, i };
        if (add(&t, &r) < 0)
            break;
        add_pair(&wanted, key, MR_SHORT_KEY, i);
    }
    cr_assert_gt(t.records.count, MEMORY / 100);
    unite(&t, (struct mr_key_place){ NULL, 0, NULL }, NULL);
    check_table(&t, &wanted, sum);
    free_pairs(&wanted);
    mr_table_clear(&t);
    cr_assert(!t.unindexed);
    mr_table_release(&t);
}

Test(table, values_that_add_up_to_more_than_64_bits_are_an_error_that_names_the_key)
{
    struct mr_table t;
    unsigned char key[100] = "a\tkey";
    struct mr_record r = { key, 5, false, UINT64_MAX - 5 };
    must(mr_table_init(&t, MEMORY, &no_seed, NULL, &err));
    check(add(&t, &r) == 1);
    r.value = 5;
    check(add(&t, &r) == 0 && mr_table_entries(&t)[0].value == UINT64_MAX);
    r.value = 1;
    must_fail(add(&t, &r), "values of the key 'a\\tkey' add up to more");
    check(add(&t, &r) == -2 && err.final && mr_table_entries(&t)[0].value == UINT64_MAX);
    mr_table_clear(&t);
    for (uint64_t i = 0; !t.unindexed; i++) {
        short_of_one_place(key, i);
        r = (struct mr_record){ key, MR_SHORT_KEY, false, 0 };
        check(add(&t, &r) == 1);
    }
    r.value = UINT64_MAX;
    check(add(&t, &r) == 1 && add(&t, &r) == 1);
    must_fail(mr_table_unite(&t, 0, (struct mr_key_place){ NULL, 0, NULL }, NULL, &err),
              "add up to more than 64 bits hold");
    mr_table_release(&t);
}

/* Writes a key to blocks and returns its record; at has room for the locator. */
static struct mr_record write_key(struct mr_key_writer *w, const struct pair *p, unsigned char *at)
{
    struct mr_locator l;
    must(mr_key_writer_add(w, p->key, p->size, &err));
    must(mr_key_writer_end(w, &l, &err));
    mr_locator_put(at, &l);
    return (struct mr_record){ at, MR_LOCATOR_SIZE, true, p->value };
}

Test(table, out_of_line_keys_meet_too_and_are_copied_once)
{
    struct mr_spool spools[2];
    struct mr_block_writer blocks[2];
    struct mr_key_writer writer;
    struct mr_block_reader readers[2];
    struct mr_table t;
    struct pairs got = { NULL, 0, 0 }, wanted = { NULL, 0, 0 };
    unsigned char key[1200], at[MR_LOCATOR_SIZE + MR_BLOCK_SLACK];
    for (uint32_t i = 0; i < 2; i++) {
        mr_spool_create(&spools[i], store, i ? "to" : "from", 0);
        must(mr_block_writer_init(&blocks[i], &spools[i], store, i, false, &err));
        mr_block_reader_init(&readers[i], store, ROOM);
    }
    must(mr_key_writer_init(&writer, &blocks[0], ROOM, &err));
    struct mr_key_place from = { &spools[0], 0, &readers[0] }, to = { &spools[1], 1, &readers[1] };
    must(mr_table_init(&t, MEMORY, &seed, NULL, &err));
    for (int n = 0; n < 1000; n++) {
        struct pair p = { key, 500 + draw_below(40), 1 + draw_below(9) };
        memset(key, 'k', sizeof key);
        key[490 + draw_below(10)] = 'q';
        struct mr_record r = write_key(&writer, &p, at);
        if (n % 3 == 0) { /* among short ones */
            unsigned char bytes[64];
            struct pair q;
            random_key(&q, bytes, 40);
            struct mr_record s = record_of(&q);
            check(add(&t, &s) >= 0);
            add_pair(&wanted, q.key, q.size, q.value);
        }
        uint32_t before = t.records.count;
        unsigned long long written = spools[1].size;
        int added = mr_table_add_out_of_line(&t, &r, from, to, &blocks[1], &err);
        must(added);
        check(t.records.count == before + (uint32_t)added && (spools[1].size > written) == added);
        add_pair(&wanted, p.key, p.size, p.value);
    }
    read_table(&got, &t, to);
    sort_by_key(&got);
    combine_pairs(&wanted, sum);
    check_same_pairs(&got, &wanted);
    /* Full, nothing is changed. */
    free_pairs(&wanted);
    fill(&t, &wanted, "filler %u");
    uint32_t count = t.records.count;
    struct pair p = { key, 1000, 1 };
    struct mr_record r = write_key(&writer, &p, at);
    unsigned long long written = spools[1].size;
    while (count == t.records.count &&
           mr_table_add_out_of_line(&t, &r, from, to, &blocks[1], &err) != -1)
        count = t.records.count; /* one that fits where a filler did not */
    cr_assert(t.records.count == count && spools[1].size >= written);
    free_pairs(&got);
    free_pairs(&wanted);
    mr_table_release(&t);
    mr_key_writer_release(&writer);
    for (int i = 0; i < 2; i++) {
        mr_block_writer_release(&blocks[i]);
        mr_block_reader_release(&readers[i]);
        mr_spool_drop(&spools[i], store);
    }
}

Test(table, large_keys_of_one_hash_are_compared_a_few_times_and_sorted)
{
    enum { COUNT = 300, SIZE = 600 };
    struct mr_spool spools[2];
    struct mr_block_writer blocks[2];
    struct mr_key_writer writer;
    struct mr_block_reader readers[2];
    struct mr_key_pair pair;
    struct mr_table t;
    struct pairs wanted = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    unsigned char key[SIZE], at[MR_LOCATOR_SIZE + MR_BLOCK_SLACK];
    for (uint32_t i = 0; i < 2; i++) {
        mr_spool_create(&spools[i], store, i ? "to" : "from", 0);
        must(mr_block_writer_init(&blocks[i], &spools[i], store, i, false, &err));
        mr_block_reader_init(&readers[i], store, ROOM);
    }
    must(mr_key_writer_init(&writer, &blocks[0], ROOM, &err));
    mr_block_reader_init(&pair.first, store, ROOM);
    mr_block_reader_init(&pair.second, store, ROOM);
    struct mr_key_place from = { &spools[0], 0, &readers[0] }, to = { &spools[1], 1, &readers[1] };
    must(mr_table_init(&t, MEMORY, &seed, NULL, &err));
    for (uint64_t n = 0; n < 2 * COUNT; n++) {
        large_of_one_hash(key, SIZE, n % COUNT);
        struct pair p = { key, SIZE, n };
        struct mr_record r = write_key(&writer, &p, at);
        must(mr_table_add_out_of_line(&t, &r, from, to, &blocks[1], &err));
        add_pair(&wanted, key, SIZE, n);
    }
    check_for(t.collisions <= 20, "%u comparisons", t.collisions);
    unite(&t, to, &pair);
    read_table(&got, &t, to);
    sort_by_key(&got);
    combine_pairs(&wanted, sum);
    check_same_pairs(&got, &wanted);
    free_pairs(&got);
    free_pairs(&wanted);
    mr_table_release(&t);
    mr_block_reader_release(&pair.first);
    mr_block_reader_release(&pair.second);
    mr_key_writer_release(&writer);
    for (int i = 0; i < 2; i++) {
        mr_block_writer_release(&blocks[i]);
        mr_block_reader_release(&readers[i]);
        mr_spool_drop(&spools[i], store);
    }
}
