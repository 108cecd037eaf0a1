/*
 * Normalization: tokens that Unicode has for the same become the same, by form C or KC.
 *
 *     e + U+0301, U+00E9        ->  U+00E9 by either
 *     U+FB01 (a ligature), fi   ->  fi by KC
 *
 * A byte that is no part of valid UTF-8 stays, and what stands around it is not joined. A character
 * is held until the marks behind it are known, MARKS_MAX of them at most: there a new one begins.
 */
#ifndef NORMALIZE_H
#define NORMALIZE_H

#include "batch.h"

enum normal_form { NORMAL_NONE, NORMAL_NFC, NORMAL_NFKC };

/* How tokens are written. Where case is folded, they are normalized before and behind that, as what
 * is folded may be joined: J has no U+030C in one character, j has. */
struct normal {
    enum normal_form form; /* NORMAL_NONE: as they are */
    bool fold;
};

enum { MARKS_MAX = 1000 };

/* No normalization takes more than so many times the bytes. */
enum { NORMALIZE_GROWTH = 12 };

/* Finds a form by its name; NORMAL_NONE where there is none of that. */
enum normal_form normalize_find(const char *name);

/* Writes a token by a struct normal to `to`, which has room. Returns its size. */
size_t normalize(const void *normal, const unsigned char *token, size_t size, unsigned char *to);

/* A stream of characters, and of bytes that are none, which go through libunistring to put. */
struct normal_stream {
    struct uninorm_filter *filter, *again; /* libunistring's; the second for what is folded */
    size_t marks;                          /* that are held behind one character */
    int (*put)(void *arg, const unsigned char *bytes, size_t size);
    void *arg;
};

/* A sink: whole tokens and such as come in parts. */
struct normalizer {
    struct sink sink;
    struct batch batch; /* of what they become */
    struct normal_stream stream;
    bool failed;        /* what was put has */
};

/* Makes one, whose tokens go to a sink (NULL: they are emitted). Returns 0 or -1. */
int normalizer_init(struct normalizer *n, struct normal normal, struct sink *to,
                    struct mr_context *out);

#endif
