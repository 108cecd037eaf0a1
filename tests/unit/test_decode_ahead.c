/* Decoding ahead: the same bytes in any parts, errors where they belong, and an end at any time. */
#include "input/decode_ahead.h"

#include "support.h"

enum { ROOM = 1 << 20 };

/* Gives the numbers of bytes from 0 on, so many; then it ends, or fails. */
struct numbers {
    size_t at, size;
    bool fails;
};

static ssize_t give(void *arg, unsigned char *to, size_t size, struct mr_error *e)
{
    struct numbers *n = arg;
    size_t got = n->size - n->at < size ? n->size - n->at : size;
    for (size_t i = 0; i < got; i++)
        to[i] = (unsigned char)((n->at + i) * 7 >> 8);
    n->at += got;
    if (got < size && n->fails)
        return mr_error_set(e, "the disk is gone");
    return (ssize_t)got;
}

static unsigned char out[ROOM];

Test(decode_ahead, it_gives_what_the_source_gives)
{
    static const size_t sizes[] = { 0, 1, (128 << 10) - 1, 128 << 10, (128 << 10) + 1, 512 << 10,
                                    (512 << 10) + 5, 1000000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t want = 100; want <= ROOM; want *= 9) {
            struct numbers n = { 0, sizes[i], false };
            struct mr_decode_ahead *a = mr_decode_ahead_start(give, &n);
            size_t done = 0;
            ssize_t got;
            check(a != NULL);
            while ((got = mr_decode_ahead_read(a, out, want, &err)) > 0) {
                for (size_t k = 0; k < (size_t)got; k++)
                    check(out[k] == (unsigned char)((done + k) * 7 >> 8));
                done += (size_t)got;
                check((size_t)got == want || done == sizes[i]);
            }
            check_for(got == 0 && done == sizes[i], "%zu of %zu", done, sizes[i]);
            check(mr_decode_ahead_read(a, out, want, &err) == 0);
            mr_decode_ahead_stop(a);
        }
}

Test(decode_ahead, an_error_comes_behind_what_was_given_before_it)
{
    struct numbers n = { 0, 3 * (128 << 10) + 9, true };
    struct mr_decode_ahead *a = mr_decode_ahead_start(give, &n);
    check(a != NULL && mr_decode_ahead_read(a, out, 3 * (128 << 10), &err) == 3 * (128 << 10));
    for (int i = 0; i < 2; i++)
        must_fail(mr_decode_ahead_read(a, out, 1, &err), "the disk is gone");
    mr_decode_ahead_stop(a);
}

Test(decode_ahead, it_can_be_ended_at_any_time)
{
    for (size_t want = 0; want < 900000; want += 60000) {
        struct numbers n = { 0, SIZE_MAX, false };
        struct mr_decode_ahead *a = mr_decode_ahead_start(give, &n);
        check(a != NULL && mr_decode_ahead_read(a, out, want, &err) == (ssize_t)want);
        mr_decode_ahead_stop(a);
    }
    mr_decode_ahead_stop(NULL);
}
