/* The hashes: one value a key however it is loaded, even over the buckets, the same every run; and
 * with a seed, nothing that another seed shows. */
#include "partition/hash.h"

#include "collide.h"
#include "support.h"

Test(hash, a_short_key_is_the_same_loaded_copied_and_hashed_as_bytes)
{
    for (int round = 0; round < 20000; round++) {
        unsigned char bytes[64];
        draw_bytes(bytes, sizeof bytes, round % 2 ? NULL : "a\xFF");
        memset(bytes + draw_below(60), 0, 4);
        size_t at = draw_below(32), size = draw_below(MR_SHORT_KEY + 1);
        struct mr_short loaded = mr_short_load(bytes + at, (unsigned)size);
        struct mr_short copied = mr_short_copy(bytes + at, size);
        check(loaded.low == copied.low && loaded.high == copied.high);
        unsigned char back[sizeof loaded], wanted[sizeof loaded] = { 0 };
        memcpy(back, &loaded, sizeof back);
        memcpy(wanted, bytes + at, size);
        wanted[MR_SHORT_KEY] = (unsigned char)(size + 1);
        check(memcmp(back, wanted, sizeof back) == 0 && mr_short_size(loaded) == size);
        check(mr_hash(bytes + at, size) == mr_hash_short(loaded));
    }
}

Test(hash, a_key_of_any_size_has_one_hash_at_any_alignment)
{
    for (size_t size = 0; size <= 64; size++) {
        unsigned char key[64], bytes[96];
        draw_bytes(key, size, NULL);
        uint64_t wanted = mr_hash(key, size);
        for (size_t at = 0; at < 32; at++) {
            draw_bytes(bytes, sizeof bytes, NULL); /* what is around it does not matter */
            memcpy(bytes + at, key, size);
            check(mr_hash(bytes + at, size) == wanted);
            check(size <= MR_SHORT_KEY || mr_hash_long(bytes + at, size) == wanted);
        }
    }
}

