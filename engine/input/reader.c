/* The reader: chunks of whole records from pieces cut anywhere. */
#include "input/reader.h"

#include "base/error.h"
#include "base/io.h"
#include "base/utf8.h"

#include <string.h>
#include <unistd.h>

/* How far past its end a piece is read at first, for the end of its last record. Each time that it
 * is not found, it is read twice as far: records are short, but for those that are huge. */
enum { BEYOND = 1 << 12 };

/* Bytes of a compressed file: with less, starting a thread takes longer. */
enum { WORTH_A_THREAD = 1 << 20 };

/* Bytes of a byte order mark. */
enum { MARK = 3 };

#define NOT_FOUND SIZE_MAX

/* ---- bytes ------------------------------------------------------------------------------ */

/* Takes up to size bytes from the file, fewer only at its end. */
static ssize_t take(void *arg, unsigned char *to, size_t size, struct mr_error *err)
{
    struct mr_reader *r = arg;
    if (r->ended)
        return 0;
    ssize_t got = r->source->stream
                      ? mr_read_full(r->fd, to, size)
                      : mr_pread_full(r->fd, to, size, r->source->base + (off_t)r->taken);
    if (got < 0) /* a device or a network may do better next time */
        return mr_error_system(err, "cannot read '%s' at byte %llu", mr_source_name(r->source),
                               (unsigned long long)r->taken);
    mr_progress_read(r->progress, (size_t)got);
    r->ended = (size_t)got < size;
    r->taken += (uint64_t)got;
    return got;
}

/* The same of what stands for the file where its coding has it cut into blocks. */
static ssize_t take_blocks(void *arg, unsigned char *to, size_t size, struct mr_error *err)
{
    struct mr_reader *r = arg;
    ssize_t got = r->blocks->give(r->block, to, size, err);
    mr_progress_read(r->progress, got > 0 ? (size_t)got : 0);
    r->taken = r->blocks->taken(r->block);
    return got;
}

static uint64_t place_in_blocks(const void *arg, uint64_t given)
{
    const struct mr_reader *r = arg;
    return r->blocks->place(r->block, given);
}

/* Takes up to size bytes of what a compressed file holds. */
static ssize_t decode(void *arg, unsigned char *to, size_t size, struct mr_error *err)
{
    struct mr_reader *r = arg;
    return mr_decoder_read(r->decoder, to, size, err);
}

/* Decodes a large file in a thread; a stream is read by a process of its own already. */
static void look_ahead(struct mr_reader *r)
{
    if (r->decoder && !r->source->stream && r->source->size >= WORTH_A_THREAD)
        r->ahead = mr_decode_ahead_start(decode, r);
}

/* Takes up to size bytes of the file, decompressed if need be. */
static ssize_t take_decoded(void *arg, unsigned char *to, size_t size, struct mr_error *err)
{
    struct mr_reader *r = arg;
    if (r->ahead)
        return mr_decode_ahead_read(r->ahead, to, size, err);
    return r->decoder ? mr_decoder_read(r->decoder, to, size, err) : take(r, to, size, err);
}

/* Takes up to size bytes of its text, decompressed and in UTF-8. */
static ssize_t take_content(struct mr_reader *r, unsigned char *to, size_t size,
                            struct mr_error *err)
{
    return r->transcoder ? mr_transcoder_read(r->transcoder, to, size, err)
                         : take_decoded(r, to, size, err);
}

/* Reads the text's first bytes, by which its kind is known; read_content gives them again. Returns
 * 0 or -1. */
static int read_head(struct mr_reader *r, struct mr_error *err)
{
    ssize_t got = take_content(r, r->head, sizeof r->head, err);
    if (got < 0)
        return -1;
    r->head_size = (size_t)got;
    return 0;
}

/* Reads up to size bytes of the text, fewer only at its end. */
static ssize_t read_content(struct mr_reader *r, unsigned char *to, size_t size,
                            struct mr_error *err)
{
    size_t left = r->head_size - r->head_given, from_head = left < size ? left : size;
    memcpy(to, r->head + r->head_given, from_head);
    r->head_given += from_head;
    if (from_head == size)
        return (ssize_t)size;
    ssize_t got = take_content(r, to + from_head, size - from_head, err);
    return got < 0 ? -1 : (ssize_t)from_head + got;
}

static bool is_mark(const unsigned char *bytes, size_t n)
{
    return n >= MARK && memcmp(bytes, "\xEF\xBB\xBF", MARK) == 0;
}

