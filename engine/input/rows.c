/* Where rows end. */
#include "input/rows.h"

#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    WIDTH = 64,
    STRETCH = 1 << 10, /* bytes without a quote that are worth a search for the next one */
    WINDOW = 1 << 16, /* bytes after which the states have become one, or it is read from before */
    BUFFER = 1 << 18
};

enum mr_row_state mr_row_next(const struct mr_records *records, const struct mr_quotes *quotes,
                              enum mr_row_state state, unsigned char byte)
{
    if (byte == quotes->quote)
        return state == MR_ROW_START    ? MR_ROW_QUOTED
               : state == MR_ROW_QUOTED ? MR_ROW_CLOSED
               : state == MR_ROW_CLOSED ? MR_ROW_QUOTED
                                        : MR_ROW_PLAIN;
    if (state == MR_ROW_QUOTED)
        return MR_ROW_QUOTED;
    return byte == quotes->separator || records->ends.has[byte] ? MR_ROW_START : MR_ROW_PLAIN;
}

size_t mr_row_end(const struct mr_chunk *chunk, size_t from)
{
    enum mr_row_state state = MR_ROW_START;
    for (size_t at = from; at < chunk->size; at++) {
        unsigned char byte = chunk->data[at];
        state = mr_row_next(chunk->records, chunk->quotes, state, byte);
        if (state == MR_ROW_START && chunk->records->ends.has[byte])
            return at;
    }
    return chunk->size;
}

/* ---- 64 bytes at a time ----------------------------------------------------------------- */

/* A bit for each of the bytes that is this one. */
static inline uint64_t equal(const unsigned char *bytes, unsigned char byte)
{
    uint64_t mask = 0;
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8((char)byte);
    for (unsigned i = 0; i < WIDTH; i += 16) {
        __m128i sixteen;
        memcpy(&sixteen, bytes + i, sizeof sixteen);
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, wanted)) << i;
    }
#else
    for (unsigned i = 0; i < WIDTH; i++)
        mask |= (uint64_t)(bytes[i] == byte) << i;
#endif
    return mask;
}

/* Each bit as the exclusive or of all up to it. */
static inline uint64_t parity(uint64_t mask)
{
    for (unsigned shift = 1; shift < WIDTH; shift *= 2)
        mask ^= mask << shift;
    return mask;
}

static void see_end(struct mr_rows *rows, size_t at)
{
    if (rows->first == MR_ROW_NONE)
        rows->first = at;
    rows->last = at;
}

static void scan_slowly(struct mr_rows *rows, const unsigned char *bytes, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        enum mr_row_state before = rows->state;
        rows->state = mr_row_next(rows->records, rows->quotes, before, bytes[i]);
        if (before == MR_ROW_START && rows->state == MR_ROW_QUOTED)
            rows->opened = i;
        if (rows->state == MR_ROW_START && rows->records->ends.has[bytes[i]])
            see_end(rows, i);
    }
}

/* Records end at LF and CR here. Returns false where the quotes are not as they should be. */
static inline bool scan_width(struct mr_rows *rows, const unsigned char *bytes, size_t at)
{
    const unsigned char *here = bytes + at;
    uint64_t quotes = equal(here, rows->quotes->quote);
    uint64_t ends = equal(here, '\n') | equal(here, '\r');
    uint64_t fields = ends | equal(here, rows->quotes->separator);
    uint64_t inside = parity(quotes) ^ (rows->state == MR_ROW_QUOTED ? ~UINT64_C(0) : 0);
    uint64_t opening = quotes & inside, closing = quotes & ~inside;
    uint64_t doubled = closing << 1 | (rows->state == MR_ROW_CLOSED);
    uint64_t may_open = (fields & ~inside) << 1 | (rows->state == MR_ROW_START) | doubled;
    if (opening & ~may_open)
        return false;
    uint64_t opened = opening & ~doubled;
    if (opened)
        rows->opened = at + 63 - (size_t)__builtin_clzll(opened);
    ends &= ~inside;
    if (ends) {
        if (rows->first == MR_ROW_NONE)
            rows->first = at + (size_t)__builtin_ctzll(ends);
        rows->last = at + 63 - (size_t)__builtin_clzll(ends);
    }
    rows->state = inside >> 63    ? MR_ROW_QUOTED
                  : closing >> 63 ? MR_ROW_CLOSED
                  : fields >> 63  ? MR_ROW_START
                                  : MR_ROW_PLAIN;
    return true;
}

