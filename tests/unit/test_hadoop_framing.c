/* Records from a form to another, however they are cut into pieces. */
#include "framing.h"

#include <criterion/criterion.h>
#include <string.h>

#define BYTES(text) text, sizeof(text) - 1

/* All that becomes of bytes, which come in pieces. Returns 0 or -1. */
static int turn(struct framing f, const char *bytes, size_t size, size_t piece,
                struct mr_buffer *to)
{
    struct mr_error err;
    int result = 0;
    to->size = 0;
    for (size_t at = 0; result == 0 && at < size; at += piece) {
        result = framing_convert(&f, bytes + at, size - at < piece ? size - at : piece, &err);
        if (result == 0)
            cr_assert_eq(mr_buffer_add(to, f.made, f.made_size), 0);
    }
    if (result == 0 && (result = framing_end(&f, &err)) == 0)
        cr_assert_eq(mr_buffer_add(to, f.made, f.made_size), 0);
    framing_free(&f);
    return result;
}

static void turns(struct framing f, const char *bytes, size_t size, const char *wanted,
                  size_t wanted_size)
{
    struct mr_buffer got = MR_BUFFER_INIT;
    for (size_t piece = 1; piece <= size; piece++) {
        cr_expect_eq(turn(f, bytes, size, piece, &got), 0, "%s by %zu", wanted, piece);
        cr_expect(got.size == wanted_size && memcmp(got.at, wanted, wanted_size) == 0,
                  "by %zu: '%.*s', not '%s'", piece, (int)got.size, (char *)got.at, wanted);
    }
    mr_buffer_free(&got);
}

static void fails(struct framing f, const char *bytes, size_t size)
{
    struct mr_buffer got = MR_BUFFER_INIT;
    for (size_t piece = 1; piece <= size; piece++)
        cr_expect_eq(turn(f, bytes, size, piece, &got), -1, "%s by %zu", bytes, piece);
    mr_buffer_free(&got);
}

Test(hadoop_framing, lines_with_offsets)
{
    struct framing f = { .from = FORM_NUMBERED, .lines.written = ":", .key = CLASS_NUMBER };
    turns(f, BYTES("a\r\n\rb\n"), BYTES("0:a\n3:\n4:b\n"));
    turns(f, BYTES("a\r"), BYTES("0:a\n"));
    f.offset = f.mark = 3; /* of a file that begins with a mark */
    turns(f, BYTES("a\nb"), BYTES("0:a\n5:b\n"));
    f.offset = 256;
    f.mark = 0;
    f.to = FORM_TYPED;
    turns(f, BYTES("b"), BYTES("\4\0\0\0\0\0\0\1\0\7\0\0\0\1b"));
}

Test(hadoop_framing, what_stands_between_marks)
{
    struct framing f = { .from = FORM_MARKED, .begin = "<a>", .end = "</a>", .lines.written = ":",
                         .key = CLASS_TEXT, .value = CLASS_TEXT };
    turns(f, BYTES("x<a>b\n</a>y</a><<a></a><a>c"), BYTES("<a>b\n</a>:\n<a></a>:\n"));
    turns(f, BYTES("<a><a></a></a><</a>"), BYTES("<a><a></a>:\n"));
    turns(f, BYTES("xxxxx<b><a"), BYTES(""));
    f.end = ">"; /* which the other mark has in it */
    turns(f, BYTES("<a>b><a>"), BYTES("<a>:\n<a>:\n"));
    f.begin = f.end = "aba";
    turns(f, BYTES("ababababa"), BYTES("aba:\naba:\n"));
    f.to = FORM_TYPED;
    turns(f, BYTES("aba"), BYTES("\7\0\0\0\3aba\7\0\0\0\0"));
}

Test(hadoop_framing, behind_the_last_record_none_begins)
{
    struct framing f = { .from = FORM_MARKED, .begin = "(", .end = ")", .lines.written = "",
                         .key = CLASS_TEXT, .value = CLASS_TEXT };
    struct mr_error err;
    cr_assert_eq(framing_convert(&f, BYTES("(a)(b"), &err), 0);
    cr_assert(framing_is_within(&f));
    cr_assert_eq(f.offset, 5);
    f.last = true;
    cr_assert_eq(framing_convert(&f, BYTES("b)(c)("), &err), 0);
    cr_assert_eq(f.made_size, 5);
    cr_assert_arr_eq(f.made, "(bb)\n", 5);
    cr_assert_not(framing_is_within(&f));
    framing_free(&f);
}