/* The file is not any more as it was when it was cut. */
static int lost(const struct mr_reader *r, struct mr_error *err)
{
    if (mr_source_check(r->source, r->fd, err) == 0)
        mr_error_set(err, "cannot read '%s': nothing compressed begins any more at byte %llu",
                     mr_source_name(r->source), (unsigned long long)r->from);
    return -1;
}

static int begin_blocks(struct mr_reader *r, const struct mr_coded_blocks *blocks,
                        struct mr_error *err)
{
    int found = blocks->open(&r->block, r->source, r->fd, err);
    if (found <= 0)
        return found < 0 ? -1 : lost(r, err);
    r->blocks = blocks;
    if (!blocks->begin(r->block, r->from))
        return lost(r, err);
    r->taken = blocks->taken(r->block);
    r->head_size = 0;
    return 0;
}

/* A compressed file is known by its first bytes. */
static int begin_decoder(struct mr_reader *r, const struct mr_coding *coding, struct mr_error *err)
{
    struct mr_coded coded = { coding, take, r, mr_source_name(r->source),
                              r->source->decode_memory, NULL };
    bool cut = r->from > 0 || r->to > 0;
    if (cut && coding->blocks) {
        if (begin_blocks(r, coding->blocks, err) < 0)
            return -1;
        coded.source = take_blocks;
        coded.place = place_in_blocks;
    }
    r->decoder = mr_decoder_open(&coded, r->head, r->head_size);
    if (r->decoder == NULL)
        return mr_error_memory(err, 1 << 17, "decompression");
    if (cut && r->blocks == NULL)
        mr_decoder_expect(r->decoder, r->from, r->to, r->end - (r->from > 0 ? r->start : 1));
    return read_head(r, err);
}

/* Finds the coding of what stands at a byte of the file. */
static int find_coding(struct mr_reader *r, uint64_t at, const struct mr_coding **coding,
                       struct mr_error *err)
{
    r->taken = at;
    r->ended = false;
    if (read_head(r, err) < 0)
        return -1;
    *coding = mr_coding_find(r->head, r->head_size);
    return 0;
}

/* The members of a piece that does not begin its file, or its blocks, which do not say what they
 * are: its first bytes do. */
static int begin_members(struct mr_reader *r, struct mr_error *err)
{
    const struct mr_coding *coding;
    if (find_coding(r, 0, &coding, err) < 0)
        return -1;
    bool in_blocks = coding != NULL && coding->blocks != NULL;
    if (!in_blocks && find_coding(r, r->from, &coding, err) < 0)
        return -1;
    return coding && coding->open ? begin_decoder(r, coding, err) : lost(r, err);
}

/* A piece that does not begin its file is read from the byte before it, which may end the record
 * before. A byte order mark is no record's: it belongs to the file's first piece. */
static int begin_inside(struct mr_reader *r, struct mr_error *err)
{
    unsigned char first[MARK];
    if (r->source->quotes) { /* it begins where a record does */
        r->base = r->start;
        r->taken = r->start;
        return 0;
    }
    r->skipping = true;
    if (r->from > 0) {
        r->base = r->start - 1;
        return begin_members(r, err);
    }
    if (r->start <= MARK) {
        ssize_t got = take(r, first, MARK, err);
        if (got < 0 || is_mark(first, (size_t)got)) {
            r->base = MARK;
            return got < 0 ? -1 : 0;
        }
    }
    r->base = r->start - 1;
    r->taken = r->base;
    r->ended = false;
    return 0;
}

/* Decodes text whose encoding was given, or is told by a byte order mark. */
static int begin_text(struct mr_reader *r, struct mr_error *err)
{
    const char *encoding = r->source->encoding;
    if (encoding == NULL && !r->source->as_bytes)
        encoding = mr_encoding_of_mark(r->head, r->head_size);
    if (encoding == NULL) {
        r->unmarked = mr_encoding_unmarked(r->head, r->head_size);
        return 0;
    }
    r->transcoder = mr_transcoder_open(encoding, take_decoded, r, mr_source_name(r->source),
                                       r->head, r->head_size, err);
    return r->transcoder == NULL ? -1 : read_head(r, err);
}

