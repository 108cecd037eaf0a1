/*
 * grep: the lines that match a Perl regular expression, in the order of the input, as grep -aP has
 * them; or the matches alone (-o); or how many such lines each file has (-c).
 *
 *     lines, matches    no reducer: what map emits is the result
 *     counts            key: the rank of the file    value: lines    reduced to  name:lines
 *
 * To look at each line by itself costs more than the search. Where a match in a chunk tells of one
 * in a line, the chunk is searched at once, and only the line of a match is looked at again:
 *
 *     chunk   the cat|a dog|no cow        searched for "cow": line 3, at once
 *
 * That needs an expression that sees nothing around its match: without look-around, anchors of the
 * subject, possessive and atomic parts. What such an expression matches in a line it matches in the
 * chunk, too, so no line is missed; only a match over a line's end may be none, and asks for a look
 * at the line alone.
 */
#include "jobs.h"
#include "numbers.h"
#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct grep {
    const char *pattern;
    bool count, invert, ignore_case, literal, only_matching, with_name, without_name;
    bool by_chunk; /* chunks can be searched at once */
    void *code;    /* compiled */
};

/* ---- options ---------------------------------------------------------------------------- */

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
    if (g->pattern != NULL)
        return mr_error_set(err, "'%s' is a second pattern: one is taken", argument);
    g->pattern = argument;
    return 0;
}

/* The first operand is the pattern, unless -e was given. */
static int operand(void *state, const char *text, struct mr_error *err)
{
    struct grep *g = state;
    if (g->pattern != NULL)
        return 0;
    return set_pattern(state, text, err) < 0 ? -1 : 1;
}

static const struct mr_option options[] = {
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

static bool names_files(const struct grep *g, bool several)
{
    return !g->without_name && (g->with_name || several);
}

static void fit(const void *state, struct mr_job *job)
{
    const struct grep *g = state;
    if (g->count)
        return;
    job->no_reduce = true;
    job->combine_values = job->reduce_values = NULL;
}

static void identify(const void *state, struct mr_identity *to)
{
    const struct grep *g = state;
    unsigned char flags[] = { g->count,         g->invert,    g->ignore_case, g->literal,
                              g->only_matching, g->with_name, g->without_name };
    mr_identify(to, flags, sizeof flags);
    mr_identify(to, g->pattern, strlen(g->pattern) + 1);
}

/* ---- counts by file --------------------------------------------------------------------- */

/* What map emits once for each chunk: how many lines, and whether there are several files. */
struct counted {
    uint64_t lines;
    bool several;
};

static int add_up(struct mr_value_list *values, struct counted *sum)
{
    const unsigned char *value;
    size_t size;
    int more;
    *sum = (struct counted){ 0, false };
    while ((more = mr_values_next(values)) > 0) {
        struct counted one;
        if (mr_values_whole(values, &value, &size) < 0)
            return -1;
        memcpy(&one, value, sizeof one);
        sum->lines += one.lines;
        sum->several |= one.several;
    }
    return more;
}

static int combine(const void *state, struct mr_key *key, struct mr_value_list *values,
                   struct mr_context *out)
{
    struct counted sum;
    (void)state;
    (void)key;
    return add_up(values, &sum) < 0 ? -1 : mr_emit_result(out, NULL, 0, &sum, sizeof sum);
}

static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    const unsigned char *rank;
    size_t size;
    struct counted sum;
    char text[32];
    if (mr_key_whole(key, &rank, &size) < 0 || add_up(values, &sum) < 0 ||
        mr_result_begin(out, NULL, 0) < 0)
        return -1;
    if (names_files(state, sum.several)) {
        const char *name = mr_input_name(out, rank_get(rank));
        if (strcmp(name, "-") == 0)
            name = "(standard input)";
        if (mr_result_add(out, name, strlen(name)) < 0 || mr_result_add(out, ":", 1) < 0)
            return -1;
    }
    int digits = snprintf(text, sizeof text, "%llu", (unsigned long long)sum.lines);
    return mr_result_add(out, text, (size_t)digits) < 0 ? -1 : mr_result_end(out);
}

#ifdef WCMR_PCRE2

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* ---- the expression --------------------------------------------------------------------- */

/* Whether what a pattern matches depends on its match alone, as far as can be told by a look: see
 * the head of this file. */
