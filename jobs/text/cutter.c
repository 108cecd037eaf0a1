/* Lines to fields to tokens. */
#include "cutter.h"

#include <string.h>

void layout_init(struct layout *l, int separator)
{
    static const struct mr_byteset white = { { ['\t'] = 1, ['\v'] = 1, ['\f'] = 1, [' '] = 1 } };
    *l = (struct layout){ .separator = separator };
    if (separator == WHITE)
        l->marks = white;
    else if (separator >= 0)
        l->marks.has[separator] = 1;
    l->lines.ends.has['\n'] = l->lines.ends.has['\r'] = 1;
    l->marks.has['\n'] = l->marks.has['\r'] = 1;
    l->stops = l->lines.ends;
}

void layout_end_at(struct layout *l, unsigned char line_end)
{
    const bool white = l->separator == WHITE;
    l->lines = (struct mr_records){ { { 0 } } };
    l->lines.ends.has[line_end] = 1;
    l->marks.has['\n'] = white || l->separator == '\n';
    l->marks.has['\r'] = white || l->separator == '\r';
    l->marks.has[line_end] = 1;
    l->stops = l->lines.ends;
}

void layout_cut_at(struct layout *l, struct field delimiter)
{
    l->separator = SEVERAL;
    l->delimiter = delimiter;
    l->marks.has[delimiter.bytes[0]] = 1;
}

bool layout_delimits(const struct layout *l, const unsigned char *bytes, size_t size)
{
    return size >= l->delimiter.size && memcmp(bytes, l->delimiter.bytes, l->delimiter.size) == 0;
}

void layout_quote(struct layout *l)
{
    l->quoted = true;
    l->quotes = (struct mr_quotes){ '"', (unsigned char)l->separator };
    l->marks.has['"'] = l->stops.has['"'] = 1;
}

/* ---- fields and lines ------------------------------------------------------------------- */

static inline bool ends_line(const struct layout *l, unsigned char byte)
{
    return l->lines.ends.has[byte];
}

/* The LF of a CR LF ends nothing: the CR has. The two are never in different chunks. */
static inline bool is_second(const struct layout *l, const unsigned char *data, size_t at)
{
    return data[at] == '\n' && at > 0 && data[at - 1] == '\r' && ends_line(l, '\r');
}

/* Whether the record has parts behind this one. */
static inline bool goes_on(const struct mr_chunk *chunk)
{
    return chunk->part == MR_FIRST || chunk->part == MR_MIDDLE;
}

/* The next field begins. Returns whether it is to be joined to one before. */
static inline bool next_field(struct line_state *p, const struct layout *l)
{
    p->field++;
    p->span += p->field > p->span->last;
    p->chosen = p->field >= p->span->first;
    bool join = p->chosen && p->joining;
    p->joining |= p->chosen && !l->each;
    return join;
}

/* Some bytes of the current field. */
static inline int add_bytes(struct batch *b, const struct line_state *p, size_t from, size_t to)
{
    return p->chosen ? batch_add(b, from, to) : 0;
}

static inline int end_field(struct cutter *c, const struct line_state *p, const struct layout *l)
{
    return l->each && p->chosen ? batch_end(&c->batch) : 0;
}

/* The last field that is chosen. */
static inline uint64_t last_chosen(const struct chosen *s)
{
    return s->count > 0 ? s->spans[s->count - 1].last : 0;
}

static inline struct line_state line_start(const struct chosen *s)
{
    return (struct line_state){ .span = s->spans };
}

static struct line_state header_start(const struct chosen *s)
{
    return (struct line_state){ .span = s->spans + s->count, .heading = true };
}

static inline int end_line(struct cutter *c, const struct layout *l, const struct chosen *s,
                           struct line_state *p)
{
    bool is_token = !l->each && !p->heading;
    c->short_lines += p->field < s->needed && !p->heading;
    *p = line_start(s);
    if (is_token && batch_end(&c->batch) < 0)
        return -1;
    return c->batch.sink && c->batch.sink->end_line ? batch_end_line(&c->batch) : 0;
}

/* A field ends at a mark of size bytes: with its line, or before the next field, to which the mark
 * joins it where both are wanted. */
static inline int leave_field(struct cutter *c, const struct layout *l, const struct chosen *s,
                              struct line_state *p, size_t mark, size_t size, bool line_ends)
{
    if (end_field(c, p, l) < 0)
        return -1;
    if (line_ends)
        return end_line(c, l, s, p);
    return next_field(p, l) ? batch_add(&c->batch, mark, mark + size) : 0;
}

