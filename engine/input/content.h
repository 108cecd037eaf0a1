/*
 * The content of a piece of a source: its text, decompressed and in UTF-8, as a stream of bytes.
 *
 *     file  ->  decoder, if it begins as a coding does  ->  transcoder, if it is not UTF-8
 *
 * What it is, is known by its first bytes; what begins as a type of file that is not understood is
 * refused.
 */
#ifndef MR_INPUT_CONTENT_H
#define MR_INPUT_CONTENT_H

#include "base/progress.h"
#include "input/coded_blocks.h"
#include "input/decode_ahead.h"
#include "input/encoding.h"
#include "input/file_type.h"
#include "input/unmarked.h"

struct mr_content {
    const struct mr_source *source;
    int fd;
    bool close_fd;
    bool ended;             /* the file has no more; what a terminal has after its end is not asked
                               for */
    _Atomic uint64_t taken; /* bytes taken from the file itself, by a thread where it is decoded
                               ahead */
    uint64_t from, to;      /* of the piece's members, if it is cut where these begin; or 0 */
    uint64_t holds;         /* bytes of text in those */
    struct mr_decoder *decoder;           /* NULL: the file is not compressed */
    const struct mr_coded_blocks *blocks; /* how it is read where it is cut into these, */
    void *block;                          /* and the state of that; NULL: it is not */
    struct mr_decode_ahead *ahead;        /* the thread that decodes; NULL: none, or none yet */
    struct mr_transcoder *transcoder;     /* NULL: the text is UTF-8, or taken for it */
    enum mr_unmarked unmarked;            /* what its text seems to be, and was not decoded as */
    unsigned char head[MR_FILE_TYPE_HEAD]; /* of the text, read to know what it is */
    size_t head_size, head_given;
    _Atomic uint64_t *progress; /* of the task that reads; NULL: nobody's */
};

/* Opens the content of a piece, whose source must stand as long. Of one that does not begin its
 * file, and is not cut where members begin, it is the plain bytes from its start on. Returns 0 or
 * -1; close it in either case. */
int mr_content_open(struct mr_content *c, const struct mr_piece *piece, struct mr_error *err);

/* Goes to a byte of a file that is not decoded. */
void mr_content_seek(struct mr_content *c, uint64_t at);

/* From here on, decodes in a thread what is large enough to be worth one. */
void mr_content_decode_ahead(struct mr_content *c);

/* Reads up to size bytes, fewer only at the end. Returns the bytes or -1. */
ssize_t mr_content_read(struct mr_content *c, unsigned char *to, size_t size,
                        struct mr_error *err);

/* Checks that a regular file has, at its end, the size it was found with, and before no more.
 * Returns 0, or -1 (final). */
int mr_content_check_size(const struct mr_content *c, bool at_end, struct mr_error *err);

void mr_content_close(struct mr_content *c);

#endif
