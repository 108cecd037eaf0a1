/*
 * Kinds of files that are known by their first bytes and not understood. Counted as they are, they
 * would give words that nobody wrote; so each is refused, with the command that makes it readable:
 *
 *     FF FE 61 00   ->  UTF-16 text   ->  iconv -f UTF-16 -t UTF-8 'a.txt' | wc-mr
 *     28 B5 2F FD   ->  a zstd file   ->  zstdcat 'a.zst' | wc-mr
 *
 * The same for what a gzip file holds. Gzip itself is understood (input/gzip.c), but not twice.
 */
#ifndef MR_INPUT_KIND_H
#define MR_INPUT_KIND_H

#include "input/source.h"

/* The bytes of a beginning by which every kind can be told: a block of tar. */
enum { MR_KIND_HEAD = 512 };

/* What begins so, as "a zstd file"; NULL: anything that is counted as it is, or gzip. */
const char *mr_kind_name(const unsigned char *head, size_t size);

/* Refuses a source that begins so, unless it is to be counted whatever it is. head has the first
 * MR_KIND_HEAD bytes, fewer if there are no more, of the source, or with inflated of what its gzip
 * holds. Returns 0 or -1 (final). */
int mr_kind_check(const struct mr_source *s, const unsigned char *head, size_t size,
                  bool inflated, struct mr_error *err);

#endif