/* The marks, or what else there is a set of, in the chunk's next piece. Returns how many. */
static size_t find(struct cutter *c, const struct mr_byteset *set, const struct mr_chunk *chunk,
                   size_t at)
{
    size_t left = chunk->size - at, size = left < CUTTER_PIECE ? left : CUTTER_PIECE;
    return mr_find(c->batch.out, set, chunk->data + at, size, (uint32_t)at, c->found);
}

/* ---- fields that end at a byte ---------------------------------------------------------- */

/* A field, which begins at from, ends at a mark. */
static inline int at_mark(struct cutter *c, const struct layout *l, const struct chosen *s,
                          struct line_state *p, size_t from, size_t mark, size_t size,
                          bool line_ends)
{
    if (p->field == 0)
        next_field(p, l); /* the line's first, even if it is empty */
    return add_bytes(&c->batch, p, from, mark) < 0
               ? -1
               : leave_field(c, l, s, p, mark, size, line_ends);
}

/* How many bytes at a part's end, from here on, may begin a delimiter that the record's next part
 * goes on with. */
static size_t held_back(const struct layout *l, const struct mr_chunk *chunk, size_t from)
{
    size_t left = chunk->size - from, n = l->delimiter.size - 1;
    if (!goes_on(chunk))
        return 0;
    for (n = n < left ? n : left; n > 0; n--)
        if (memcmp(chunk->data + chunk->size - n, l->delimiter.bytes, n) == 0)
            break;
    return n;
}

/* Whether a delimiter begins at the skip-th of so many bytes held back, which are as a delimiter
 * begins, as far as can be seen. *here is how much of it stands in the chunk. */
static bool begins_in_held(const struct layout *l, size_t held, size_t skip,
                           const struct mr_chunk *chunk, size_t *here)
{
    const unsigned char *bytes = l->delimiter.bytes;
    size_t before = held - skip, rest = l->delimiter.size - before;
    *here = rest < chunk->size ? rest : chunk->size;
    return (*here == rest || goes_on(chunk)) && memcmp(bytes + skip, bytes, before) == 0 &&
           memcmp(bytes + before, chunk->data, *here) == 0;
}

/* Goes on with what was held back: it is of the field, up to the leftmost delimiter that begins in
 * it and ends in the chunk, or is held back still. Sets *from to where the chunk goes on. */
static int at_held(struct cutter *c, const struct layout *l, struct line_state *p,
                   const struct mr_chunk *chunk, size_t *from)
{
    const struct field *d = &l->delimiter;
    const size_t held = p->held;
    size_t skip = 0, here = 0;
    while (skip < held && !begins_in_held(l, held, skip, chunk, &here))
        skip++;
    p->held = 0;
    if (p->chosen && skip > 0 && batch_put(&c->batch, d->bytes, skip) < 0)
        return -1;
    if (skip == held)
        return 0;
    *from = here;
    if (held - skip + here < d->size) {
        p->held = held - skip + here;
        return 0;
    }
    if (end_field(c, p, l) < 0)
        return -1;
    return next_field(p, l) ? batch_put(&c->batch, d->bytes, d->size) : 0;
}

/* Cuts at a byte, or at several, of which the first is a mark: one in a delimiter, or one that
 * begins none, is a byte of a field. */
static inline __attribute__((always_inline)) int cut_at(struct cutter *c, const struct layout *l,
                                                        const struct chosen *s,
                                                        const struct mr_chunk *chunk,
                                                        const bool several)
{
    const unsigned char *data = chunk->data;
    const uint64_t last = last_chosen(s);
    struct line_state p = c->state;
    size_t from = 0;
    if (several && p.held > 0 && at_held(c, l, &p, chunk, &from) < 0)
        return -1;
    for (size_t at = 0; at < chunk->size; at += CUTTER_PIECE) {
        size_t count = find(c, &l->marks, chunk, at);
        for (size_t i = 0; i < count; i++) {
            size_t mark = c->found[i];
            bool line_ends = ends_line(l, data[mark]);
            size_t size = several && !line_ends ? l->delimiter.size : 1;
            if (several && (mark < from || !(line_ends || layout_delimits(l, data + mark,
                                                                          chunk->size - mark))))
                continue;
            bool unwanted = line_ends ? is_second(l, data, mark) : p.field > last;
            if (!unwanted &&
                at_mark(c, l, s, &p, from, mark, size, line_ends) < 0)
                return -1;
            from = mark + size;
        }
    }
    /* Behind the last mark there may be a field, or some of it. */
    if (p.field == 0 && from < chunk->size)
        next_field(&p, l);
    p.in_line = p.field > 0;
    size_t end = chunk->size;
    if (several && from < end) {
        p.held = held_back(l, chunk, from);
        end -= p.held;
    }
    c->state = p;
    return add_bytes(&c->batch, &p, from, end);
}

