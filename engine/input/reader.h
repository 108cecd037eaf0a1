/*
 * The reader: from a piece of a source to chunks of whole records.
 *
 * A piece is the bytes [start, end) of a source, cut without regard to records. The rule that
 * gives each record to exactly one piece: a record belongs to the piece its first byte is in.
 * So the reader of a piece that does not begin the file drops what comes before the first
 * record start in it, and reads past its end to finish its last record. "ab cd ef" cut in
 * pieces of 4 bytes, with blanks ending records:
 *
 *     pieces   |ab c|d ef|      first: "ab " "cd "      second: "ef"
 *
 * Of a compressed file, pieces begin where members do, and nothing before is read. There, a record
 * that begins where the members of a piece do is the piece's before, and is dropped unseen: start
 * and end are moved by one.
 *
 * A record end is only used once the byte after it is known, or that there is none: a CR may be
 * half of a CR LF, and the chunk at the end of a file says so. A file that holds nothing gives one
 * chunk all the same, for that.
 */
#ifndef MR_INPUT_READER_H
#define MR_INPUT_READER_H

#include "base/progress.h"
#include "input/decode_ahead.h"
#include "input/coded_blocks.h"
#include "input/encoding.h"
#include "input/record_ends.h"
#include "input/file_type.h"
#include "input/rows.h"

struct mr_reader {
    const struct mr_source *source;
    struct mr_record_ends ends;  /* of its records */
    int fd;
    bool close_fd;
    uint64_t start, end;  /* of the piece; end is MR_TO_END for a whole file */
    uint64_t from, to;    /* of its members, if it is cut where these begin; or 0 */
    _Atomic uint64_t taken; /* bytes taken from the file itself, by a thread where it is decoded
                               ahead */
    uint64_t base;        /* where in the source the next chunk begins */
    uint64_t beyond;      /* bytes read past the piece's end at a time */
    const unsigned char *rest; /* bytes that were read, and are behind the last chunk */
    size_t rest_size;
    bool ended; /* the file has no more; what a terminal has after its end is not asked for */
    bool begun, skipping, in_record, at_end, done;
    bool given; /* a chunk was: an empty file has one, too */
    struct mr_decoder *decoder; /* NULL: the file is not compressed */
    const struct mr_coded_blocks *blocks; /* how it is read where it is cut into these, */
    void *block;                /* and the state of that; NULL: it is not */
    struct mr_decode_ahead *ahead;     /* the thread that decodes; NULL: none, or none yet */
    struct mr_transcoder *transcoder; /* NULL: the text is UTF-8, or taken for it */
    enum mr_unmarked unmarked;  /* what its text seems to be, and was not decoded as */
    /* Of a source with quotes: */
    enum mr_row_state row;  /* where the next chunk begins */
    uint64_t lines;         /* that end before it, in the piece */
    bool cr;                /* and the byte before it is a CR */
    uint64_t open_line;     /* where the quote stands that was opened last, counted the same way */
    unsigned char head[MR_FILE_TYPE_HEAD]; /* of the content, read to know what it is */
    size_t head_size, head_given;
    _Atomic uint64_t *progress; /* of the task that reads (mr_reader_watch); or NULL */
};

/* Opens the piece [start, end) of a source. start is 0 and end MR_TO_END for streams, and for what
 * may be compressed or in another encoding, which is then decoded. What begins as a kind of file
 * that is not understood is refused. Returns 0 or -1. Close it in either case. */
int mr_reader_open(struct mr_reader *r, const struct mr_source *source, uint64_t start,
                   uint64_t end, struct mr_error *err);

/* The same for what a file was cut into. */
int mr_reader_open_piece(struct mr_reader *r, const struct mr_piece *piece, struct mr_error *err);

/* From here on what is read is progress of a task; so is what opening it has read. */
void mr_reader_watch(struct mr_reader *r, _Atomic uint64_t *progress);

/* Reads the next chunk into buffer, which has room bytes and MR_CHUNK_PAD more. The buffer of
 * the call before must still stand (it may be the same). Returns 1, 0 when there is no more,
 * or -1. */
int mr_reader_next(struct mr_reader *r, unsigned char *buffer, size_t room,
                   struct mr_chunk *chunk, struct mr_error *err);

void mr_reader_close(struct mr_reader *r);

#endif
