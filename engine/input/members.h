/*
 * Members: where those of a compressed file begin, as far as they say how large they are.
 *
 * Each can be decoded alone. What is known of one is where the next begins, in the file and in the
 * text, so that a file is walked through without being decoded:
 *
 *     file   |gzip BC 300  ...|gzip BC 250 ... |gzip ...        BC: bgzip's own field, its size
 *     at     0                300              550
 *     text   0                1000             1800             beyond, nobody knows
 *
 * What a member says may be wrong; who decodes it finds out (decode.h).
 */
#ifndef MR_INPUT_MEMBERS_H
#define MR_INPUT_MEMBERS_H

#include "input/coded_blocks.h"
#include "input/peek.h"
#include "input/zstd_seekable.h"

struct mr_members {
    struct mr_peek peek;
    struct mr_zstd_seekable table;  /* of zstd's, if there is one */
    const struct mr_coding *coding; /* of the file */
    void *blocks;                   /* which stand for members: state of coding->blocks; or NULL */
    struct mr_member member;        /* the one there */
    uint64_t at, text;              /* where it begins */
};

/* Begins before the first member of an open source. End it in the end. */
void mr_members_begin(struct mr_members *m, const struct mr_source *source, int fd,
                      const struct mr_coding *coding);

/* Goes on to the next member. Returns 1, 0 where the file ends or does not say more, or -1. */
int mr_members_next(struct mr_members *m, struct mr_error *err);

void mr_members_end(struct mr_members *m);

#endif