static bool sees_nothing_around(const char *p)
{
    bool quantified = false;
    for (; *p != '\0'; p++) {
        if (*p == '(' && (p[1] == '?' || p[1] == '*'))
            return false;
        if (*p == '+' && quantified)
            return false;
        quantified = strchr("*+?}", *p) != NULL;
        if (*p == '\\' && (p[1] == '\0' || strchr("AzZGKRXQE", p[1]) != NULL))
            return false;
        p += *p == '\\';
    }
    return true;
}

static int ready(void *state, struct mr_error *err)
{
    struct grep *g = state;
    int code;
    PCRE2_SIZE at;
    if (g->pattern == NULL)
        return mr_error_set(err, "there is no pattern: it is the first operand, or -e has it");
    if (strchr(g->pattern, '\n') != NULL)
        return mr_error_set(err, "the pattern has the end of a line in it, and so matches none");
    uint32_t flags = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_MULTILINE;
    flags |= g->ignore_case ? PCRE2_CASELESS : 0;
    /* A literal takes no other flags than these. */
    flags = g->literal ? (flags & ~(uint32_t)PCRE2_MULTILINE) | PCRE2_LITERAL : flags;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL)
        return mr_error_set(err, "there is no memory for the pattern '%s'", g->pattern);
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    g->code = pcre2_compile((PCRE2_SPTR)g->pattern, PCRE2_ZERO_TERMINATED, flags, &code, &at,
                            context);
    pcre2_compile_context_free(context);
    if (g->code == NULL) {
        PCRE2_UCHAR text[256];
        pcre2_get_error_message(code, text, sizeof text);
        return mr_error_set(err, "'%s' is no pattern: %s, at its byte %zu", g->pattern,
                            (const char *)text, (size_t)at);
    }
    (void)pcre2_jit_compile(g->code, PCRE2_JIT_COMPLETE); /* without, it is only slower */
    g->by_chunk = g->literal || sees_nothing_around(g->pattern);
    return 0;
}

static void release(void *state)
{
    pcre2_code_free(((struct grep *)state)->code);
}

/* ---- searching -------------------------------------------------------------------------- */

/* A map task's own. */
struct task {
    pcre2_match_data *match;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    struct room named; /* a line with its file's name before it */
};

static int begin(const void *state, void *own, struct mr_context *out)
{
    enum { STACK = 32 << 10, STACK_MAX = 8 << 20 }; /* bytes of the compiled code's stack */
    struct task *t = own;
    const struct grep *g = state;
    (void)out;
    t->match = pcre2_match_data_create_from_pattern(g->code, NULL);
    t->context = pcre2_match_context_create(NULL);
    t->stack = pcre2_jit_stack_create(STACK, STACK_MAX, NULL);
    if (t->match == NULL || t->context == NULL || t->stack == NULL)
        return mr_fail(out, "there is no memory to search in");
    pcre2_jit_stack_assign(t->context, NULL, t->stack);
    return 0;
}

static int end(const void *state, void *own, struct mr_context *out)
{
    struct task *t = own;
    pcre2_match_data_free(t->match);
    pcre2_match_context_free(t->context);
    pcre2_jit_stack_free(t->stack);
    return room_end(state, &t->named, out);
}

/* Searches bytes from a place on. Returns 1, with where the match is in [*from, *to), 0, or -1. */
static int search(const struct grep *g, struct mr_context *out, const unsigned char *bytes,
                  size_t size, size_t start, size_t *from, size_t *to)
{
    struct task *t = mr_task(out);
    int found = pcre2_match(g->code, bytes, size, start, 0, t->match, t->context);
    if (found == PCRE2_ERROR_NOMATCH)
        return 0;
    if (found < 0) {
        PCRE2_UCHAR text[256];
        pcre2_get_error_message(found, text, sizeof text);
        return mr_fail(out, "the pattern '%s' cannot be searched for in a line: %s", g->pattern,
                       (const char *)text);
    }
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(t->match);
    *from = ends[0];
    *to = ends[1];
    return 1;
}

/* Emits a line, with its file's name before it where names are wanted. */
static int emit_line(const struct grep *g, const struct mr_chunk *chunk, struct mr_context *out,
                     const unsigned char *line, size_t size)
{
    if (!names_files(g, chunk->sources > 1))
        return mr_emit_value(out, NULL, 0, line, size);
    struct task *t = mr_task(out);
    const char *name = strcmp(chunk->file, "-") == 0 ? "(standard input)" : chunk->file;
    size_t before = strlen(name) + 1;
    unsigned char *at = room_get(&t->named, before + size, out);
    if (at == NULL)
        return -1;
    memcpy(at, name, before - 1);
    at[before - 1] = ':';
    memcpy(at + before, line, size);
    return mr_emit_value(out, NULL, 0, at, before + size);
}

