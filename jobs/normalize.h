/*
 * Normalization: tokens that Unicode has for the same become the same, by form C or KC.
 *
 *     e + U+0301, U+00E9        ->  U+00E9 by either
 *     U+FB01 (a ligature), fi   ->  fi by KC
 *
 * A byte that is no part of valid UTF-8 stays, and what stands around it is not joined.
 */
#ifndef NORMALIZE_H
#define NORMALIZE_H

#include "batch.h"

enum form { FORM_NONE, FORM_NFC, FORM_NFKC };

/* No normalization takes more than so many times the bytes. */
enum { NORMALIZE_GROWTH = 12 };

/* Finds a form by its name; FORM_NONE where there is none of that. */
enum form normalize_find(const char *name);

/* Writes a token by a form, an enum form, to `to`, which has room. Returns its size. */
size_t normalize(const void *form, const unsigned char *token, size_t size, unsigned char *to);

/* A sink: whole tokens and such as come in parts. */
struct normalizer {
    struct sink sink;
    struct batch batch; /* of what they become */
    void *filter;       /* libunistring's */
    bool failed;        /* what was put has */
};

/* Makes one, whose tokens go to a sink (NULL: they are emitted). Returns 0 or -1. */
int normalizer_init(struct normalizer *n, enum form form, struct sink *to, struct mr_context *out);

void normalizer_release(struct normalizer *n);

#endif