/* Goes on, outside of quotes, through bytes of which none is a quote: only the first and the last
 * row end have to be found, and both are near. */
static void pass_plain(struct mr_rows *rows, const unsigned char *bytes, size_t from, size_t to)
{
    const unsigned char *start = bytes + from, *end = bytes + to;
    const unsigned char *lf = memchr(start, '\n', to - from);
    const unsigned char *cr = memchr(start, '\r', (size_t)((lf ? lf : end) - start));
    const unsigned char *first = cr ? cr : lf;
    rows->state = mr_row_next(rows->records, rows->quotes, MR_ROW_PLAIN, end[-1]);
    if (first == NULL)
        return;
    lf = memrchr(first, '\n', (size_t)(end - first));
    cr = lf ? memrchr(lf, '\r', (size_t)(end - lf)) : memrchr(first, '\r', (size_t)(end - first));
    see_end(rows, (size_t)(first - bytes));
    see_end(rows, (size_t)((cr ? cr : lf) - bytes));
}

/* Where the next quote stands, or the end. */
static size_t next_quote(const struct mr_rows *rows, const unsigned char *bytes, size_t from,
                         size_t size)
{
    const unsigned char *quote = memchr(bytes + from, rows->quotes->quote, size - from);
    return quote ? (size_t)(quote - bytes) : size;
}

void mr_rows_scan(struct mr_rows *rows, const unsigned char *bytes, size_t size)
{
    size_t at = 0, look = 0; /* where a search for the next quote is due */
    rows->first = rows->last = rows->opened = MR_ROW_NONE;
    while (size - at >= WIDTH) {
        if (at >= look && rows->state != MR_ROW_QUOTED) {
            size_t quote = next_quote(rows, bytes, at, size);
            look = at + STRETCH;
            if (quote >= look) {
                pass_plain(rows, bytes, at, quote);
                at = quote;
                continue;
            }
        }
        if (!scan_width(rows, bytes, at))
            scan_slowly(rows, bytes, at, at + WIDTH);
        at += WIDTH;
    }
    scan_slowly(rows, bytes, at, size);
}

uint64_t mr_rows_lines(const unsigned char *bytes, size_t size, bool *cr)
{
    uint64_t lines = 0;
    size_t at = 0;
    for (; size - at >= WIDTH; at += WIDTH) {
        uint64_t crs = equal(bytes + at, '\r'), lfs = equal(bytes + at, '\n');
        lfs &= ~(crs << 1 | *cr);
        lines += (uint64_t)__builtin_popcountll(crs) + (uint64_t)__builtin_popcountll(lfs);
        *cr = crs >> 63;
    }
    for (; at < size; at++) {
        lines += bytes[at] == '\r' || (bytes[at] == '\n' && !*cr);
        *cr = bytes[at] == '\r';
    }
    return lines;
}

/* ---- finding rows ----------------------------------------------------------------------- */

struct finder {
    const struct mr_source *source;
    int fd;
    bool close_it;
    unsigned char *buffer;
    struct mr_error *err;
};

static ssize_t read_at(const struct finder *f, uint64_t at, size_t size)
{
    ssize_t got = mr_pread_full(f->fd, f->buffer, size, f->source->base + (off_t)at);
    if (got < 0)
        return mr_error_system(f->err, "cannot read '%s' at byte %llu", mr_source_name(f->source),
                               (unsigned long long)at);
    return got;
}

/* The place at or behind *at where all states have become one, and that. Returns 1, 0 where it is
 * too far away, or -1. */
