/* The options of grep, which mean what they do in grep. */
#include "grep_options.h"

#include "jobs.h"

#include <string.h>

JOB_FLAG(grep, count)
JOB_FLAG(grep, invert)
JOB_FLAG(grep, ignore_case)
JOB_FLAG(grep, literal)
JOB_FLAG(grep, only_matching)
JOB_FLAG(grep, with_name)
JOB_FLAG(grep, without_name)

static int set_pattern(void *state, const char *argument, struct mr_error *err)
{
    struct grep *g = state;
    if (g->search.expression.pattern != NULL)
        return mr_error_set(err, "'%s' is a second pattern: one is taken", argument);
    g->search.expression.pattern = argument;
    return 0;
}

int grep_operand(void *state, const char *text, struct mr_error *err)
{
    struct grep *g = state;
    if (g->search.expression.pattern != NULL)
        return 0;
    return set_pattern(state, text, err) < 0 ? -1 : 1;
}

const struct mr_option grep_options[] = {
    { 'c', "count", NULL, "how many lines match, for each file", set_count },
    { 'e', "regexp", "PATTERN", "the pattern; else it is the first operand", set_pattern },
    { 'F', "fixed-strings", NULL, "the pattern is the very text that is looked for", set_literal },
    { 'h', "no-filename", NULL, "no names of files before lines", set_without_name },
    { 'H', "with-filename", NULL, "names before lines; else only of several files",
      set_with_name },
    { 'i', NULL, NULL, "upper and lower case are the same", set_ignore_case },
    { 'o', "only-matching", NULL, "what matches alone, each in a line of its own",
      set_only_matching },
    { 'v', "invert-match", NULL, "lines that do not match", set_invert },
    { 0 },
};

int grep_ready(void *state, struct mr_error *err)
{
    struct grep *g = state;
    if (g->search.expression.pattern == NULL)
        return mr_error_set(err, "there is no pattern: it is the first operand, or -e has it");
    g->search.expression.ignore_case = g->ignore_case;
    g->search.expression.literal = g->literal;
    g->search.invert = g->invert;
    return line_search_ready(&g->search, err);
}

void grep_release(void *state)
{
    expression_release(&((struct grep *)state)->search.expression);
}

void grep_identify(const void *state, struct mr_identity *to)
{
    const struct grep *g = state;
    const char *pattern = g->search.expression.pattern;
    mr_identify_option(to, "the pattern", pattern, strlen(pattern) + 1);
    mr_identify_option(to, "-c", &g->count, sizeof g->count);
    mr_identify_option(to, "-F", &g->literal, sizeof g->literal);
    mr_identify_option(to, "-h", &g->without_name, sizeof g->without_name);
    mr_identify_option(to, "-H", &g->with_name, sizeof g->with_name);
    mr_identify_option(to, "-i", &g->ignore_case, sizeof g->ignore_case);
    mr_identify_option(to, "-o", &g->only_matching, sizeof g->only_matching);
    mr_identify_option(to, "-v", &g->invert, sizeof g->invert);
}
