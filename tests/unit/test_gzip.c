/* Gzip input: members, padding, and every kind of damage an error that names file and place. */
#include "input/gzip.h"

#include "support.h"

#include <zlib.h>

/* Deflated bytes, given out in small parts. */
struct parts {
    const unsigned char *bytes;
    size_t size, at, part;
};

static ssize_t give(void *arg, unsigned char *to, size_t size, struct mr_error *e)
{
    struct parts *p = arg;
    (void)e;
    size_t n = p->size - p->at;
    if (n > p->part)
        n = p->part;
    if (n > size)
        n = size;
    memcpy(to, p->bytes + p->at, n);
    p->at += n;
    return (ssize_t)n;
}

/* Appends a member that holds bytes. Returns the size of all. */
static size_t add_member(unsigned char *to, size_t at, size_t room, const void *bytes, size_t size)
{
    z_stream z = { .next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (uInt)size,
                   .next_out = to + at, .avail_out = (uInt)(room - at) };
    check(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    check(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

/* Inflates all, so many bytes at a time; the bytes in out, their number or -1. */
static ssize_t inflate_all(const unsigned char *bytes, size_t size, size_t part, size_t at_a_time,
                           unsigned char *out, size_t room)
{
    size_t first = size < part ? size : part;
    struct parts p = { bytes, size, first, part };
    struct mr_gzip *g = mr_gzip_open(give, &p, "some.gz", bytes, first);
    size_t done = 0;
    ssize_t got;
    check(g != NULL);
    do {
        size_t want = room - done < at_a_time ? room - done : at_a_time;
        check(want > 0);
        got = mr_gzip_read(g, out + done, want, &err);
        done += got > 0 ? (size_t)got : 0;
        if (got >= 0 && (size_t)got < want) { /* fewer only at the end, and it stays there */
            check(mr_gzip_read(g, out + done, 1, &err) == 0);
            break;
        }
    } while (got > 0);
    mr_gzip_close(g);
    return got < 0 ? -1 : (ssize_t)done;
}

enum { PLAIN = 3000, ROOM = 10000 };

static unsigned char plain[PLAIN], deflated[ROOM], out[ROOM];

static void make_plain(void)
{
    draw_bytes(plain, PLAIN, "abcd \n");
}

TestSuite(gzip, .init = make_plain);

Test(gzip, it_is_known_by_its_first_two_bytes)
{
    cr_assert(mr_gzip_is((const unsigned char *)"\x1F\x8B\x08", 3));
    cr_assert(mr_gzip_is((const unsigned char *)"\x1F\x8B", 2));
    cr_assert_not(mr_gzip_is((const unsigned char *)"\x1F\x8B", 1));
    cr_assert_not(mr_gzip_is((const unsigned char *)"\x8B\x1F", 2));
    cr_assert_not(mr_gzip_is((const unsigned char *)"", 0));
}

Test(gzip, members_in_a_row_are_one_stream_in_any_parts)
{
    size_t cuts[] = { 0, 0, 1, 700, 700, 2999, PLAIN };
    size_t size = 0;
    for (size_t i = 0; i + 1 < sizeof cuts / sizeof *cuts; i++)
        size = add_member(deflated, size, ROOM, plain + cuts[i], cuts[i + 1] - cuts[i]);
    for (size_t part = 1; part <= size; part += 1 + part / 4)
        for (size_t at_a_time = 1; at_a_time <= ROOM; at_a_time *= 3) {
            ssize_t got = inflate_all(deflated, size, part, at_a_time, out, ROOM);
            check_for(got == PLAIN && memcmp(out, plain, PLAIN) == 0, "%zd in parts of %zu, %zu",
                      got, part, at_a_time);
        }
}

Test(gzip, zeros_behind_the_last_member_are_ignored_as_gzip_does)
{
    size_t size = add_member(deflated, 0, ROOM, plain, PLAIN);
    for (size_t zeros = 1; zeros < 1000; zeros += 97) {
        memset(deflated + size, 0, zeros);
        check(inflate_all(deflated, size + zeros, 100, 1000, out, ROOM) == PLAIN);
        deflated[size + zeros] = 'x'; /* but nothing else, and no member behind them */
        check(inflate_all(deflated, size + zeros + 1, 100, 1000, out, ROOM) == -1);
        size_t more = add_member(deflated, size + zeros, ROOM, plain, 10);
        check(inflate_all(deflated, more, 100, 1000, out, ROOM) == -1);
    }
}

Test(gzip, truncated_at_any_byte_it_is_an_error)
{
    size_t first = add_member(deflated, 0, ROOM, plain, 200);
    size_t size = add_member(deflated, first, ROOM, plain + 200, 300);
    for (size_t cut = 1; cut < size; cut++) {
        err.text[0] = '\0';
        err.final = false;
        ssize_t got = inflate_all(deflated, cut, 64, 1000, out, ROOM);
        if (cut == first) { /* a whole file, as far as one can tell */
            check(got == 200);
            continue;
        }
        check_for(got == -1, "%zu of %zu bytes give %zd", cut, size, got);
        check(strstr(err.text, "some.gz") && strstr(err.text, "cut short") && err.final);
    }
}

Test(gzip, garbage_is_an_error_that_says_where)
{
    size_t size = add_member(deflated, 0, ROOM, plain, 200);
    char place[64];
    snprintf(place, sizeof place, "byte %zu of", size);
    memcpy(deflated + size, "garbage", 7);
    cr_assert_eq(inflate_all(deflated, size + 7, ROOM, 1000, out, ROOM), -1);
    cr_assert_not_null(strstr(err.text, place), "%s", err.text);
    cr_assert(err.final);
    cr_assert_eq(inflate_all((const unsigned char *)"\x1F\x8Bgarbage", 9, ROOM, 1000, out, ROOM),
                 -1);
    cr_assert_eq(inflate_all((const unsigned char *)"\0\0\0\0", 4, ROOM, 1000, out, ROOM), -1,
                 "zeros in front are no padding");
}

Test(gzip, no_flipped_bit_gives_other_bytes)
{
    size_t size = add_member(deflated, 0, ROOM, plain, 500), harmless = 0;
    for (size_t at = 0; at < size; at++)
        for (int bit = 0; bit < 8; bit++) {
            deflated[at] ^= (unsigned char)(1 << bit);
            ssize_t got = inflate_all(deflated, size, ROOM, 5000, out, ROOM);
            check_for(got == -1 || (got == 500 && memcmp(out, plain, 500) == 0),
                      "byte %zu bit %d", at, bit);
            harmless += got != -1;
            deflated[at] ^= (unsigned char)(1 << bit);
        }
    /* The head's time and system say nothing of the content, nor do bits that fill up a byte. */
    cr_assert_leq(harmless, 8 * 10);
}

static ssize_t fail(void *arg, unsigned char *to, size_t size, struct mr_error *e)
{
    (void)arg, (void)to, (void)size;
    strcpy(e->text, "the disk is gone");
    return -1;
}

Test(gzip, an_error_of_the_source_is_passed_on)
{
    struct mr_gzip *g = mr_gzip_open(fail, NULL, "some.gz", plain, 0);
    cr_assert_eq(mr_gzip_read(g, out, 10, &err), -1);
    cr_assert_str_eq(err.text, "the disk is gone");
    mr_gzip_close(g);
    mr_gzip_close(NULL);
}
