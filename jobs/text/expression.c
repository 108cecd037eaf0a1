/* Regular expressions, by PCRE2. */
#include "expression.h"

#include "negations.h"
#include "out_of_memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#ifdef WCMR_PCRE2

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { STACK = 32 << 10, STACK_MAX = 8 << 20 }; /* bytes of the compiled code's stack */

static uint32_t flags_of(const struct expression *e)
{
    uint32_t flags = PCRE2_UTF | (e->wants_utf8 ? 0 : PCRE2_MATCH_INVALID_UTF);
    flags |= e->ignore_case ? PCRE2_CASELESS : 0;
    if (e->literal) /* which takes no other flags than these */
        return flags | PCRE2_LITERAL;
    return flags | (e->line_end == '\n' ? PCRE2_MULTILINE : PCRE2_DOLLAR_ENDONLY);
}

/* Compiles a pattern. Returns NULL, with *code and *at, where it is none. */
static pcre2_code *compile(const struct expression *e, const char *pattern, int *code,
                           PCRE2_SIZE *at)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    *code = PCRE2_ERROR_NOMEMORY;
    *at = 0;
    if (context == NULL)
        return NULL;
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_code *made = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, flags_of(e), code,
                                     at, context);
    pcre2_compile_context_free(context);
    return made;
}

/* Compiles the pattern again, so that it becomes machine code. Returns NULL where that would not
 * find the same: see negations.h. */
static pcre2_code *compile_for_machine(const struct expression *e)
{
    char *room = malloc(NEGATIONS_GROWTH * strlen(e->pattern) + 1);
    const char *pattern = e->literal ? e->pattern
                          : room && negations_to_classes(e->pattern, room) ? room
                                                                           : NULL;
    int code;
    PCRE2_SIZE at;
    pcre2_code *made = pattern ? compile(e, pattern, &code, &at) : NULL;
    free(room);
    if (made != NULL)
        (void)pcre2_jit_compile(made, PCRE2_JIT_COMPLETE);
    return made;
}

/* Has the pattern be machine code, or else be interpreted: then in UTF-8 only, as with other bytes
 * allowed, PCRE2 lets \z match before them, and reads on to the next of them for each match.
 * Returns 0 or -1. */
static int choose_code(struct expression *e)
{
    int code;
    PCRE2_SIZE at;
    pcre2_code *made = compile_for_machine(e);
    e->wants_utf8 = made == NULL;
    if (made == NULL)
        made = compile(e, e->pattern, &code, &at);
    pcre2_code_free(e->code);
    e->code = made;
    return made ? 0 : -1;
}

int expression_ready(struct expression *e, struct mr_error *err)
{
    int code;
    PCRE2_SIZE at;
    if (memchr(e->pattern, e->line_end, strlen(e->pattern)) != NULL)
        return mr_error_set(err, "the pattern has the end of a line in it, and so matches none");
    e->code = compile(e, e->pattern, &code, &at);
    if (e->code == NULL) {
        PCRE2_UCHAR text[256];
        pcre2_get_error_message(code, text, sizeof text);
        return mr_error_set(err, "'%s' is no pattern: %s, at its byte %zu", e->pattern,
                            (const char *)text, (size_t)at);
    }
    bool chosen = choose_code(e) == 0;
    e->match = chosen ? pcre2_match_data_create_from_pattern(e->code, NULL) : NULL;
    e->context = pcre2_match_context_create(NULL);
    e->stack = pcre2_jit_stack_create(STACK, STACK_MAX, NULL);
    if (e->match == NULL || e->context == NULL || e->stack == NULL)
        return out_of_memory(err, "searching for a pattern");
    pcre2_jit_stack_assign(e->context, NULL, e->stack);
    return 0;
}

void expression_release(struct expression *e)
{
    pcre2_code_free(e->code);
    pcre2_match_data_free(e->match);
    pcre2_match_context_free(e->context);
    pcre2_jit_stack_free(e->stack);
}

/* Where the character behind a place begins. */
static size_t next_character(const unsigned char *line, size_t size, size_t at)
{
    at++;
    while (at < size && (line[at] & 0xC0) == 0x80)
        at++;
    return at;
}

int expression_next(const struct expression *e, struct mr_context *out, const unsigned char *bytes,
                    size_t size, size_t *at, struct found *found)
{
    if (*at > size)
        return 0;
    if (e->wants_utf8 && *at == 0 && u8_check(bytes, size) != NULL)
        return mr_fail_for_good(out, "the pattern '%s' cannot be searched for in bytes that are no "
                                     "UTF-8, as it has \\D, \\S or \\W beside \\Q, a comment or "
                                     "such: write [^\\d], [^\\s] or [^\\w] instead", e->pattern);
    int result = pcre2_match(e->code, bytes, size, *at, e->wants_utf8 ? PCRE2_NO_UTF_CHECK : 0,
                             e->match, e->context);
    if (result == PCRE2_ERROR_NOMATCH)
        return 0;
    if (result < 0) {
        PCRE2_UCHAR text[256];
        pcre2_get_error_message(result, text, sizeof text);
        return mr_fail_for_good(out, "the pattern '%s' cannot be searched for in a line: %s",
                                e->pattern, (const char *)text);
    }
    /* A group that has no part in the match has the same two ends, too. */
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(e->match);
    const PCRE2_SIZE *group = pcre2_get_ovector_count(e->match) > 1 ? ends + 2 : ends;
    *found = (struct found){ ends[0], ends[1], group[0], group[1] };
    size_t next = ends[1] > ends[0] ? ends[1] : next_character(bytes, size, ends[0]);
    /* Where \K stands in a look-behind, a match may end where the search began. */
    *at = next > *at ? next : next_character(bytes, size, *at);
    return 1;
}

#else /* WCMR_PCRE2 */

int expression_ready(struct expression *e, struct mr_error *err)
{
    return mr_error_set(err, "the pattern '%s' needs PCRE2, without which this program was built: "
                             "install its development package (libpcre2-dev) and build it anew",
                        e->pattern);
}

/* As nothing is ready, these have nothing to do. */
void expression_release(struct expression *e)
{
    e->code = NULL;
}

int expression_next(const struct expression *e, struct mr_context *out, const unsigned char *bytes,
                    size_t size, size_t *at, struct found *found)
{
    (void)e, (void)bytes;
    *at = size;
    *found = (struct found){ 0, 0, 0, 0 };
    return mr_fail(out, "there is nothing to search with");
}

#endif
