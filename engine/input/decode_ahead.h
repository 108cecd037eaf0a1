/*
 * Decoding ahead: a thread decodes a large compressed file while its mapper counts what was decoded
 * before, so that both together take as long as the slower of them. What is decoded waits in a ring
 * of blocks:
 *
 *     thread   fills    0 1 2 3 0 1 ...       waits where all are full
 *     mapper   takes      0 1 2 3 0 ...       waits where none is
 */
#ifndef MR_INPUT_DECODE_AHEAD_H
#define MR_INPUT_DECODE_AHEAD_H

#include "input/decode.h"

struct mr_decode_ahead;

/* Starts to take from a source, which the thread alone calls from here on. NULL when there is no
 * thread or no memory to be had for it: then it can be done without. */
struct mr_decode_ahead *mr_decode_ahead_start(mr_coded_source *source, void *arg);

/* Gives up to size bytes, fewer only at the end. Returns the bytes or -1. */
ssize_t mr_decode_ahead_read(struct mr_decode_ahead *a, unsigned char *to, size_t size,
                             struct mr_error *err);

/* Ends the thread. The source is the caller's again. */
void mr_decode_ahead_stop(struct mr_decode_ahead *a);

#endif
