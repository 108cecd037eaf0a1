/* The reader: chunks of whole records from pieces cut anywhere. */
#include "input/reader.h"

#include "base/error.h"
#include "base/utf8.h"

#include <string.h>

/* How far past its end a piece is read at first, for the end of its last record. Each time that it
 * is not found, it is read twice as far: records are short, but for those that are huge. */
enum { BEYOND = 1 << 12 };

/* Bytes of a byte order mark. */
enum { MARK = 3 };

#define NOT_FOUND SIZE_MAX

/* ---- bytes ------------------------------------------------------------------------------ */

static bool is_mark(const unsigned char *bytes, size_t n)
{
    return n >= MARK && memcmp(bytes, "\xEF\xBB\xBF", MARK) == 0;
}

/* A piece that does not begin its file is read from the byte before it, which may end the record
 * before. A byte order mark is no record's: it belongs to the file's first piece. */
static int begin_inside(struct mr_reader *r, const struct mr_piece *piece, struct mr_error *err)
{
    unsigned char first[MARK];
    r->base = r->start;
    if (r->source->quotes) /* it begins where a record does */
        return 0;
    r->skipping = true;
    r->base--;
    if (piece->from > 0)
        return 0;
    if (r->start <= MARK) {
        mr_content_seek(&r->content, 0);
        ssize_t got = mr_content_read(&r->content, first, MARK, err);
        if (got < 0 || is_mark(first, (size_t)got)) {
            r->base = MARK;
            return got < 0 ? -1 : 0;
        }
    }
    mr_content_seek(&r->content, r->base);
    return 0;
}

void mr_reader_watch(struct mr_reader *r, _Atomic uint64_t *progress)
{
    r->content.progress = progress;
    if (r->start == 0)
        mr_progress_read(progress, (size_t)r->content.taken);
}

int mr_reader_open_piece(struct mr_reader *r, const struct mr_piece *piece, struct mr_error *err)
{
    memset(r, 0, sizeof *r);
    r->source = piece->source;
    mr_record_ends_init(&r->ends, &r->source->records->ends);
    r->start = piece->start;
    r->end = piece->end;
    r->beyond = BEYOND;
    if (mr_content_open(&r->content, piece, err) < 0)
        return -1;
    return r->start > 0 ? begin_inside(r, piece, err) : 0;
}

int mr_reader_open(struct mr_reader *r, const struct mr_source *source, uint64_t start,
                   uint64_t end, struct mr_error *err)
{
    struct mr_piece piece = { source, start, end, 0, 0 };
    return mr_reader_open_piece(r, &piece, err);
}

void mr_reader_close(struct mr_reader *r)
{
    mr_content_close(&r->content);
}

/* Fills the buffer behind its n bytes. Returns how many it then has, or -1. */
static ssize_t fill(struct mr_reader *r, unsigned char *buffer, size_t n, size_t room,
                    struct mr_error *err)
{
    if (!r->begun)
        mr_content_decode_ahead(&r->content);
    size_t want = room - n;
    uint64_t have_to = r->base + n;
    uint64_t last = r->end == MR_TO_END || have_to >= r->end ? 0 : r->end - have_to;
    if (r->end != MR_TO_END && want > last + r->beyond) {
        want = (size_t)(last + r->beyond);
        r->beyond *= 2;
    }
    ssize_t got = mr_content_read(&r->content, buffer + n, want, err);
    if (got < 0)
        return -1;
    r->at_end = (size_t)got < want;
    if (mr_content_check_size(&r->content, r->at_end, err) < 0)
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

/* Whether it is certain that a record starts there, or the source ends: the byte there was read, or
 * there is none. */
static bool is_certain(const struct mr_reader *r, size_t start, size_t n)
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
    return is_certain(r, start, n) ? start : NOT_FOUND;
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
        /* What an end byte at the very end ends is not known yet: it stays. */
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

/* Whether what is read may be read again, so that lines need only be counted for an error. */
static bool is_plain(const struct mr_reader *r)
{
    return r->content.decoder == NULL && r->content.transcoder == NULL && !r->source->stream;
}

/* Says where the quote was opened that is not closed. */
static int unclosed(const struct mr_reader *r, struct mr_error *err)
{
    uint64_t before = r->open_line;
    if (is_plain(r) && mr_rows_lines_before(r->source, r->open_at, &before, err) < 0)
        return -1;
    mr_error_set(err, "'%s' has a quote in line %llu that is not closed: close it, or count the "
                      "file without minding quotes", mr_source_name(r->source),
                 (unsigned long long)before + 1);
    return mr_error_final(err);
}

/* Counts the lines of the next chunk, and those up to the quote in it that was opened last. */
static void count_lines(struct mr_reader *r, size_t opened, const unsigned char *bytes, size_t size)
{
    size_t before = opened != MR_ROW_NONE ? opened : 0;
    r->lines += mr_rows_lines(bytes, before, &r->cr);
    if (opened != MR_ROW_NONE)
        r->open_line = r->lines;
    r->lines += mr_rows_lines(bytes + before, size - before, &r->cr);
}

/* Keeps what follows from the bytes of the next chunk: where the last quote was opened, and the
 * state at its end. */
static void pass_rows(struct mr_reader *r, const struct mr_rows *rows,
                      const unsigned char *bytes, size_t size)
{
    if (rows->opened != MR_ROW_NONE)
        r->open_at = r->base + rows->opened;
    if (!is_plain(r))
        count_lines(r, rows->opened, bytes, size);
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
    if (end != MR_ROW_NONE && !is_certain(r, after(r, buffer, n, end), n)) {
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
    pass_rows(r, &rows, buffer, *size);
    if (r->row == MR_ROW_QUOTED && r->at_end && *size == n)
        return unclosed(r, err);
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
    if (mr_source_check(r->source, r->content.fd, err) < 0)
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
