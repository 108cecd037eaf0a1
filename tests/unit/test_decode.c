/* Compressed input: members, padding, and every kind of damage an error that names file and place,
 * the same for every coding. */
#include "input/decode.h"

#include "encode.h"
#include "support.h"

/* Coded bytes, given out in small parts. */
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

enum { PLAIN = 3000, ROOM = 10000 };

static unsigned char plain[PLAIN], coded[ROOM], out[ROOM];
static const struct encoding *by; /* what is tested */

/* Appends a member. Returns the size of all. */
static size_t add_member(size_t at, const unsigned char *bytes, size_t size)
{
    size_t n = by->encode(coded + at, ROOM - at, bytes, size);
    check(n > 0);
    return at + n;
}

/* Decodes all, so many bytes at a time; the bytes in out, their number or -1. */
static ssize_t decode_all(const unsigned char *bytes, size_t size, size_t part, size_t at_a_time)
{
    size_t first = size < part ? size : part;
    struct parts p = { bytes, size, first, part };
    struct mr_coded what = { by->coding, give, &p, "some.file", 0, NULL };
    struct mr_decoder *d = mr_decoder_open(&what, bytes, first);
    size_t done = 0;
    ssize_t got;
    check(d != NULL && mr_decoder_coding(d) == by->coding);
    do {
        size_t want = ROOM - done < at_a_time ? ROOM - done : at_a_time;
        check(want > 0);
        got = mr_decoder_read(d, out + done, want, &err);
        done += got > 0 ? (size_t)got : 0;
        if (got >= 0 && (size_t)got < want) { /* fewer only at the end, and it stays there */
            check(mr_decoder_read(d, out + done, 1, &err) == 0);
            break;
        }
    } while (got > 0);
    mr_decoder_close(d);
    return got < 0 ? -1 : (ssize_t)done;
}

static void make_plain(void)
{
    draw_bytes(plain, PLAIN, "abcd \n");
}

TestSuite(decode, .init = make_plain);

/* A test of each coding. */
#define EACH for (by = encodings; by < encodings + ENCODINGS; by++)

Test(decode, each_is_known_by_its_first_bytes)
{
    EACH {
        size_t size = add_member(0, plain, 100), least = 0;
        for (size_t n = size + 1; n-- > 0;) {
            unsigned char *exact = malloc(n + 1);
            memcpy(exact, coded, n);
            const struct mr_coding *found = mr_coding_find(exact, n);
            check_for(found == by->coding || (found == NULL && n < MR_CODING_HEAD), "%zu of %s", n,
                      by->coding->name);
            least = found ? n : least;
            free(exact);
        }
        check(least >= 2);
    }
}

Test(decode, what_only_resembles_a_coding_is_none)
{
    static const struct {
        size_t size;
        const char *bytes;
    } none[] = {
        { 2, "\x8B\x1F" }, { 4, "\x28\xB5\x2F\xFC" }, { 6, "\xFD" "7zXZ " }, { 5, "BZh9 " },
        { 10, "BZh91AY&SZ" }, { 10, "BZh01AY&SY" }, { 4, "\x04\x22\x4D\x17" },
        { 4, "\x4F\x2A\x4D\x18" }, { 4, "\x60\x2A\x4D\x18" }, { 14, "] [section] a\0" },
        { 14, "]\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0" },        /* no dictionary */
        { 14, "]\0\0\x80\x05\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0" },    /* of odd size */
        { 14, "]\0\0\x80\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1" },      /* coded wrongly */
        { 14, "]\0\0\x80\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\0" },      /* too large */
    };
    static const char head[] = "]\0\0\xC0\0\x10\0\0\0\0\0\0\0\0";
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        check_for(mr_coding_find((const unsigned char *)none[i].bytes, none[i].size) == NULL,
                  "example %zu", i);
    check(mr_coding_find((const unsigned char *)head, 14) == &mr_lzma);
}

