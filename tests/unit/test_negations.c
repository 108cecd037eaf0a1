/* \D, \S and \W as classes. */
#include "text/negations.h"
#include "support.h"

static void check_classes(const char *pattern, const char *wanted)
{
    char to[NEGATIONS_GROWTH * 64 + 1] = "";
    bool known = negations_to_classes(pattern, to);
    check_for(known == (wanted != NULL), "'%s' is %s", pattern, known ? "known" : "unknown");
    check_for(!known || strcmp(to, wanted) == 0, "'%s' became '%s'", pattern, to);
}

Test(negations, become_classes)
{
    check_classes("", "");
    check_classes("a+", "a+");
    check_classes("\\S", "[^\\s]");
    check_classes("(\\S+)\\W{2}\\D*?|x", "([^\\s]+)[^\\w]{2}[^\\d]*?|x");
    check_classes("(?<=\\S)(?i:\\W)(?P<n>\\D)(?P=n)(*UCP)", "(?<=[^\\s])(?i:[^\\w])(?P<n>[^\\d])(?P=n)(*UCP)");
    check_classes("(?'x'\\S)", "(?'x'[^\\s])");
}

Test(negations, what_looks_like_them_stays)
{
    check_classes("\\\\S\\\\\\S", "\\\\S\\\\[^\\s]");
    check_classes("[\\S]\\S", "[\\S][^\\s]");
    check_classes("[]\\S]\\S", "[]\\S][^\\s]");
    check_classes("[^]\\S]\\S", "[^]\\S][^\\s]");
    check_classes("[a\\]\\S]\\S", "[a\\]\\S][^\\s]");
    check_classes("[[:^alpha:]\\S]\\S", "[[:^alpha:]\\S][^\\s]");
    check_classes("[[:]\\S]\\S", "[[:][^\\s]][^\\s]");
    check_classes("[[\\S]\\S", "[[\\S][^\\s]");
    check_classes("\\c\\S\\S", "\\c\\S[^\\s]");
    check_classes("\\[\\S\\(?#\\S", "\\[[^\\s]\\(?#[^\\s]");
}

Test(negations, what_is_not_understood)
{
    check_classes("(?#[)\\S", NULL);
    check_classes("(?x)#[\n\\S", NULL);
    check_classes("(?i-x:a)\\S", NULL);
    check_classes("(?C'[')\\S", NULL);
    check_classes("(*MARK:[)\\S", NULL);
    check_classes("\\Q[\\E\\S", NULL);
    check_classes("[\\E]\\S]", NULL);
    check_classes("\\S[a", NULL);
    check_classes("\\S\\", NULL);
    check_classes("(?#[)(?x)\\Q\\E[", "(?#[)(?x)\\Q\\E["); /* has none of them */
}