Test(hadoop_framing, typed_bytes)
{
    struct framing f = { .from = FORM_TYPED, .to = FORM_RESULT, .lines.written = "=",
                         .key = CLASS_TYPED, .value = CLASS_TYPED };
    turns(f, BYTES("\1\1\1\xff"), BYTES("1=-1\n"));
    turns(f, BYTES("\x08\0\0\0\2\x09\xff\x08\0\0\0\0\x0a\0\0\0\2\1\2\x09\1\1\xff\1\1\3\xff\xff\xff\xff"),
          BYTES("[[], []]={1=-1, 2=[1]}\n"));
    turns(f, BYTES("\x0a\0\0\0\3\7\0\0\0\3\xef\xbf\xbd\2\1\7\0\0\0\4\xf0\x90\x80\x80\2\0\7\0\0\0\0\2\1\xc8\0\0\0\0"),
          BYTES("{=true, \xf0\x90\x80\x80=false, \xef\xbf\xbd=true}=\n"));
    fails(f, BYTES("\1\1"));                     /* no value */
    fails(f, BYTES("\1\1\7\0\0\0\2a"));          /* half of one */
    fails(f, BYTES("\7\x80\0\0\0"));             /* a size below 0 */
    fails(f, BYTES("\x0b"));                     /* no type */
    fails(f, BYTES("\x31"));
    fails(f, BYTES("\xc9"));
    fails(f, BYTES("\xff"));                     /* an end of nothing, */
    fails(f, BYTES("\x08\0\0\0\1\xff\1\1"));     /* or of what is counted */
    fails(f, BYTES("\x0a\0\0\0\1\x09\xff\1\1\1\1")); /* a key that has no order */
}

Test(hadoop_framing, values_in_values)
{
    char nested[2 * TYPED_DEPTH + 8];
    struct mr_buffer got = MR_BUFFER_INIT;
    struct framing f = { .from = FORM_TYPED, .to = FORM_TYPED, .key = CLASS_TYPED,
                         .value = CLASS_TYPED };
    for (size_t depth = TYPED_DEPTH; depth <= TYPED_DEPTH + 1; depth++) {
        memset(nested, TYPED_LIST, depth);
        memset(nested + depth, TYPED_END, depth);
        memcpy(nested + 2 * depth, "\1\1", 2);
        cr_expect_eq(turn(f, nested, 2 * depth + 2, 3, &got), depth > TYPED_DEPTH ? -1 : 0);
    }
    mr_buffer_free(&got);
}

Test(hadoop_framing, raw_bytes)
{
    struct framing f = { .from = FORM_RAW, .to = FORM_RESULT, .lines.written = "=",
                         .key = CLASS_BYTES, .value = CLASS_BYTES };
    turns(f, BYTES("\0\0\0\2\xfe""a\0\0\0\0\0\0\0\0\0\0\0\1\n"), BYTES("fe 61=\n=0a\n"));
    fails(f, BYTES("\0\0"));
    fails(f, BYTES("\0\0\0\0\0\0\0\1"));
    fails(f, BYTES("\xff\xff\xff\xff"));
}

/* Kept lines are in the order of the bytes that they stand for, and become these again. */
Test(hadoop_framing, kept_lines)
{
    struct framing to = { .from = FORM_RAW, .to = FORM_SORTABLE, .key = CLASS_BYTES,
                          .value = CLASS_BYTES };
    struct framing back = { .from = FORM_SORTABLE, .to = FORM_RAW, .key = CLASS_BYTES,
                            .value = CLASS_BYTES };
    struct mr_buffer last = MR_BUFFER_INIT, kept = MR_BUFFER_INIT;
    for (unsigned byte = 0; byte < 256; byte++)
        for (unsigned size = 0; size < 3; size++) {
            char record[] = { 0, 0, 0, (char)size, (char)byte, (char)byte, 0, 0, 0, 1, (char)byte };
            memmove(record + 4 + size, record + 6, 5);
            if (size == 0 && byte > 0)
                continue;
            cr_assert_eq(turn(to, record, 9 + size, 3, &kept), 0);
            cr_expect_eq(memchr(kept.at, '\n', kept.size), kept.at + kept.size - 1);
            size_t key = (size_t)((unsigned char *)memchr(kept.at, '\t', kept.size) - kept.at);
            size_t before = last.size < key ? last.size : key;
            int order = before > 0 ? memcmp(last.at, kept.at, before) : 0;
            cr_expect(order < 0 || (order == 0 && last.size <= key), "%u %u", byte, size);
            turns(back, (char *)kept.at, kept.size, record, 9 + size);
            last.size = 0;
            cr_assert_eq(mr_buffer_add(&last, kept.at, key), 0);
        }
    mr_buffer_free(&last);
    mr_buffer_free(&kept);
}
