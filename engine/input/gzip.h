/*
 * Gzip input: a deflated source as the bytes it holds. Concatenated members are one stream, and
 * zeros behind the last are ignored, as gzip does; anything else wrong is an error.
 */
#ifndef MR_INPUT_GZIP_H
#define MR_INPUT_GZIP_H

#include "mapreduce.h"

#include <sys/types.h>

struct mr_gzip;

/* The first bytes by which a gzip file is known. */
enum { MR_GZIP_MAGIC = 2 };
bool mr_gzip_is(const unsigned char *bytes, size_t size);

/* Where deflated bytes come from: fills to with up to size bytes, 0 at the end, -1 failed. */
typedef ssize_t mr_gzip_source(void *arg, unsigned char *to, size_t size, struct mr_error *err);

/* Starts to inflate what was taken from the source already, size bytes (64K at most), and then the
 * rest of it. name is for messages. Returns NULL when memory is out. */
struct mr_gzip *mr_gzip_open(mr_gzip_source *source, void *arg, const char *name,
                             const unsigned char *taken, size_t size);

/* Inflates up to size bytes, fewer only at the end. Returns the bytes or -1. */
ssize_t mr_gzip_read(struct mr_gzip *g, unsigned char *to, size_t size, struct mr_error *err);

void mr_gzip_close(struct mr_gzip *g);

#endif
