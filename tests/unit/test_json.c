/* JSON and amounts: what programs and persons read of a run. */
#include "program/json.h"

#include "base/amount.h"
#include "support.h"

Test(json, values_stand_with_commas_between)
{
    struct mr_json j = { .failed = false };
    mr_json_open(&j, NULL, '{');
    mr_json_text(&j, "a", "x\"\n\xff");
    mr_json_open(&j, "b", '[');
    mr_json_number(&j, NULL, UINT64_MAX);
    mr_json_open(&j, NULL, '{');
    mr_json_close(&j, '}');
    mr_json_seconds(&j, NULL, 1.5);
    mr_json_close(&j, ']');
    mr_json_text(&j, "c\\", NULL);
    mr_json_bool(&j, "d", true);
    mr_json_bool(&j, "e", false);
    mr_json_close(&j, '}');
    mr_json_raw(&j, "\n");
    static const char wanted[] = "{\"a\":\"x\\\"\\n\\udcff\",\"b\":[18446744073709551615,{},1.500000],"
                                 "\"c\\\\\":null,\"d\":true,\"e\":false}\n";
    cr_assert_not(j.failed);
    cr_assert_eq(j.text.size, sizeof wanted - 1);
    cr_assert_arr_eq(j.text.at, wanted, sizeof wanted - 1);
    mr_json_clear(&j);
    mr_json_number(&j, NULL, 0);
    cr_assert(j.text.size == 1 && j.text.at[0] == '0', "nothing is left of what was cleared");
    mr_json_free(&j);
}

Test(json, seconds_are_never_no_number)
{
    static const double wrong[] = { -1, -0.0, 0.0 / 0.0, 1.0 / 0.0, -1.0 / 0.0 };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mr_json j = { .failed = false };
        mr_json_seconds(&j, NULL, wrong[i]);
        cr_assert(j.text.size == 8 && memcmp(j.text.at, "0.000000", 8) == 0, "%zu", i);
        mr_json_free(&j);
    }
}

Test(amount, is_short_and_right)
{
    static const struct {
        uint64_t bytes;
        const char *text, *parentheses;
    } rows[] = {
        { 0, "0 bytes", "" },
        { 999, "999 bytes", "" },
        { 1000, "1.0 KB", " (1.0 KB)" },
        { 1049, "1.0 KB", " (1.0 KB)" },
        { 1050, "1.1 KB", " (1.1 KB)" },
        { 40666667, "40.7 MB", " (40.7 MB)" },
        { 999949, "999.9 KB", " (999.9 KB)" },
        { 999950, "1.0 MB", " (1.0 MB)" },
        { 1234567890, "1.2 GB", " (1.2 GB)" },
        { UINT64_MAX, "18.4 EB", " (18.4 EB)" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert_str_eq(mr_amount_of(rows[i].bytes).text, rows[i].text);
        cr_assert_str_eq(mr_amount_in_parentheses(rows[i].bytes).text, rows[i].parentheses);
    }
}
