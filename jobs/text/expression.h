/*
 * A Perl regular expression (PCRE2), and searching for it in lines.
 *
 *     a(.)     in "ab ac"     match "ab", group "b"; match "ac", group "c"; none
 *
 * Text is taken for UTF-8; bytes that are none of it match nothing but themselves.
 */
#ifndef EXPRESSION_H
#define EXPRESSION_H

#include "mapreduce.h"

struct expression {
    const char *pattern; /* NULL: none was given */
    bool ignore_case;
    bool literal;           /* the pattern is the very text that is looked for */
    bool wants_utf8;        /* bytes that are no UTF-8 cannot be searched: see expression.c */
    unsigned char line_end; /* LF: several lines may be searched at once; or NUL: one by one */
    void *code;             /* compiled; and PCRE2's own for searching: */
    void *match, *context, *stack;
};

/* Compiles the pattern, and gets what searching needs, of which each process that is forked later
 * has its own. Returns 0 or -1; release it in either case. */
int expression_ready(struct expression *e, struct mr_error *err);
void expression_release(struct expression *e);

struct found {
    size_t from, to;             /* the match; where it has no bytes, the same, or to is less */
    size_t group_from, group_to; /* the same of its first group, or, without groups, of itself */
};

/* Finds the first match that begins at *at or behind it; *at is 0 the first time. Sets *at to where
 * to search for the next: behind a match of no bytes, that is one character further. Returns 1, 0
 * where there is none, or -1. */
int expression_next(const struct expression *e, struct mr_context *out, const unsigned char *bytes,
                    size_t size, size_t *at, struct found *found);

#endif
