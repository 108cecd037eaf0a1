/* Chaos: as often as was asked for, the same for the same seed, and real damage. */
#include "control/chaos.h"

#include "support.h"

TestSuite(chaos, .init = make_store, .fini = remove_store);

Test(chaos, it_strikes_in_the_given_share)
{
    enum { THROWS = 20000 };
    for (unsigned percent = 0; percent <= 100; percent += 5) {
        struct mr_chaos c = { 42, percent };
        unsigned struck = 0;
        for (int i = 0; i < THROWS; i++)
            struck += mr_chaos_strikes(&c);
        /* Six standard deviations are at most 425 of these throws. */
        check_for(struck + 425 > THROWS / 100 * percent && struck < THROWS / 100 * percent + 425,
                  "%u%%: %u of %d", percent, struck, THROWS);
        check(percent % 100 != 0 || struck == THROWS / 100 * percent);
    }
}

Test(chaos, a_seed_decides_every_throw)
{
    unsigned same = 0;
    struct mr_chaos a = { 7, 50 }, b = { 7, 50 }, other = { 8, 50 };
    for (int i = 0; i < 1000; i++) {
        bool strikes = mr_chaos_strikes(&a);
        check(strikes == mr_chaos_strikes(&b));
        same += strikes == mr_chaos_strikes(&other);
        check(mr_chaos_delay(&a) == mr_chaos_delay(&b));
        mr_chaos_delay(&other);
    }
    cr_assert(same > 300 && same < 700, "another seed throws the same %u of 1000 times", same);
}

Test(chaos, most_blows_come_soon_and_all_within_a_tenth_of_a_second)
{
    struct mr_chaos c = { 1, 10 };
    int soon = 0, late = 0;
    for (int i = 0; i < 10000; i++) {
        uint64_t delay = mr_chaos_delay(&c);
        check(delay < 100000000);
        soon += delay < 1000000;
        late += delay > 10000000;
    }
    cr_assert_gt(soon, 5000);
    cr_assert_gt(late, 100);
}

static void fill(struct mr_spool *s, const char *name, const unsigned char *bytes, size_t size)
{
    mr_spool_create(s, store, name, 7);
    must(mr_spool_append(s, store, bytes, size, &err));
    must(mr_spool_finish(s, store, &err));
    must(mr_spool_commit(s, store, &err));
}

Test(chaos, what_it_damages_is_another_byte_for_byte)
{
    enum { SIZE = 5000 };
    unsigned char bytes[SIZE], got[SIZE];
    struct mr_chaos c = { 3, 100 };
    int cut = 0, flipped = 0;
    draw_bytes(bytes, SIZE, NULL);
    for (int i = 0; i < 200; i++) {
        struct mr_spool s, other;
        store->allowed = i % 2 ? 0 : 1 << 20;
        fill(&s, "struck", bytes, SIZE);
        fill(&other, "beside", bytes, SIZE);
        check(s.on_disk == i % 2);
        check(mr_chaos_damage(&c, &s, store));
        if (mr_spool_read(&s, store, got, SIZE, 0, &err) < 0) {
            check(err.damaged == 7);
            cut++;
        } else {
            int differ = 0, end = SIZE;
            for (int at = 0; at < SIZE; at++)
                differ += __builtin_popcount(bytes[at] ^ got[at]);
            while (end > 0 && got[end - 1] == 0)
                end--;
            bool zeros = differ != 1; /* a part of a file in memory is cut by zeros */
            check(!zeros || (!s.on_disk && memcmp(bytes, got, (size_t)end) == 0));
            cut += zeros;
            flipped += !zeros;
        }
        must(mr_spool_read(&other, store, got, SIZE, 0, &err));
        check(memcmp(bytes, got, SIZE) == 0);
        mr_spool_drop(&s, store);
        mr_spool_drop(&other, store);
    }
    cr_assert(cut > 20 && flipped > 100, "%d cut, %d flipped", cut, flipped);
}

Test(chaos, what_is_not_there_cannot_be_damaged)
{
    struct mr_chaos c = { 3, 100 };
    struct mr_spool s;
    mr_spool_create_on_disk(&s, "nothing", 0);
    cr_assert_not(mr_chaos_damage(&c, &s, store));
    cr_assert_eq(scratch_files(), 0);
}