static int settle(const struct finder *f, uint64_t *at, enum mr_row_state *state)
{
    enum mr_row_state states[MR_ROW_STATES] = { MR_ROW_START, MR_ROW_PLAIN, MR_ROW_QUOTED,
                                                MR_ROW_CLOSED };
    ssize_t got = read_at(f, *at, WINDOW);
    for (ssize_t i = 0; i < got; i++) {
        bool one = true;
        for (int s = 0; s < MR_ROW_STATES; s++) {
            states[s] = mr_row_next(f->source->records, f->source->quotes, states[s], f->buffer[i]);
            one &= states[s] == states[0];
        }
        if (one) {
            *at += (uint64_t)i + 1;
            *state = states[0];
            return 1;
        }
    }
    return got < 0 ? -1 : 0;
}

/* The first row that starts behind a row end at `place` or later, which is read from `at` on, where
 * the state is known. */
static int read_on(const struct finder *f, uint64_t at, enum mr_row_state state, uint64_t place,
                   uint64_t *start)
{
    struct mr_rows rows = { f->source->records, f->source->quotes, state, 0, 0, 0 };
    ssize_t got;
    for (;; at += (uint64_t)got) {
        size_t want = at < place && place - at < BUFFER ? (size_t)(place - at) : BUFFER;
        got = read_at(f, at, want);
        if (got < 0)
            return -1;
        mr_rows_scan(&rows, f->buffer, (size_t)got);
        if (at >= place && rows.first != MR_ROW_NONE)
            break;
        if ((size_t)got < want) {
            *start = f->source->size;
            return 0;
        }
    }
    bool cr = f->buffer[rows.first] == '\r';
    *start = at + rows.first + 1;
    if (!cr)
        return 0;
    got = read_at(f, *start, 1);
    *start += got > 0 && *f->buffer == '\n';
    return got < 0 ? -1 : 0;
}

static int open_finder(struct finder *f, const struct mr_source *source, struct mr_error *err)
{
    *f = (struct finder){ source, -1, false, mr_memory_get(BUFFER), err };
    if (f->buffer == NULL)
        return mr_error_memory(err, BUFFER, "rows");
    f->fd = mr_source_open(source, &f->close_it, err);
    return f->fd < 0 ? -1 : 0;
}

static void close_finder(struct finder *f)
{
    if (f->close_it && f->fd >= 0)
        mr_close(&f->fd);
    mr_memory_release(f->buffer, BUFFER);
}

/* A byte order mark is not part of the first row. */
static int pass_mark(const struct finder *f, uint64_t *from, uint64_t *place)
{
    if (*from > 0)
        return 0;
    ssize_t got = read_at(f, 0, 3);
    if (got == 3 && memcmp(f->buffer, "\xEF\xBB\xBF", 3) == 0)
        *from = 3;
    if (*place < *from)
        *place = *from;
    return got < 0 ? -1 : 0;
}

int mr_rows_find(const struct mr_source *source, uint64_t from, uint64_t place, uint64_t *start,
                 struct mr_error *err)
{
    struct finder f;
    enum mr_row_state state = MR_ROW_START;
    int found = open_finder(&f, source, err);
    if (found == 0)
        found = pass_mark(&f, &from, &place);
    if (found == 0)
        found = settle(&f, &place, &state);
    if (found >= 0)
        found = read_on(&f, found ? place : from, state, place, start);
    close_finder(&f);
    return found;
}

int mr_rows_lines_before(const struct mr_source *source, uint64_t place, uint64_t *lines,
                         struct mr_error *err)
{
    struct finder f;
    bool cr = false;
    ssize_t got = open_finder(&f, source, err);
    *lines = 0;
    for (uint64_t at = 0; got >= 0 && at < place; at += (uint64_t)got) {
        got = read_at(&f, at, place - at < BUFFER ? (size_t)(place - at) : BUFFER);
        if (got == 0)
            break;
        if (got > 0)
            *lines += mr_rows_lines(f.buffer, (size_t)got, &cr);
    }
    close_finder(&f);
    return got < 0 ? -1 : 0;
}