static int begin_file(struct mr_reader *r, struct mr_error *err)
{
    if (read_head(r, err) < 0)
        return -1;
    bool whole = r->end == MR_TO_END;
    const struct mr_coding *coding = mr_coding_find(r->head, r->head_size);
    if (coding && (coding->open == NULL || (!whole && r->to == 0)))
        coding = NULL;
    if ((coding && begin_decoder(r, coding, err) < 0) ||
        mr_file_type_check(r->source, r->head, r->head_size, coding, err) < 0)
        return -1;
    if (whole)
        return begin_text(r, err);
    r->unmarked = mr_encoding_unmarked(r->head, r->head_size);
    return 0;
}

void mr_reader_watch(struct mr_reader *r, _Atomic uint64_t *progress)
{
    r->progress = progress;
    if (r->start == 0)
        mr_progress_read(progress, (size_t)r->taken);
}

int mr_reader_open_piece(struct mr_reader *r, const struct mr_piece *piece, struct mr_error *err)
{
    memset(r, 0, sizeof *r);
    r->source = piece->source;
    mr_record_ends_init(&r->ends, &r->source->records->ends);
    r->end = piece->end;
    r->start = piece->start;
    r->from = piece->from;
    r->to = piece->to;
    r->beyond = BEYOND;
    r->fd = mr_source_open(r->source, &r->close_fd, err);
    if (r->fd < 0)
        return -1;
    return r->start > 0 ? begin_inside(r, err) : begin_file(r, err);
}

int mr_reader_open(struct mr_reader *r, const struct mr_source *source, uint64_t start,
                   uint64_t end, struct mr_error *err)
{
    struct mr_piece piece = { source, start, end, 0, 0 };
    return mr_reader_open_piece(r, &piece, err);
}

void mr_reader_close(struct mr_reader *r)
{
    mr_decode_ahead_stop(r->ahead);
    r->ahead = NULL;
    mr_transcoder_close(r->transcoder);
    r->transcoder = NULL;
    mr_decoder_close(r->decoder);
    r->decoder = NULL;
    if (r->block != NULL)
        r->blocks->close(r->block);
    r->block = NULL;
    if (r->close_fd)
        mr_close(&r->fd);
}

/* A regular file must have the size it was found with. Not so the kernel's; and of a file that was
 * empty, some file systems only do not know the size: mr_source_check is what finds it grown. */
static int check_size(const struct mr_reader *r, struct mr_error *err)
{
    uint64_t size = r->source->size;
    if (r->source->stream || size == 0 || r->taken == size)
        return 0;
    mr_error_set(err, "'%s' %s while it was being read: it had %llu bytes, now %s%llu; run again "
                      "when it is at rest", mr_source_name(r->source),
                 r->taken < size ? "shrank" : "grew", (unsigned long long)size,
                 r->taken < size ? "" : "at least ", (unsigned long long)r->taken);
    return mr_error_final(err);
}

/* Fills the buffer behind its n bytes. Returns how many it then has, or -1. */
static ssize_t fill(struct mr_reader *r, unsigned char *buffer, size_t n, size_t room,
                    struct mr_error *err)
{
    if (!r->begun)
        look_ahead(r);
    size_t want = room - n;
    uint64_t have_to = r->base + n;
    uint64_t last = r->end == MR_TO_END || have_to >= r->end ? 0 : r->end - have_to;
    if (r->end != MR_TO_END && want > last + r->beyond) {
        want = (size_t)(last + r->beyond);
        r->beyond *= 2;
    }
    ssize_t got = read_content(r, buffer + n, want, err);
    if (got < 0)
        return -1;
    r->at_end = (size_t)got < want;
    bool grown = r->source->size > 0 && r->taken > r->source->size;
    if ((r->at_end || grown) && check_size(r, err) < 0)
        return -1;
    return (ssize_t)n + got;
}

/* ---- records ---------------------------------------------------------------------------- */

static bool ends(const struct mr_reader *r, unsigned char byte)
{
    return r->source->records->ends.has[byte];
}

/* Where the record after the end byte at p starts; p + 2 for a CR LF. */
static size_t after(const struct mr_reader *r, const unsigned char *bytes, size_t n, size_t p)
{
    bool both = bytes[p] == '\r' && p + 1 < n && bytes[p + 1] == '\n' && ends(r, '\n');
    return p + 1 + both;
}

/* A start of a record is known when a byte stands there or the source ends there. */
static bool known(const struct mr_reader *r, size_t start, size_t n)
{
    return start < n || r->at_end;
}

/* The first record start that follows an end byte at from or later. */
static size_t first_start(const struct mr_reader *r, const unsigned char *bytes, size_t n,
                          size_t from)
{
    size_t end = mr_record_ends_first(&r->ends, bytes, n, from);
    if (end == n)
        return NOT_FOUND;
    size_t start = after(r, bytes, n, end);
    return known(r, start, n) ? start : NOT_FOUND;
}