static int cut_at_byte(struct cutter *c, const struct layout *l, const struct chosen *s,
                       const struct mr_chunk *chunk)
{
    return cut_at(c, l, s, chunk, false);
}

static int cut_at_several(struct cutter *c, const struct layout *l, const struct chosen *s,
                          const struct mr_chunk *chunk)
{
    return cut_at(c, l, s, chunk, true);
}

/* ---- fields that end at white space ----------------------------------------------------- */

/* Bytes of a field: from its beginning, or where it goes on in this chunk. */
static inline int in_field(struct cutter *c, const struct layout *l, struct line_state *p,
                           size_t from, size_t to)
{
    if (!p->in_field && next_field(p, l) &&
        batch_put(&c->batch, (const unsigned char *)" ", 1) < 0)
        return -1;
    return add_bytes(&c->batch, p, from, to);
}

static int cut_at_white(struct cutter *c, const struct layout *l, const struct chosen *s,
                        const struct mr_chunk *chunk)
{
    const unsigned char *data = chunk->data;
    struct line_state p = c->state;
    size_t from = 0, line = 0;
    for (size_t at = 0; at < chunk->size; at += CUTTER_PIECE) {
        size_t count = find(c, &l->marks, chunk, at);
        for (size_t i = 0; i < count; i++) {
            size_t mark = c->found[i];
            if (from < mark && in_field(c, l, &p, from, mark) < 0)
                return -1;
            if ((from < mark || p.in_field) && end_field(c, &p, l) < 0)
                return -1;
            p.in_field = false;
            from = mark + 1;
            if (!ends_line(l, data[mark]))
                continue;
            line = from;
            if (!is_second(l, data, mark) && end_line(c, l, s, &p) < 0)
                return -1;
        }
    }
    if (from < chunk->size) {
        if (in_field(c, l, &p, from, chunk->size) < 0)
            return -1;
        p.in_field = true;
    }
    p.in_line |= line < chunk->size;
    c->state = p;
    return 0;
}

/* ---- fields with quotes ----------------------------------------------------------------- */

/* A field is found to have begun. */
static inline void begin(struct line_state *p, const struct layout *l, enum quoting quoting)
{
    if (p->field == 0)
        next_field(p, l);
    p->quoting = quoting;
}

/* A quote at a mark. *from is where bytes of the value begin that are not added yet. */
static inline int at_quote(struct cutter *c, const struct layout *l, struct line_state *p,
                           size_t *from, size_t mark)
{
    switch (p->quoting) {
    case NOT_BEGUN:
        begin(p, l, QUOTED);
        *from = mark + 1;
        return 0;
    case QUOTED:
        p->quoting = CLOSED;
        return add_bytes(&c->batch, p, *from, mark);
    case CLOSED: /* it was one of two */
        p->quoting = QUOTED;
        *from = mark;
        return 0;
    default: return 0;
    }
}

/* What separates fields or ends a line, outside of quotes. A line of no bytes has no field. */
static inline int at_end(struct cutter *c, const struct layout *l, const struct chosen *s,
                         struct line_state *p, size_t from, size_t mark, bool line_ends)
{
    if (line_ends && p->field == 0)
        return end_line(c, l, s, p);
    begin(p, l, p->quoting);
    if (p->quoting == UNQUOTED && add_bytes(&c->batch, p, from, mark) < 0)
        return -1;
    p->quoting = NOT_BEGUN;
    return leave_field(c, l, s, p, mark, 1, line_ends);
}

/* Lines were cut in a field, by who does not mind quotes. */
static int refuse_cut(struct cutter *c)
{
    return mr_fail_for_good(c->batch.out, "a field in quotes has the end of a line in it, or its "
                                          "quote is not closed: where lines are cut without "
                                          "minding quotes, no field can go on in the next");
}

