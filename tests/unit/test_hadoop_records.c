/* Lines as Hadoop reads and writes them, however they are cut into pieces. */
#include "records.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void turns_in_pieces(struct records r, const char *bytes, const char *wanted, size_t piece)
{
    size_t size = strlen(bytes), made = 0;
    char *got = malloc(records_room(&r, size) + 1);
    for (size_t at = 0; at < size; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        made += records_convert(&r, bytes + at, n, got + made);
    }
    made += records_end(&r, got + made);
    cr_assert_leq(made, records_room(&r, size));
    got[made] = '\0';
    cr_expect_str_eq(got, wanted, "by %zu: '%s', not '%s'", piece, got, wanted);
    uint64_t lines = 0;
    for (const char *at = wanted; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    cr_expect_eq(r.lines, lines);
    free(got);
}

static void turns(struct records r, const char *bytes, const char *wanted)
{
    for (size_t piece = 1; piece <= 5; piece++)
        turns_in_pieces(r, bytes, wanted, piece);
}

Test(hadoop_records, ends_of_lines)
{
    struct records r = { 0 };
    turns(r, "", "");
    turns(r, "a\nb", "a\nb\n");
    turns(r, "a\r\nb\rc\r", "a\nb\nc\n");
    turns(r, "\n\r\n\r\r\n\n", "\n\n\n\n\n");
    turns(r, "a\tb\n", "a\tb\n");
}

Test(hadoop_records, keys_and_values)
{
    struct records tab = { .fields = 1, .separator = { 1, "\t" }, .written = "\t" };
    turns(tab, "a\tb\n", "a\tb\n");
    turns(tab, "a\n", "a\t\n"); /* a key alone */
    turns(tab, "\n", "\t\n");
    turns(tab, "\tb\r", "\tb\n");
    turns(tab, "a\t\n", "a\t\n");
    turns(tab, "a\tb\tc", "a\tb\tc\n");
    struct records two = { .fields = 2, .separator = { 1, "." }, .written = "==>" };
    turns(two, "a.b.c.d\n", "a.b==>c.d\n");
    turns(two, "a.b\na\n", "a.b==>\na==>\n");
    struct records none = { .fields = 1, .separator = { 1, "," }, .written = "" };
    turns(none, "a,b\nc", "ab\nc\n");
}

Test(hadoop_records, separators_of_several_bytes)
{
    struct records r = { .fields = 1, .separator = { 2, "::" }, .written = "\t" };
    turns(r, "a::b::c\n", "a\tb::c\n");
    turns(r, "a:::b\n:\n::\n", "a\t:b\n:\t\n\t\n");
    turns(r, "a:b:\r:c::", "a:b:\t\n:c\t\n"); /* none goes beyond a line's end */
    turns(r, "a:", "a:\t\n");
    struct records two = { .fields = 2, .separator = { 3, "aab" }, .written = "" };
    turns(two, "aaabaaaabx\naabaa", "aaabaax\naabaa\n");
    struct records long_written = { .fields = 2, .separator = { 3, "aba" }, .written = "12345" };
    turns(long_written, "ababaaba\nabab", "ababa12345\nabab12345\n");
}