Test(hash, every_bit_of_a_key_matters)
{
    for (size_t size = 1; size <= 64; size++) {
        unsigned char key[64];
        draw_bytes(key, size, NULL);
        uint64_t before = mr_hash(key, size);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            key[bit / 8] ^= (unsigned char)(1 << bit % 8);
            check_for(mr_hash(key, size) != before, "bit %zu of %zu bytes", bit, size);
            key[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
    }
}

/* Hashes of keys of a kind, in their low and high bits, fill 64 boxes about evenly: for 64 boxes
 * of 1000 the standard deviation is 31. */
static void check_even(const char *format)
{
    unsigned high[64] = { 0 }, low[64] = { 0 };
    for (int i = 0; i < 64000; i++) {
        char key[64];
        int size = snprintf(key, sizeof key, format, i);
        uint64_t hash = mr_hash((unsigned char *)key, (size_t)size);
        high[mr_bucket(hash, 64)]++;
        low[hash % 64]++;
    }
    for (int i = 0; i < 64; i++) {
        check_for(high[i] > 800 && high[i] < 1200, "%s: bucket %d has %u", format, i, high[i]);
        check_for(low[i] > 800 && low[i] < 1200, "%s: low bits %d: %u", format, i, low[i]);
    }
}

Test(hash, keys_that_are_alike_fall_about_evenly)
{
    check_even("%d");
    check_even("word%d");
    check_even("%08d");
    check_even("%d/the/same/end");
    check_even("/a/long/path/in/common/%d");
    check_even("%dxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

Test(hash, buckets_are_ranges_of_the_hash_and_all_are_reached)
{
    static const uint32_t counts[] = { 1, 2, 3, 7, 256, 4096, 100000 };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        uint32_t n = counts[i], last = 0;
        check(mr_bucket(0, n) == 0 && mr_bucket(UINT64_MAX, n) == n - 1);
        for (uint64_t step = 0; step < 300000; step++) {
            uint32_t bucket = mr_bucket(step * (UINT64_MAX / 300000), n);
            check(bucket == last || bucket == last + 1);
            last = bucket;
        }
    }
}

/* Runs of different builds and machines may meet in one shuffle. These are today's values: that
 * they never change by accident is what is tested. */
Test(hash, it_has_no_seed)
{
    uint64_t short_hash = mr_hash((const unsigned char *)"the", 3);
    uint64_t long_hash = mr_hash((const unsigned char *)"a key of more than 15 bytes", 27);
    cr_assert_eq(long_hash, XXH3_64bits("a key of more than 15 bytes", 27));
    struct mr_short the = { 0x656874, UINT64_C(4) << 56 };
    cr_assert_eq(short_hash, mr_hash_short(the));
}

/* ---- keys made against it --------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

enum { OTHERS = 20000 };

static uint64_t hashes[OTHERS];

/* How many of the hashes are those of others, too. */
static size_t count_equal(void)
{
    size_t equal = 0;
    qsort(hashes, OTHERS, sizeof *hashes, by_number);
    for (size_t i = 1; i < OTHERS; i++)
        equal += hashes[i] == hashes[i - 1];
    return equal;
}

/* Values that are little or much in a multiplication: 0, 1, -1, powers of two, the constants. */
static uint64_t special(unsigned number)
{
    static const uint64_t few[] = { 0, UINT64_C(0x9E3779B97F4A7C15), UINT64_C(0xD6E8FEB86659FD93),
                                    UINT64_C(0xA0761D6478BD642F), UINT64_MAX / 3 };
    uint64_t value = number < 64 ? (uint64_t)1 << number : few[number % 5];
    return number % 3 == 0 ? value : number % 3 == 1 ? ~value : value ^ 1;
}

Test(hash, with_one_half_of_a_short_key_given_the_others_have_hashes_of_their_own)
{
    for (unsigned n = 0; n < 90; n++)
        for (unsigned shift = 0; shift < 49; shift += 8) {
            for (uint64_t i = 0; i < OTHERS; i++)
                hashes[i] = mr_hash_short((struct mr_short){ special(n), i << shift });
            check_for(count_equal() == 0, "low half %llx", (unsigned long long)special(n));
            for (uint64_t i = 0; i < OTHERS; i++)
                hashes[i] = mr_hash_short((struct mr_short){ i << shift, special(n) });
            check_for(count_equal() == 0, "high half %llx", (unsigned long long)special(n));
        }
}

Test(hash, words_that_begin_with_a_constant_fall_about_evenly)
{
    /* Those that all had one hash, when it was the halves' product. */
    check_even("\x14\x7c\x4a\x7f\xb9\x79\x37\x9e%06d");
    check_even("\x15\x7c\x4a\x7f\xb9\x79\x37\x9e%06d");
    check_even("abcdefgh%06d");
}

Test(hash, without_a_seed_keys_of_one_hash_can_be_made_and_with_one_they_have_their_own)
{
    enum { LARGE = 5000 };
    static unsigned char key[LARGE];
    struct mr_seed seed;
    mr_seed_draw(&seed);
    for (uint64_t i = 0; i < OTHERS; i++) {
        unsigned char end[7];
        put_letters(end, sizeof end, i);
        short_of_hash(key, UINT64_C(0x123456789ABCDEF), end);
        check(mr_hash(key, MR_SHORT_KEY) == UINT64_C(0x123456789ABCDEF));
        hashes[i] = mr_lookup_short(seed.shorts, mr_short_copy(key, MR_SHORT_KEY));
    }
    cr_assert_eq(count_equal(), 0);
    long_of_one_hash(key, 0);
    uint64_t one = mr_hash(key, 32);
    for (uint64_t i = 0; i < OTHERS; i++) {
        long_of_one_hash(key, i);
        check(mr_hash(key, 32) == one);
        hashes[i] = mr_lookup_long(&seed, key, 32);
    }
    cr_assert_eq(count_equal(), 0);
    large_of_one_hash(key, LARGE, 0);
    one = mr_hash(key, LARGE);
    for (uint64_t i = 0; i < OTHERS; i++) {
        large_of_one_hash(key, LARGE, i);
        check(mr_hash(key, LARGE) == one);
        hashes[i] = mr_lookup_long(&seed, key, LARGE);
    }
    cr_assert_eq(count_equal(), 0);
}

Test(hash, every_bit_of_a_key_matters_to_a_table_and_its_size)
{
    struct mr_seed seed;
    mr_seed_draw(&seed);
    for (size_t size = MR_SHORT_KEY + 1; size <= 300; size++) {
        unsigned char key[301];
        memset(key, 'k', sizeof key);
        uint64_t before = mr_lookup_long(&seed, key, size);
        check(mr_lookup_long(&seed, key, size + 1) != before);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            key[bit / 8] ^= (unsigned char)(1 << bit % 8);
            check_for(mr_lookup_long(&seed, key, size) != before, "bit %zu of %zu bytes", bit,
                      size);
            key[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
    }
}

Test(hash, a_process_and_its_children_have_one_seed)
{
    struct mr_seed a, b;
    memset(&a, 0, sizeof a);
    memset(&b, 1, sizeof b);
    mr_seed_draw(&a);
    mr_seed_draw(&b);
    cr_assert_eq(memcmp(&a, &b, sizeof a), 0);
    for (size_t i = 0; i + 8 < sizeof a; i += 8) /* no part of it is as it was, or as another */
        check(memcmp((char *)&a + i, (char *)&a + i + 8, 8) != 0);
}