/* A mark in a row, of whose fields so many are looked at; *from is as for at_quote. */
static inline __attribute__((always_inline)) int at_row_mark(struct cutter *c,
                                                             const struct layout *l,
                                                             const struct chosen *s, uint64_t last,
                                                             struct line_state *p, size_t *from,
                                                             size_t mark)
{
    const unsigned char *data = c->batch.chunk;
    if (data[mark] == '"')
        return at_quote(c, l, p, from, mark);
    const bool line_ends = ends_line(l, data[mark]);
    if (p->quoting == QUOTED)
        return l->one_line_rows && line_ends ? refuse_cut(c) : 0;
    if (p->field > last && !line_ends) {
        p->quoting = NOT_BEGUN; /* the next field is not wanted, either */
        return 0;
    }
    if (p->field == 0 && is_second(l, data, mark))
        return 0;
    return at_end(c, l, s, p, *from, mark, line_ends);
}

/* Cuts from *start on up to the chunk's end, or to the end of a line at or behind enough, where
 * *start is set to the beginning of the next. */
static inline __attribute__((always_inline)) int cut_rows(struct cutter *c, const struct layout *l,
                                                          const struct chosen *s,
                                                          const struct mr_chunk *chunk,
                                                          size_t *start, const size_t enough)
{
    const uint64_t last = last_chosen(s);
    struct line_state p = c->state;
    size_t from = *start, next = *start;
    for (size_t at = *start; at < chunk->size; at += CUTTER_PIECE) {
        size_t count = find(c, &l->marks, chunk, at);
        for (size_t i = 0; i < count; i++) {
            size_t mark = c->found[i], run = next;
            next = mark + 1;
            if (run < mark && (p.quoting == NOT_BEGUN || p.quoting == CLOSED)) {
                begin(&p, l, UNQUOTED);
                from = run;
            }
            if (at_row_mark(c, l, s, last, &p, &from, mark) < 0)
                return -1;
            if (p.field == 0 && mark >= enough && ends_line(l, chunk->data[mark])) {
                c->state = p;
                *start = next;
                return 0;
            }
        }
    }
    *start = chunk->size;
    if (next < chunk->size && (p.quoting == NOT_BEGUN || p.quoting == CLOSED)) {
        begin(&p, l, UNQUOTED);
        from = next;
    }
    p.in_line = p.field > 0;
    c->state = p;
    if (p.quoting != UNQUOTED && p.quoting != QUOTED)
        return 0;
    return add_bytes(&c->batch, &p, from, chunk->size);
}

static int cut_quoted(struct cutter *c, const struct layout *l, const struct chosen *s,
                      const struct mr_chunk *chunk)
{
    size_t start = 0;
    return cut_rows(c, l, s, chunk, &start, SIZE_MAX);
}

/* ---- whole lines, of which the first fields are chosen ---------------------------------- */

/* Bytes of a line for each field that is looked for by itself: in fewer, all marks are found. */
enum { WORTH = 32 };

/* Cuts a line at a byte. */
static inline int cut_line_at_byte(struct cutter *c, const struct layout *l,
                                   const struct chosen *s, struct line_state *p, size_t from,
                                   size_t end)
{
    const unsigned char *data = c->batch.chunk;
    const uint64_t last = last_chosen(s);
    while (p->field <= last) {
        const unsigned char *at = memchr(data + from, l->separator, end - from);
        size_t mark = at ? (size_t)(at - data) : end;
        if (at_mark(c, l, s, p, from, mark, 1, at == NULL) < 0)
            return -1;
        if (at == NULL)
            return 0;
        from = mark + 1;
    }
    return end_line(c, l, s, p);
}

/* The same at white space. */
static inline int cut_line_at_white(struct cutter *c, const struct layout *l,
                                    const struct chosen *s, struct line_state *p, size_t from,
                                    size_t end)
{
    const unsigned char *data = c->batch.chunk, *marks = l->marks.has;
    const uint64_t last = last_chosen(s);
    while (p->field < last) {
        while (from < end && marks[data[from]])
            from++;
        size_t to = from;
        while (to < end && !marks[data[to]])
            to++;
        if (from == to)
            break;
        if (in_field(c, l, p, from, to) < 0 || end_field(c, p, l) < 0)
            return -1;
        from = to;
    }
    return end_line(c, l, s, p);
}

