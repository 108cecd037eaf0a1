/* The total order: ranks, slices and common bytes compare as values and keys do. */
#include "sort/order.h"

#include "support.h"

Test(order, an_order_by_value_ranks_before_it_looks_at_keys)
{
    cr_assert_lt(mr_rank((struct mr_ordering){ .by_value = true }, 5),
                 mr_rank((struct mr_ordering){ .by_value = true }, 4));
    cr_assert_lt(mr_rank((struct mr_ordering){ .by_value = true, .reverse = true }, 4),
                 mr_rank((struct mr_ordering){ .by_value = true, .reverse = true }, 5));
    cr_assert_eq(mr_rank((struct mr_ordering){ .by_value = false }, 4), 0);
}

Test(order, slices_compare_as_the_keys_do_ends_and_nuls_included)
{
    for (int i = 0; i < 20000; i++) {
        /* Few byte values, so that keys are often equal or begin each other. */
        unsigned char a[12], b[12];
        size_t left = draw_below(13), right = draw_below(13);
        for (size_t j = 0; j < 12; j++) {
            a[j] = (unsigned char)draw_below(2);
            b[j] = draw_below(4) ? a[j] : (unsigned char)draw_below(2);
        }
        uint64_t x = mr_slice(a, left, 0), y = mr_slice(b, right, 0);
        int order = memcmp(a, b, left < right ? left : right);
        if (order == 0)
            order = (left > right) - (left < right);
        if (x != y)
            check((x > y) - (x < y) == (order > 0) - (order < 0));
        else if (!mr_slice_continues(x))
            check(order == 0);
        else
            check(left > 7 && right > 7 && memcmp(a, b, 7) == 0);
    }
    cr_assert_eq(mr_slice((const unsigned char *)"abc", 3, 3), 0);
    cr_assert_eq(mr_slice((const unsigned char *)"abc", 3, 2), UINT64_C(0x63) << 56 | 1);
}

/* All that is told of a file before its keys is wanted, and of these the first. */
Test(order, groups_stand_before_keys_and_have_a_quota_each)
{
    unsigned char key[16] = "";
    struct mr_quota quota = { .limit = 2 }, none = { .limit = 0 }, all = { .limit = MR_ALL };
    for (uint64_t source = 0; source < UINT64_C(1) << 50; source = source * 5 + 1)
        for (int i = 0; i < 12; i++) {
            enum mr_group_kind kind = (enum mr_group_kind)(i / 4);
            uint64_t group = mr_group_make(source, kind);
            struct mr_record r = { key, MR_GROUP_SIZE + (uint32_t)i % 4, false, 1 };
            mr_group_put(key, group);
            check(mr_group_of(&r) == group && mr_slice(key, r.size, 0) >> 8 == group);
            check(mr_group_source(group) == source && mr_group_kind(group) == kind);
            check(mr_quota_take(&quota, &r) == (kind < MR_GROUP_KEYS || i % 4 < 2));
            check(mr_quota_take(&none, &r) == (kind < MR_GROUP_KEYS) && mr_quota_take(&all, &r));
        }
}

Test(order, common_bytes_are_counted_up_to_the_first_that_differs)
{
    enum { MOST = 40, SLACK = 16 };
    unsigned char a[MOST + SLACK], b[MOST + SLACK];
    for (uint32_t size = 0; size <= MOST; size++)
        for (uint32_t differ = 0; differ <= size; differ++) {
            memset(a, 'a', sizeof a);
            memset(b, 'a', sizeof b);
            for (uint32_t i = differ; i < sizeof b; i++)
                b[i] = i == differ || draw_below(2) ? 'b' : 'a';
            check(mr_common(a, b, size) == differ && mr_common_slack(a, b, size) == differ);
        }
}
