/* Text in other encodings: marks, what has none, and transcoding in any parts. */
#include "input/encoding.h"

#include "support.h"

static const unsigned char *bytes_of(const char *text)
{
    return (const unsigned char *)text;
}

Test(encoding, a_mark_says_which)
{
    static const struct {
        size_t size;
        const char *head, *encoding;
    } cases[] = {
        { 2, "\xFF\xFE", "UTF-16LE" },       { 2, "\xFE\xFF", "UTF-16BE" },
        { 4, "\xFF\xFE" "a\0", "UTF-16LE" }, { 4, "\xFE\xFF\0\0", "UTF-16BE" },
        { 3, "\xFF\xFE\0", "UTF-16LE" },     { 4, "\xFF\xFE\0\0", "UTF-32LE" },
        { 4, "\0\0\xFE\xFF", "UTF-32BE" },   { 3, "\0\0\xFE", NULL },
        { 3, "\xEF\xBB\xBF", NULL },         { 1, "\xFF", NULL },
        { 0, "", NULL },                     { 4, "\0\0\xFF\xFE", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = mr_encoding_of_mark(bytes_of(cases[i].head), cases[i].size);
        check_for(got == cases[i].encoding || (got && cases[i].encoding &&
                                               strcmp(got, cases[i].encoding) == 0),
                  "case %zu: %s", i, got ? got : "none");
    }
}

Test(encoding, a_name_that_is_none_is_refused)
{
    static const char *const none[] = { "", "?", "no-such", "UTF-8//", "latin1//IGNORE", " " };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        must_fail(mr_encoding_check(none[i], &err), "there is no encoding '");
        cr_assert(err.final);
    }
    must(mr_encoding_check("latin1", &err));
    must(mr_encoding_check("UTF-16LE", &err));
}

/* ---- transcoding ------------------------------------------------------------------------ */

struct parts {
    const unsigned char *bytes;
    size_t size, at, part;
};

static ssize_t give(void *arg, unsigned char *to, size_t size, struct mr_error *e)
{
    struct parts *p = arg;
    (void)e;
    size_t n = p->size - p->at < p->part ? p->size - p->at : p->part;
    if (n > size)
        n = size;
    memcpy(to, p->bytes + p->at, n);
    p->at += n;
    return (ssize_t)n;
}

enum { ROOM = 300000 };

static unsigned char out[ROOM];

static ssize_t transcode(const char *encoding, const unsigned char *bytes, size_t size,
                         size_t part, size_t at_a_time)
{
    struct parts p = { bytes, size, 0, part };
    struct mr_transcoder *t = mr_transcoder_open(encoding, give, &p, "some.txt", bytes, 0, &err);
    size_t done = 0;
    ssize_t got;
    check(t != NULL);
    while ((got = mr_transcoder_read(t, out + done, at_a_time, &err)) > 0) {
        done += (size_t)got;
        check(done + at_a_time <= ROOM);
        if ((size_t)got < at_a_time) { /* fewer only at the end, and it stays there */
            check(mr_transcoder_read(t, out + done, 1, &err) == 0);
            break;
        }
    }
    mr_transcoder_close(t);
    return got < 0 ? -1 : (ssize_t)done;
}

Test(encoding, text_is_the_same_in_any_parts)
{
    enum { COUNT = 20000 };
    static unsigned char text[4 * COUNT], wanted[3 * COUNT];
    size_t size = 0;
    for (size_t i = 0; i < COUNT; i++) { /* a, or U+4E16 */
        bool wide = draw_below(2);
        memcpy(text + 2 * i, wide ? "\x16\x4E" : "a\0", 2);
        memcpy(wanted + size, wide ? "\xE4\xB8\x96" : "a", wide ? 3 : 1);
        size += wide ? 3 : 1;
    }
    for (size_t part = 1; part <= 2 * COUNT; part *= 3)
        for (size_t at_a_time = 1; at_a_time <= 100000; at_a_time *= 7)
            check_for(transcode("UTF-16LE", text, 2 * COUNT, part, at_a_time) == (ssize_t)size &&
                          memcmp(out, wanted, size) == 0, "parts of %zu, %zu", part, at_a_time);
    check(transcode("UTF-16LE", text, 0, 1, 1) == 0);
    check(transcode("UTF-7", bytes_of("a+AOQ-b"), 7, 1, 1) == 4 && memcmp(out, "a\xC3\xA4" "b", 4) == 0);
}

Test(encoding, what_is_not_valid_is_an_error_with_its_place)
{
    static const struct {
        const char *encoding;
        size_t size;
        const char *bytes, *said;
    } cases[] = {
        { "UTF-16LE", 4, "a\0\0\xDC", "'some.txt': it is not valid UTF-16LE at byte 2" },
        { "UTF-16LE", 6, "a\0\0\xD8" "a\0", "it is not valid UTF-16LE at byte 2" },
        { "UTF-16LE", 4, "a\0\0\xD8", "it ends within a character of UTF-16LE at byte 2" },
        { "UTF-16BE", 3, "\0ab", "it ends within a character of UTF-16BE at byte 2" },
        { "UTF-32LE", 4, "\0\xD8\0\0", "it is not valid UTF-32LE at byte 0" },
        { "UTF-32LE", 8, "a\0\0\0\0\0\x11\0", "it is not valid UTF-32LE at byte 4" },
        { "UTF-8", 5, "abc\xE4" "d", "it is not valid UTF-8 at byte 3" },
        { "ASCII", 1, "\x80", "it is not valid ASCII at byte 0" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t part = 1; part < 10; part++) {
            err.final = false;
            must_fail(transcode(cases[i].encoding, bytes_of(cases[i].bytes), cases[i].size, part, 7),
                      cases[i].said);
            cr_assert(err.final);
        }
}

static ssize_t fail(void *arg, unsigned char *to, size_t size, struct mr_error *e)
{
    (void)arg, (void)to, (void)size;
    strcpy(e->text, "the disk is gone");
    return -1;
}

Test(encoding, an_error_of_the_source_is_passed_on)
{
    struct mr_transcoder *t = mr_transcoder_open("latin1", fail, NULL, "some.txt", out, 0, &err);
    must_fail(mr_transcoder_read(t, out, 10, &err), "the disk is gone");
    mr_transcoder_close(t);
    mr_transcoder_close(NULL);
}
