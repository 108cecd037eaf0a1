/* The hash: one value a key however it is loaded, even over the buckets, the same every run. */
#include "partition/hash.h"

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