static inline int cut_line(struct cutter *c, const struct layout *l, const struct chosen *s,
                           struct line_state *p, size_t from, size_t end)
{
    if (l->separator == WHITE)
        return cut_line_at_white(c, l, s, p, from, end);
    if (l->quoted && from == end) /* it has no field */
        return end_line(c, l, s, p);
    return cut_line_at_byte(c, l, s, p, from, end);
}

/* Cuts lines from *start on, up to the chunk's end, or where quotes are minded to a line that has
 * one: that is where *start then is. */
static int cut_lines(struct cutter *c, const struct layout *l, const struct chosen *s,
                     const struct mr_chunk *chunk, size_t *start)
{
    struct line_state p = c->state;
    size_t from = *start;
    bool quote = false;
    for (size_t at = from; at < chunk->size && !quote; at += CUTTER_PIECE) {
        size_t count = find(c, &l->stops, chunk, at);
        for (size_t i = 0; i < count; i++) {
            size_t stop = c->found[i];
            quote = !ends_line(l, chunk->data[stop]);
            if (quote)
                break;
            if (!is_second(l, chunk->data, stop) && cut_line(c, l, s, &p, from, stop) < 0)
                return -1;
            from = stop + 1;
        }
    }
    if (!quote && from < chunk->size) { /* the file's last line has no end */
        if (cut_line(c, l, s, &p, from, chunk->size) < 0)
            return -1;
        from = chunk->size;
    }
    c->state = p;
    *start = from;
    return 0;
}

/* Whether the chosen fields are near to the beginnings of lines, as far as the chunk's first ones
 * tell, where quotes count as ends: then lines are found first. */
static bool is_near(struct cutter *c, const struct layout *l, const struct chosen *s,
                    const struct mr_chunk *chunk)
{
    if (chunk->part != MR_WHOLE || (l->separator < 0 && l->separator != WHITE) ||
        last_chosen(s) > CUTTER_PIECE / WORTH)
        return false;
    const size_t size = chunk->size < CUTTER_PIECE ? chunk->size : CUTTER_PIECE;
    return find(c, &l->stops, chunk, 0) * last_chosen(s) * WORTH <= size;
}

/* Kept out of its caller, whose other loops need all registers there are. */
static __attribute__((noinline)) int cut_near(struct cutter *c, const struct layout *l,
                                              const struct chosen *s, const struct mr_chunk *chunk)
{
    size_t start = 0, enough = CUTTER_PIECE;
    while (start < chunk->size) {
        const size_t from = start;
        if (cut_lines(c, l, s, chunk, &start) < 0)
            return -1;
        /* Where quotes come often, lines without are hardly worth the search. */
        enough = start - from > CUTTER_PIECE ? CUTTER_PIECE : 2 * enough;
        if (start < chunk->size && cut_rows(c, l, s, chunk, &start, start + enough) < 0)
            return -1;
    }
    return 0;
}

/* The last line has no end. */
static int end_file(struct cutter *c, const struct layout *l, const struct chosen *s)
{
    bool field_ends = l->separator != WHITE || c->state.in_field;
    if (l->one_line_rows && c->state.quoting == QUOTED)
        return refuse_cut(c);
    if (field_ends && end_field(c, &c->state, l) < 0)
        return -1;
    return end_line(c, l, s, &c->state);
}

/* ---- chunks ----------------------------------------------------------------------------- */

int cutter_map(struct cutter *c, const struct layout *l, const struct chosen *chosen,
               const struct mr_chunk *chunk, struct mr_context *out)
{
    if (l->header && chunk->begins_file)
        c->state = header_start(chosen);
    else if (!c->state.in_line)
        c->state = line_start(chosen);
    batch_begin(&c->batch, chunk->data, out);
    int result = is_near(c, l, chosen, chunk) ? cut_near(c, l, chosen, chunk)
                 : l->quoted               ? cut_quoted(c, l, chosen, chunk)
                 : l->separator == WHITE   ? cut_at_white(c, l, chosen, chunk)
                 : l->separator == SEVERAL ? cut_at_several(c, l, chosen, chunk)
                                           : cut_at_byte(c, l, chosen, chunk);
    if (result < 0)
        return -1;
    if (c->state.in_line && !goes_on(chunk) && end_file(c, l, chosen) < 0)
        return -1;
    if (c->short_lines > 0)
        mr_count(out, "lines with too few fields", c->short_lines);
    c->short_lines = 0;
    return batch_leave(&c->batch);
}