Test(decode, members_in_a_row_are_one_stream_in_any_parts)
{
    size_t cuts[] = { 0, 0, 1, 700, 700, 2999, PLAIN };
    EACH {
        size_t size = 0;
        for (size_t i = 0; by->several && i + 1 < sizeof cuts / sizeof *cuts; i++)
            size = add_member(size, plain + cuts[i], cuts[i + 1] - cuts[i]);
        if (!by->several)
            size = add_member(0, plain, PLAIN);
        for (size_t part = 1; part <= size; part += 1 + part / 2)
            for (size_t at_a_time = 1; at_a_time <= ROOM; at_a_time *= 6) {
                ssize_t got = decode_all(coded, size, part, at_a_time);
                check_for(got == PLAIN && memcmp(out, plain, PLAIN) == 0,
                          "%zd of %s in parts of %zu, %zu", got, by->coding->name, part, at_a_time);
            }
    }
}

Test(decode, frames_of_zstd_and_lz4_and_those_to_be_skipped_follow_each_other)
{
    size_t size = encode_skippable(coded, ROOM, plain, 0), done = 0;
    for (int round = 0; round < 3; round++)
        EACH {
            if (by->coding != &mr_zstd && by->coding != &mr_lz4)
                continue;
            size = add_member(size, plain + done, 100);
            size += encode_skippable(coded + size, ROOM - size, plain, 0);
            done += 100;
        }
    static const struct encoding skippable = { &mr_skippable, encode_skippable, true, true };
    check(mr_coding_find(coded, size) == &mr_skippable);
    by = &skippable;
    for (size_t part = 1; part <= size; part += 1 + part / 2) {
        ssize_t got = decode_all(coded, size, part, 70);
        check_for(got == (ssize_t)done && memcmp(out, plain, done) == 0, "%zd", got);
    }
}

Test(decode, zeros_behind_the_last_member_are_ignored_as_its_own_program_does)
{
    EACH {
        size_t size = add_member(0, plain, PLAIN);
        for (size_t zeros = 1; zeros < 1000; zeros += 97) {
            bool good = by->coding == &mr_gzip || (by->coding == &mr_xz && zeros % 4 == 0);
            memset(coded + size, 0, zeros);
            check_for((decode_all(coded, size + zeros, 100, 1000) == PLAIN) == good,
                      "%s and %zu zeros", by->coding->name, zeros);
            coded[size + zeros] = 'x'; /* but nothing else, and of most no member behind them */
            check(decode_all(coded, size + zeros + 1, 100, 1000) == -1);
            size_t more = add_member(size + zeros, plain, 10);
            good &= by->coding == &mr_xz;
            check((decode_all(coded, more, 100, 1000) == PLAIN + 10) == good);
        }
    }
}

Test(decode, truncated_at_any_byte_it_is_an_error)
{
    EACH {
        size_t first = add_member(0, plain, 200);
        size_t size = by->several ? add_member(first, plain + 200, 300) : first;
        for (size_t cut = MR_CODING_HEAD; cut < size; cut++) {
            err.text[0] = '\0';
            err.final = false;
            ssize_t got = decode_all(coded, cut, 64, 1000);
            if (cut == first) { /* a whole file, as far as one can tell */
                check(got == 200);
                continue;
            }
            check_for(got == -1, "%zu of %zu bytes of %s give %zd", cut, size, by->coding->name,
                      got);
            check_for(strstr(err.text, "some.file") && strstr(err.text, "cut short") && err.final,
                      "%zu of %zu bytes of %s: %s", cut, size, by->coding->name, err.text);
        }
    }
}

Test(decode, garbage_is_an_error_that_says_where)
{
    EACH {
        size_t size = add_member(0, plain, 200);
        char place[64];
        snprintf(place, sizeof place, "other than %s data at byte %zu of the %s file",
                 by->coding->name, size, by->coding->name);
        memcpy(coded + size, "garbage", 7);
        check(decode_all(coded, size + 7, ROOM, 1000) == -1);
        check_for(strstr(err.text, place) != NULL && err.final, "%s", err.text);
        memset(coded + by->coding->magic_size, 0xFF, 100);
        check(decode_all(coded, size, ROOM, 1000) == -1);
        check_for(strstr(err.text, "at byte ") != NULL && err.final, "%s", err.text);
    }
    by = encodings;
    cr_assert_eq(decode_all((const unsigned char *)"\0\0\0\0", 4, ROOM, 1000), -1,
                 "zeros in front are no padding");
}