/* The last record start that has bytes behind it. */
static size_t last_start(const struct mr_reader *r, const unsigned char *bytes, size_t n)
{
    for (size_t start = n; start-- > 1;)
        if (ends(r, bytes[start - 1]) && after(r, bytes, n, start - 1) == start)
            return start;
    return NOT_FOUND;
}

/* Drops what comes before the piece's first record. Returns the bytes left in the buffer; sets
 * done when no record starts in the piece, and leaves skipping set when more must be read. */
static size_t skip(struct mr_reader *r, unsigned char *buffer, size_t n)
{
    size_t start = first_start(r, buffer, n, 0);
    bool found = start != NOT_FOUND;
    if (!found) {
        /* An end byte at the very end cannot be judged yet: it stays. */
        start = n > 0 && ends(r, buffer[n - 1]) && !r->at_end ? n - 1 : n;
        if (start == 0 && n > 0)
            return n;
    }
    r->base += start;
    n -= start;
    memmove(buffer, buffer + start, n);
    r->skipping = !found;
    bool past = r->base >= r->end && (found || r->base > r->end);
    r->done = past || (r->at_end && (!found || n == 0));
    return n;
}

/* A byte order mark is not part of the first record. */
static size_t skip_mark(struct mr_reader *r, unsigned char *buffer, size_t n)
{
    if (!is_mark(buffer, n))
        return n;
    r->base += MARK;
    memmove(buffer, buffer + MARK, n - MARK);
    return n - MARK;
}

/* How much of a full buffer, with no end in sight, is the next part. The last byte waits, as it may
 * be the record's end; so does the CR before it, if they are a CR LF. */
static size_t part_size(const struct mr_reader *r, const unsigned char *buffer, size_t n)
{
    size_t size = n - 1 - ends(r, buffer[n - 2]);
    return size - mr_utf8_unfinished(buffer, size);
}

/* How much of the buffer's n bytes is the next chunk: whole records, or a part of one that is
 * larger than the buffer. NOT_FOUND: more must be read. */
static size_t cut(struct mr_reader *r, const unsigned char *buffer, size_t n, size_t room,
                  enum mr_part *part)
{
    *part = r->in_record ? MR_LAST : MR_WHOLE;
    /* The records that start before the piece's end; the rest of the current one. */
    uint64_t left = r->end > r->base ? r->end - r->base : 0;
    size_t size = NOT_FOUND;
    if (r->in_record || left <= n)
        size = first_start(r, buffer, n, r->in_record || left == 0 ? 0 : (size_t)left - 1);
    if (size == NOT_FOUND && r->at_end)
        size = n;
    if (size == NOT_FOUND && !r->in_record)
        size = last_start(r, buffer, n);
    if (size != NOT_FOUND || n < room)
        return size;
    *part = r->in_record ? MR_MIDDLE : MR_FIRST;
    return part_size(r, buffer, n);
}

/* ---- records with quotes ---------------------------------------------------------------- */

/* Says where the quote was opened that is not closed. */
static int unclosed(const struct mr_reader *r, uint64_t line, struct mr_error *err)
{
    uint64_t before = 0;
    if (r->start > 0 && mr_rows_lines_before(r->source, r->start, &before, err) < 0)
        return -1;
    before += line + 1;
    mr_error_set(err, "'%s' has a quote in line %llu that is not closed: close it, or count the "
                      "file without minding quotes", mr_source_name(r->source),
                 (unsigned long long)before);
    return mr_error_final(err);
}

/* What is known of the next chunk, before it is given. */
static void pass(struct mr_reader *r, const struct mr_rows *rows, const unsigned char *bytes,
                 size_t size)
{
    size_t opened = rows->opened != MR_ROW_NONE ? rows->opened : 0;
    uint64_t lines = mr_rows_lines(bytes, opened, &r->cr);
    if (rows->opened != MR_ROW_NONE)
        r->open_line = r->lines + lines;
    r->lines += lines + mr_rows_lines(bytes + opened, size - opened, &r->cr);
    r->row = rows->state;
}

/* How much of the buffer's n bytes is whole records, or the rest of the current one; or
 * NOT_FOUND. Leaves in rows what is known at its end. A piece ends where a record does. */
