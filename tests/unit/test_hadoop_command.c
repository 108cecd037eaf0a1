/* Commands as Hadoop takes them apart. */
#include "command.h"

#include <criterion/criterion.h>
#include <string.h>

static void splits(const char *command, const char *wanted)
{
    struct list words = { 0 };
    char *got = text_copy("");
    command_split(command, &words);
    for (size_t i = 0; i < words.count; i++)
        got = text_format("%s%s%s", got, i > 0 ? "|" : "", words.at[i]);
    cr_expect_str_eq(got, wanted, "%s: %s, not %s", command, got, wanted);
    keep_nothing();
}

Test(hadoop_command, as_hadoop)
{
    splits("", "");
    splits("  cat  ", "cat");
    splits("python3 m.py -x 'a b'", "python3|m.py|-x|a b");
    splits("a'b c'd", "a|b c|d"); /* a quote ends a word */
    splits("a '' \"\" b", "a|b"); /* empty ones vanish */
    splits("'a\"b' \"c'd\"", "a\"b|c'd");
    splits("a\\ b\tc $x | `y`", "a\\|b\tc|$x|||`y`"); /* nothing else has a meaning */
    splits("a 'b c", "a|b c");                        /* a quote that is never closed */
}

Test(hadoop_command, as_a_shell_where_quotes_are_escaped)
{
    splits("sh -c 'grep '\\''x y'\\'' | sort'", "sh|-c|grep 'x y' | sort");
    splits("a'b c'd ''\\''' ''", "ab cd|'|");
    splits("'a'\\''' \"a\\\"b\\c\" d\\ e", "a'|a\"b\\c|d e");
}
