/*
 * The reader: from a piece of a source to chunks of whole records of its content (content.h).
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

#include "input/content.h"
#include "input/record_ends.h"
#include "input/rows.h"

struct mr_reader {
    const struct mr_source *source;
    struct mr_content content; /* of the piece */
    struct mr_record_ends ends;
    uint64_t start, end;  /* of the piece; end is MR_TO_END for a whole file */
    uint64_t base;        /* where in the source the next chunk begins */
    uint64_t beyond;      /* bytes read past the piece's end at a time */
    const unsigned char *rest; /* bytes that were read, and are behind the last chunk */
    size_t rest_size;
    bool begun;     /* the first bytes were read */
    bool skipping;  /* the piece's first record start is yet to be found */
    bool in_record; /* the last chunk was a part of a record, and more of it comes */
    bool at_end;    /* all of the content was read */
    bool done;      /* all records of the piece were given */
    bool given;     /* a chunk was: an empty file has one, too */
    /* Of a source with quotes: */
    enum mr_row_state row; /* where the next chunk begins */
    uint64_t open_at;      /* where the quote stands that was opened last; */
    uint64_t open_line;    /* the lines before it, of what cannot be read again, */
    uint64_t lines;        /* and those before the next chunk */
    bool cr;               /* the byte before that is a CR */
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
