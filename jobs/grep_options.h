/* What grep was asked for. */
#ifndef GREP_OPTIONS_H
#define GREP_OPTIONS_H

#include "text/line_search.h"

struct grep {
    struct line_search search;
    bool count, invert, ignore_case, literal, only_matching, with_name, without_name;
};

/* The options that make it, which starts as zeros; an operand, which is the pattern unless -e was
 * given; and what is to be done behind the last. */
extern const struct mr_option grep_options[];
int grep_operand(void *state, const char *text, struct mr_error *err);
int grep_ready(void *state, struct mr_error *err);
void grep_release(void *state);

/* Adds it to the job's identity. */
void grep_identify(const void *state, struct mr_identity *to);

#endif