/* Where the character behind a place begins. */
static size_t next_character(const unsigned char *line, size_t size, size_t at)
{
    at++;
    while (at < size && (line[at] & 0xC0) == 0x80)
        at++;
    return at;
}

/* Emits each match in a line that is not empty; behind one that is, the search goes on at the next
 * character. */
static int emit_matches(const struct grep *g, const struct mr_chunk *chunk, struct mr_context *out,
                        const unsigned char *line, size_t size)
{
    size_t at = 0, from = 0, to = 0;
    int found = 0;
    while (at <= size && (found = search(g, out, line, size, at, &from, &to)) > 0) {
        if (to > from && emit_line(g, chunk, out, line + from, to - from) < 0)
            return -1;
        at = to > from ? to : next_character(line, size, from);
    }
    return found < 0 ? -1 : 0;
}

enum { NONE, MAY_MATCH, MATCHES };

/* Goes on to the next line that may match, as what stands before it does not. Returns whether there
 * is one and what is known of it, or -1. */
static int skip_lines(const struct grep *g, const struct mr_chunk *chunk, struct mr_context *out,
                      size_t *at)
{
    size_t from = 0, to = 0;
    if (!g->by_chunk || g->invert)
        return *at < chunk->size ? MAY_MATCH : NONE;
    int found = *at < chunk->size
                    ? search(g, out, chunk->data, chunk->size, *at, &from, &to)
                    : 0;
    if (found <= 0)
        return found;
    if (from == chunk->size && chunk->data[from - 1] == '\n') /* behind the last line */
        return NONE;
    const unsigned char *before = memrchr(chunk->data + *at, '\n', from - *at);
    *at = before ? (size_t)(before - chunk->data) + 1 : *at;
    return memchr(chunk->data + from, '\n', to - from) == NULL ? MATCHES : MAY_MATCH;
}

/* Emits what is wanted of the chunk's lines. *lines becomes how many match. */
static int search_chunk(const struct grep *g, const struct mr_chunk *chunk, struct mr_context *out,
                        uint64_t *lines)
{
    const unsigned char *line;
    size_t at = 0, size, from = 0, to = 0;
    int more, found;
    while ((more = skip_lines(g, chunk, out, &at)) > 0 && mr_line_next(chunk, &at, &line, &size)) {
        found = more == MATCHES ? 1 : search(g, out, line, size, 0, &from, &to);
        if (found < 0)
            return -1;
        if (!found != g->invert)
            continue;
        ++*lines;
        if (g->count || (g->only_matching && g->invert))
            continue;
        if ((g->only_matching ? emit_matches(g, chunk, out, line, size)
                              : emit_line(g, chunk, out, line, size)) < 0)
            return -1;
    }
    return more < 0 ? -1 : 0;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct grep *g = state;
    struct counted counted = { 0, chunk->sources > 1 };
    unsigned char key[RANK_BYTES];
    if (search_chunk(g, chunk, out, &counted.lines) < 0)
        return -1;
    if (!g->count)
        return 0;
    rank_put(key, chunk->source);
    return mr_emit_value(out, key, sizeof key, &counted, sizeof counted);
}

#else /* WCMR_PCRE2 */

struct task {
    int unused;
};

static int ready(void *state, struct mr_error *err)
{
    (void)state;
    return mr_error_set(err, "this program was built without PCRE2, which grep needs: install its "
                             "development package (libpcre2-dev) and build it anew");
}

/* As nothing is ready, these are never called. */
static void release(void *state)
{
    (void)state;
}

static int begin(const void *state, void *own, struct mr_context *out)
{
    (void)state;
    (void)own;
    (void)out;
    return -1;
}

static int end(const void *state, void *own, struct mr_context *out)
{
    (void)state;
    (void)own;
    (void)out;
    return -1;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    (void)chunk;
    (void)out;
    return -1;
}

#endif

const struct mr_job job_grep = {
    .name = "grep",
    .summary = "the lines that match a pattern, as grep -aP has them",
    .usage = "PATTERN [FILE]...",
    .values = MR_BYTES,
    .order = MR_BY_KEY,
    .format = MR_LINES,
    .key_name = "file",
    .value_name = "line",
    .options = options,
    .state_size = sizeof(struct grep),
    .operand = operand,
    .ready = ready,
    .release = release,
    .fit = fit,
    .identify = identify,
    .whole_records = true,
    .task_size = sizeof(struct task),
    .begin = begin,
    .end = end,
    .map = map,
    .combine_values = combine,
    .reduce_values = reduce,
};