Test(decode, no_flipped_bit_gives_other_bytes)
{
    EACH {
        size_t size = add_member(0, plain, 300), harmless = 0;
        for (size_t at = 0; at < size; at++)
            for (int bit = 0; bit < 8; bit++) {
                coded[at] ^= (unsigned char)(1 << bit);
                ssize_t got = decode_all(coded, size, ROOM, 5000);
                check_for(!by->checked || got == -1 ||
                              ((got == 300 || (at < 4 && got == 0)) &&
                               memcmp(out, plain, (size_t)got) == 0),
                          "byte %zu bit %d of %s gives %zd", at, bit, by->coding->name, got);
                harmless += got != -1;
                coded[at] ^= (unsigned char)(1 << bit);
            }
        /* The head's time and system say nothing of the content, nor do bits that fill up a byte. */
        check_for(!by->checked || harmless <= 8 * 10, "%zu of %s", harmless, by->coding->name);
    }
}

static ssize_t fail(void *arg, unsigned char *to, size_t size, struct mr_error *e)
{
    (void)arg, (void)to, (void)size;
    strcpy(e->text, "the disk is gone");
    return -1;
}

Test(decode, an_error_of_the_source_is_passed_on)
{
    EACH {
        struct mr_coded what = { by->coding, fail, NULL, "some.file", 0, NULL };
        struct mr_decoder *d = mr_decoder_open(&what, plain, 0);
        must_fail(mr_decoder_read(d, out, 10, &err), "the disk is gone");
        mr_decoder_close(d);
    }
    mr_decoder_close(NULL);
}

#ifdef WCMR_ZSTD
/* A frame of so many blocks of 128 KB of one byte, with a window of 2^log bytes. */
static size_t make_blocks(unsigned log, size_t count)
{
    static const unsigned char head[] = { 0x28, 0xB5, 0x2F, 0xFD, 0 };
    memcpy(coded, head, sizeof head);
    coded[5] = (unsigned char)((log - 10) << 3);
    unsigned char *at = coded + 6;
    for (size_t i = 0; i < count; i++, at += 4) {
        unsigned block = (128 << 10) << 3 | 1 << 1 | (i + 1 == count);
        memcpy(at, (unsigned char[]){ block & 255, block >> 8 & 255, block >> 16, ' ' }, 4);
    }
    return (size_t)(at - coded);
}

Test(decode, what_takes_much_memory_is_refused_once_it_holds_much)
{
    static const struct {
        unsigned log;
        size_t count;
        uint64_t max;
        bool good;
    } cases[] = {
        { 17, 100, 4 << 20, true },  { 31, 100, 4 << 20, false }, { 31, 20, 4 << 20, true },
        { 23, 100, 4 << 20, false }, { 23, 100, 9 << 20, true },  { 23, 100, 0, true },
    };
    static unsigned char room[1 << 16];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = make_blocks(cases[i].log, cases[i].count);
        struct parts p = { coded, size, size, size };
        struct mr_coded what = { &mr_zstd, give, &p, "some.file", cases[i].max, NULL };
        struct mr_decoder *d = mr_decoder_open(&what, coded, size);
        uint64_t done = 0;
        ssize_t got;
        check(d != NULL);
        while ((got = mr_decoder_read(d, room, sizeof room, &err)) > 0)
            done += (uint64_t)got;
        check_for((got == 0) == cases[i].good, "case %zu: %s", i, err.text);
        check(got < 0 || done == cases[i].count << 17);
        check(got == 0 || (strstr(err.text, "MB of memory") && done <= cases[i].max + (1 << 17)));
        mr_decoder_close(d);
    }
}
#endif
