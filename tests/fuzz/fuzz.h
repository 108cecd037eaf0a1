/*
 * What the fuzzers share: a check, the choices that an input's first bytes make, and temporary
 * files in memory.
 *
 * A fuzzer is one function that is given any bytes and ends the program where something that it
 * holds true is not. libFuzzer calls it with bytes of its making; driver.c with those of files.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "mapreduce.h"
#include "store/spool.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELPER static __attribute__((unused))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- checks ----------------------------------------------------------------------------- */

/* Where the engine says what went wrong. */
HELPER struct mr_error failure;

/* What a fuzzer holds true. */
#define hold(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* An engine call that must succeed. */
#define must(call)                                                                                 \
    do {                                                                                           \
        if ((call) < 0) {                                                                          \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, failure.text);           \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* An engine call that may fail, and then says why. Whether it has succeeded. */
#define may(call) (failure.text[0] = '\0', said((call) >= 0))

HELPER bool said(bool good)
{
    hold(good || failure.text[0] != '\0');
    return good;
}

HELPER void *get_memory(size_t size)
{
    void *at = malloc(size ? size : 1);
    hold(at != NULL);
    return at;
}

/* A copy of bytes with nothing of ours around it, so that AddressSanitizer sees who leaves it. */
HELPER unsigned char *copy_of(const void *bytes, size_t size)
{
    unsigned char *copy = get_memory(size);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

/* ---- choices ---------------------------------------------------------------------------- */

/* An input's bytes, taken from the front as what they choose. */
struct choices {
    const uint8_t *at;
    size_t left;
};

/* The next byte, 0 when there are no more. */
HELPER unsigned choose(struct choices *c)
{
    if (c->left == 0)
        return 0;
    c->left--;
    return *c->at++;
}

/* As many bytes as the next byte says, as choices of their own. */
HELPER struct choices choose_list(struct choices *c)
{
    size_t count = choose(c);
    struct choices list = { c->at, count < c->left ? count : c->left };
    c->at += list.left;
    c->left -= list.left;
    return list;
}

/* ---- temporary files -------------------------------------------------------------------- */

/* A store of spools in memory; it has no directory, so nothing can come to a disk. */
HELPER struct mr_store store = { .fd = -1, .allowed = 1 << 30, .fd_limit = 1 << 10 };

HELPER void make_spool(struct mr_spool *spool, const unsigned char *bytes, size_t size)
{
    mr_spool_create(spool, &store, "fuzz", 1);
    must(mr_spool_append(spool, &store, bytes, size, &failure));
    must(mr_spool_finish(spool, &store, &failure));
    must(mr_spool_commit(spool, &store, &failure));
}

#endif
