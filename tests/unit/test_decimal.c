/* Decimal numbers: read, added, compared, divided, stored and written. */
#include "text/decimal.h"

#include "support.h"

static struct decimal number(const char *text)
{
    struct decimal d;
    cr_assert_eq(decimal_read((const unsigned char *)text, strlen(text), &d), DECIMAL_NUMBER, "%s",
                 text);
    return d;
}

static const char *written(const struct decimal *d)
{
    static char text[DECIMAL_TEXT + 1];
    *decimal_write(text, d) = '\0';
    return text;
}

static void check_number(const char *text, const char *wanted)
{
    struct decimal d = number(text), back;
    unsigned char stored[DECIMAL_BYTES];
    cr_assert_str_eq(written(&d), wanted);
    unsigned char *end = decimal_put(stored, &d);
    cr_assert(end <= stored + sizeof stored);
    cr_assert_eq(decimal_get(stored, &back), end);
    cr_assert_eq(memcmp(&d, &back, sizeof d.limb), 0, "%s", text);
    cr_assert_eq(d.scale, back.scale);
}

#define NINES "99999999999999999999999999999999999999" /* 38 */

Test(decimal, numbers_are_read_stored_and_written)
{
    static const char *const cases[][2] = {
        { "0", "0" }, { "-0", "0" }, { "+0.00", "0" }, { "000", "0" }, { "7", "7" },
        { "-7", "-7" }, { "12.50", "12.5" }, { ".5", "0.5" }, { "5.", "5" }, { "-.05", "-0.05" },
        { " \t1 ", "1" }, { "00100.00100", "100.001" }, { "1e3", "1000" }, { "1.5E+2", "150" },
        { "125e-2", "1.25" }, { "-1e-38", "-0.00000000000000000000000000000000000001" },
        { "0e999999999999", "0" }, { "100000e-43", "0.00000000000000000000000000000000000001" },
        { "127", "127" }, { "128", "128" }, { "-128", "-128" }, { "-129", "-129" },
        { "255", "255" }, { "-256", "-256" }, { "18446744073709551615", "18446744073709551615" },
        { "18446744073709551616", "18446744073709551616" },
        { "-18446744073709551616", "-18446744073709551616" },
        { "10000000000000000000", "10000000000000000000" },
        { NINES "." NINES, NINES "." NINES }, { "-" NINES "." NINES, "-" NINES "." NINES },
        { "0000" NINES ".0000", NINES },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_number(cases[i][0], cases[i][1]);
}

Test(decimal, what_is_none)
{
    static const char *const cases[] = { "", " ", ".", "-", "+.", "1.2.3", "1e", "1e+", "e5", "1 2",
                                         "--1", "0x10", "inf", "nan", "1,5", "12a", "1e1.5", "\"1\"",
                                         "1\r", "- 1" };
    struct decimal d;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(decimal_read((const unsigned char *)cases[i], strlen(cases[i]), &d),
                     DECIMAL_NONE, "%s", cases[i]);
    cr_assert_eq(decimal_read((const unsigned char *)"1\0", 2, &d), DECIMAL_NONE);
}

Test(decimal, what_is_too_long)
{
    static const char *const cases[] = {
        (NINES "9"), ("1" NINES ".5"),         ("0.0" NINES),
        "1e38",      "1e-39",                  "1e99999999999999999999",
        "-1e-99999999999999999999",
    };
    struct decimal d;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(decimal_read((const unsigned char *)cases[i], strlen(cases[i]), &d),
                     DECIMAL_TOO_LONG, "%s", cases[i]);
}

Test(decimal, sums_of_any_scale_are_exact)
{
    static const char *const cases[][3] = {
        { "0.1", "0.2", "0.3" }, { "12.50", "0.125", "12.625" }, { "1", "-1", "0" },
        { "-5", "3", "-2" }, { "1e37", "1e-38", "1" "0000000000000000000000000000000000000"
                                                "." "00000000000000000000000000000000000001" },
        { NINES "." NINES, "1e-38", "1" "00000000000000000000000000000000000000" },
        { "-1e37", "1e37", "0" }, { "-0.5", "-0.55", "-1.05" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int turn = 0; turn < 2; turn++) {
            struct decimal a = number(cases[i][turn]), b = number(cases[i][!turn]);
            decimal_add(&a, &b);
            cr_assert_str_eq(written(&a), cases[i][2]);
        }
}

Test(decimal, a_sum_of_as_many_as_there_can_be_fits)
{
    static const char *const signs[] = { NINES "." NINES, "-" NINES "." NINES };
    for (int i = 0; i < 2; i++) {
        struct decimal sum = number(signs[i]), mean;
        const struct decimal one = sum;
        for (int bit = 0; bit < 64; bit++) {
            struct decimal same = sum;
            decimal_add(&sum, &same);
        }
        cr_assert_eq(decimal_compare(&sum, &one) < 0, i == 1);
        mean = decimal_divide(&sum, UINT64_MAX, DECIMAL_PLACES);
        cr_assert_eq(decimal_compare(&mean, &one) < 0, i == 1);
        unsigned char stored[DECIMAL_BYTES];
        struct decimal back;
        decimal_put(stored, &sum);
        decimal_get(stored, &back);
        cr_assert_eq(decimal_compare(&back, &sum), 0);
    }
}

Test(decimal, order)
{
    static const char *const ascending[] = { "-1e37", "-18446744073709551616", "-2", "-1.5",
                                             "-1.49", "-1e-38", "0", "1e-38", "0.1", "0.11", "1",
                                             "18446744073709551615", "18446744073709551616" };
    enum { N = sizeof ascending / sizeof *ascending };
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            struct decimal a = number(ascending[i]), b = number(ascending[j]);
            int order = decimal_compare(&a, &b);
            cr_assert_eq((order > 0) - (order < 0), (i > j) - (i < j), "%s %s", ascending[i],
                         ascending[j]);
        }
    struct decimal a = number("1.50"), b = number("1.5");
    cr_assert_eq(decimal_compare(&a, &b), 0);
}

Test(decimal, quotients_are_rounded_a_half_away_from_zero)
{
    static const struct {
        const char *sum;
        uint64_t count;
        uint32_t places;
        const char *wanted;
    } cases[] = {
        { "1", 3, 6, "0.333333" }, { "2", 3, 6, "0.666667" }, { "-2", 3, 6, "-0.666667" },
        { "5", 2, 0, "3" }, { "-5", 2, 0, "-3" }, { "4.9999", 2, 0, "2" }, { "1", 8, 2, "0.13" },
        { "0.0000005", 1, 6, "0.000001" }, { "0.00000049999999999999999999999", 1, 6, "0" },
        { "-0.0000004", 1, 6, "0" }, { "0", 7, 18, "0" }, { "10", 4, 18, "2.5" },
        { "1e-38", 1, 18, "0" }, { "1", UINT64_MAX, 18, "0" },
        { "1", 1000000000000000000, 18, "0.000000000000000001" },
        { NINES "." NINES, 1, 2, "100000000000000000000000000000000000000" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decimal d = number(cases[i].sum);
        d = decimal_divide(&d, cases[i].count, cases[i].places);
        cr_assert_str_eq(written(&d), cases[i].wanted);
    }
}