static size_t find_rows(const struct mr_reader *r, const unsigned char *buffer, size_t n,
                        struct mr_rows *rows)
{
    uint64_t left = r->end > r->base ? r->end - r->base : 0;
    size_t limit = left < n ? (size_t)left : n;
    bool all = limit < n || r->at_end; /* nothing of the piece is behind these */
    *rows = (struct mr_rows){ r->source->records, r->source->quotes, r->row, 0, 0, 0 };
    mr_rows_scan(rows, buffer, limit);
    if (all && !r->in_record)
        return limit;
    size_t end = r->in_record ? rows->first : rows->last;
    if (end != MR_ROW_NONE && !known(r, after(r, buffer, n, end), n)) {
        rows->state = r->row;
        /* That one must wait, and the CR of a CR LF with it. */
        bool both = end > 0 && after(r, buffer, n, end - 1) == end + 1;
        mr_rows_scan(rows, buffer, end - both);
        end = r->in_record ? MR_ROW_NONE : rows->last;
    }
    if (end == MR_ROW_NONE)
        return all ? limit : NOT_FOUND;
    rows->state = MR_ROW_START;
    rows->opened = MR_ROW_NONE;
    return after(r, buffer, n, end);
}

/* As cut, for records with quotes. Returns 0, or -1 where the file ends in quotes. */
static int cut_rows(struct mr_reader *r, const unsigned char *buffer, size_t n, size_t room,
                    enum mr_part *part, size_t *size, struct mr_error *err)
{
    struct mr_rows rows;
    *size = find_rows(r, buffer, n, &rows);
    *part = r->in_record ? MR_LAST : MR_WHOLE;
    if (*size == NOT_FOUND && n < room)
        return 0;
    if (*size == NOT_FOUND) {
        *part = r->in_record ? MR_MIDDLE : MR_FIRST;
        *size = part_size(r, buffer, n);
        rows.state = r->row;
        mr_rows_scan(&rows, buffer, *size);
    }
    pass(r, &rows, buffer, *size);
    if (r->row == MR_ROW_QUOTED && r->at_end && *size == n)
        return unclosed(r, r->open_line, err);
    return 0;
}

static void give(struct mr_reader *r, const unsigned char *buffer, size_t size,
                 enum mr_part part, bool ends_file, struct mr_chunk *chunk)
{
    *chunk = mr_source_chunk(r->source, buffer, size, r->base);
    chunk->part = part;
    chunk->begins_file = r->start == 0 && !r->given;
    chunk->ends_file = ends_file;
    r->base += size;
    r->given = true;
}

/* There is no more. Returns 1 when that is told by an empty chunk, as it is of an empty file, 0, or
 * -1. */
static int end_piece(struct mr_reader *r, const unsigned char *buffer, struct mr_chunk *chunk,
                     struct mr_error *err)
{
    /* What was overwritten in place has the size it had. */
    if (mr_source_check(r->source, r->fd, err) < 0)
        return -1;
    if (r->given || r->start > 0)
        return 0;
    give(r, buffer, 0, MR_WHOLE, true, chunk);
    return 1;
}

int mr_reader_next(struct mr_reader *r, unsigned char *buffer, size_t room,
                   struct mr_chunk *chunk, struct mr_error *err)
{
    size_t n = r->rest_size, size = NOT_FOUND;
    memmove(buffer, r->rest ? r->rest : buffer, n);
    enum mr_part part = MR_WHOLE;
    while (!r->done) {
        if (n > 0 && r->begun && r->source->quotes &&
            cut_rows(r, buffer, n, room, &part, &size, err) < 0)
            return -1;
        if (n > 0 && r->begun && !r->skipping && !r->source->quotes)
            size = cut(r, buffer, n, room, &part);
        if (size != NOT_FOUND || (r->at_end && n == 0))
            break;
        ssize_t filled = fill(r, buffer, n, room, err);
        if (filled < 0)
            return -1;
        n = (size_t)filled;
        if (!r->begun && r->start == 0)
            n = skip_mark(r, buffer, n);
        r->begun = true;
        if (r->skipping)
            n = skip(r, buffer, n);
    }
    if (size == NOT_FOUND)
        return end_piece(r, buffer, chunk, err);
    r->rest = buffer + size;
    r->rest_size = n - size;
    bool ends_file = r->at_end && r->rest_size == 0;
    give(r, buffer, size, part, ends_file, chunk);
    r->in_record = part == MR_FIRST || part == MR_MIDDLE;
    r->done = ends_file || (r->base >= r->end && !r->in_record);
    return 1;
}
