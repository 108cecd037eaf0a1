/* Growable bytes: what was added stays, however often they move. */
#include "base/buffer.h"

#include "support.h"

Test(buffer, appended_bytes_stay_while_it_grows)
{
    struct mr_buffer b = MR_BUFFER_INIT;
    size_t all = 0;
    for (size_t n = 0; n < 600; n++) {
        unsigned char bytes[600];
        for (size_t i = 0; i < n; i++)
            bytes[i] = (unsigned char)((all + i) * 31);
        check(mr_buffer_add(&b, bytes, n) == 0);
        all += n;
        check(b.size == all && b.capacity >= b.size);
    }
    for (size_t i = 0; i < all; i++)
        check(b.at[i] == (unsigned char)(i * 31));
    mr_buffer_free(&b);
}

Test(buffer, holding_takes_no_more_than_is_asked_for)
{
    struct mr_buffer b = MR_BUFFER_INIT;
    cr_assert_not_null(mr_buffer_hold(&b, 0), "even nothing has a place");
    for (size_t n = 1; n < 3000; n = n * 3 + 1) {
        mr_buffer_add(&b, "abc", 3);
        unsigned char *to = mr_buffer_hold(&b, n);
        cr_assert_eq(to, b.at);
        cr_assert_eq(b.size, 0);
        check(b.capacity == n || (n < b.capacity && b.capacity <= 256));
        memset(to, 1, n);
        unsigned char *less = mr_buffer_hold(&b, n / 2);
        check(less == b.at && b.capacity >= n);
    }
    cr_assert_null(mr_buffer_hold(&b, SIZE_MAX / 4));
    cr_assert(b.at == NULL && b.capacity == 0 && b.size == 0);
    mr_buffer_free(&b);
}

Test(buffer, reserving_changes_nothing_but_the_capacity)
{
    struct mr_buffer b = MR_BUFFER_INIT;
    cr_assert_not_null(mr_buffer_reserve(&b, 0), "even nothing has a place");
    cr_assert_eq(mr_buffer_add(&b, "abc", 3), 0);
    unsigned char *to = mr_buffer_reserve(&b, 100000);
    cr_assert_eq(to, b.at + 3);
    cr_assert_eq(b.size, 3);
    memset(to, 1, 100000);
    cr_assert_arr_eq(b.at, "abc", 3);
    mr_buffer_free(&b);
}

Test(buffer, sizes_that_cannot_be_are_refused_and_leave_it_as_it_was)
{
    struct mr_buffer b = MR_BUFFER_INIT;
    mr_buffer_add(&b, "abc", 3);
    cr_assert_null(mr_buffer_reserve(&b, SIZE_MAX));
    cr_assert_null(mr_buffer_reserve(&b, SIZE_MAX - 2));
    cr_assert_eq(mr_buffer_add(&b, "x", SIZE_MAX), -1);
    cr_assert_eq(b.size, 3);
    cr_assert_arr_eq(b.at, "abc", 3);
    mr_buffer_free(&b);
}

Test(buffer, a_freed_one_is_empty_and_usable_again)
{
    struct mr_buffer b = MR_BUFFER_INIT;
    mr_buffer_add(&b, "abc", 3);
    mr_buffer_free(&b);
    cr_assert_eq(b.size, 0);
    cr_assert_eq(mr_buffer_add(&b, "de", 2), 0);
    cr_assert_arr_eq(b.at, "de", 2);
    mr_buffer_free(&b);
    mr_buffer_free(&b);
}
