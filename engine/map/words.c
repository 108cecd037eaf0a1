/*
 * Words by Unicode's rules: from a chunk to emitted tokens, for mr_emit_words_by.
 *
 * Nearly all text is ASCII, or its words are ended by ASCII. So the scan kernel cuts it first by
 * single bytes, and again only runs that have a byte in them with which there may be more to it. By
 * MR_WORDS_LETTERS:
 *
 *     “No,” said x-ray's mother   runs end at ASCII that is no part of words, but for ' and -
 *     “No | ” | said | x-ray's | mother       those with ' or - or above ASCII are looked at:
 *      No                x-ray's
 *
 * Looked at means character by character: each is a letter, a joiner, which is part of a word
 * between two letters, or neither.
 *
 * A record larger than the mapper's buffer comes in parts, all of which are looked at.
 */
#include "base/error.h"
#include "map/emit.h"
#include "map/letters.h"

#include <string.h>
#include <unistr.h>

enum {
    PIECE = 4096, /* bytes scanned at a time; a multiple of 64 */
    BATCH = 512   /* words that gather before they are emitted */
};

#define CALLED "mr_emit_words_by was called"
#define NOWHERE SIZE_MAX

/* ---- characters ------------------------------------------------------------------------- */

/* Its kind, and its size in bytes. A byte that is no part of valid UTF-8 is a character, too. */
struct character {
    enum mr_word_run kind;
    size_t size;
};

static bool is_ascii_letter(unsigned char b)
{
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_';
}

/* U+2019, the apostrophe of typography, and U+2010, its hyphen. */
static enum mr_word_run kind_by_letters(uint32_t c)
{
    if (c == 0x2019 || c == 0x2010)
        return MR_RUN_JOINER;
    return mr_is_letter(c) ? MR_RUN_LETTERS : MR_RUN_GAP;
}

/* White_Space above ASCII. */
static bool is_space(uint32_t c)
{
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* The character that begins at data[at]. */
static struct character look(const struct mr_word_scan *s, const unsigned char *data, size_t size,
                             size_t at)
{
    unsigned char b = data[at];
    bool by_letters = s->rule == MR_WORDS_LETTERS;
    if (b < 0x80) {
        if (s->runs.has[b])
            return (struct character){ MR_RUN_GAP, 1 };
        bool joiner = by_letters && !is_ascii_letter(b);
        return (struct character){ joiner ? MR_RUN_JOINER : MR_RUN_LETTERS, 1 };
    }
    ucs4_t c;
    int length = u8_mbtoucr(&c, data + at, size - at);
    if (length < 0)
        return (struct character){ by_letters ? MR_RUN_GAP : MR_RUN_LETTERS, 1 };
    if (by_letters)
        return (struct character){ kind_by_letters(c), (size_t)length };
    bool gap = s->rule == MR_WORDS_UWHITE && is_space(c);
    return (struct character){ gap ? MR_RUN_GAP : MR_RUN_LETTERS, (size_t)length };
}

/* Goes behind the run that begins at *at. */
static enum mr_word_run next_run(const struct mr_word_scan *s, const unsigned char *data,
                                 size_t size, size_t *at)
{
    struct character c = look(s, data, size, *at);
    enum mr_word_run run = c.kind;
    do
        *at += c.size;
    while (run != MR_RUN_JOINER && *at < size && (c = look(s, data, size, *at)).kind == run);
    return run;
}

/* ---- whole records ---------------------------------------------------------------------- */

/* Words that are emitted together. */
struct batch {
    struct mr_mapper *m;
    const unsigned char *data;
    size_t count;
    uint32_t at[2 * BATCH];
};

static int flush(struct batch *b)
{
    size_t count = b->count;
    b->count = 0;
    return mr_emit_many(&b->m->context, b->data, b->at, count);
}

static int put(struct batch *b, size_t from, size_t to)
{
    b->at[2 * b->count] = (uint32_t)from;
    b->at[2 * b->count + 1] = (uint32_t)to;
    return ++b->count == BATCH ? flush(b) : 0;
}

/* Puts the words of the run [from, to). */
static int put_run(const struct mr_word_scan *s, struct batch *b, size_t from, size_t to)
{
    size_t start = NOWHERE, end = NOWHERE; /* of the current word */
    size_t joined = NOWHERE;               /* the end of a joiner right behind it */
    for (size_t at = from; at < to;) {
        struct character c = look(s, b->data, to, at);
        if (c.kind == MR_RUN_LETTERS) {
            if (start != NOWHERE && at != end && at != joined) {
                if (put(b, start, end) < 0)
                    return -1;
                start = NOWHERE;
            }
            start = start == NOWHERE ? at : start;
            end = at + c.size;
        }
        joined = c.kind == MR_RUN_JOINER && at == end ? at + c.size : NOWHERE;
        at += c.size;
    }
    return start == NOWHERE ? 0 : put(b, start, end);
}

/* Prepares the scan for a rule and record ends, once for many chunks. */
static const struct mr_word_scan *prepare(struct mr_mapper *m, const struct mr_records *records,
                                          enum mr_words rule)
{
    struct mr_word_scan *s = &m->word_scan;
    if (s->records == records && s->rule == rule)
        return s;
    struct mr_byteset runs = records->ends, special = { { 0 } };
    for (unsigned b = 0; b < 256; b++) {
        bool joiner = b == '\'' || b == '-';
        if (rule == MR_WORDS_LETTERS) {
            runs.has[b] |= b < 0x80 && !joiner && !is_ascii_letter((unsigned char)b);
            special.has[b] = b >= 0x80 || joiner;
        } else { /* the first bytes of white space */
            special.has[b] = b == 0xC2 || (b >= 0xE1 && b <= 0xE3);
        }
    }
    mr_scan_set_init(&s->runs, &runs);
    mr_scan_set_init(&s->special, &special);
    s->records = records;
    s->rule = rule;
    return s;
}

/* The runs and the special bytes of a piece. */
struct piece {
    uint32_t runs[2 * PIECE + 2 + MR_SCAN_SLACK];
    uint32_t special[PIECE + 1 + MR_SCAN_SLACK]; /* and behind them, one that is never reached */
    size_t count;                                /* of whole runs */
    bool open;    /* another has a start and no end yet, */
    bool marked;  /* and a special byte */
};

/* Puts the words of a piece's whole runs. */
static int put_runs(const struct mr_word_scan *s, struct piece *p, struct batch *b)
{
    const uint32_t *special = p->special;
    for (size_t i = 0; i < p->count; i++) {
        uint32_t from = p->runs[2 * i], to = p->runs[2 * i + 1];
        bool marked = *special < to || p->marked;
        if ((marked ? put_run(s, b, from, to) : put(b, from, to)) < 0)
            return -1;
        p->marked = false;
        while (*special < to)
            special++;
    }
    p->marked |= p->open && *special != UINT32_MAX;
    return 0;
}

static int put_words(struct mr_mapper *m, const struct mr_chunk *chunk,
                     const struct mr_word_scan *s)
{
    struct batch b = { .m = m, .data = chunk->data };
    struct piece p = { .open = false, .marked = false };
    uint64_t inside = 0;
    for (size_t at = 0; at < chunk->size; at += PIECE) {
        size_t size = chunk->size - at < PIECE ? chunk->size - at : PIECE;
        size_t edges = p.open + m->kernel->edges(&s->runs, chunk->data + at, size, (uint32_t)at,
                                                 &inside, p.runs + p.open);
        size_t specials = m->kernel->members(&s->special, chunk->data + at, size, (uint32_t)at,
                                             p.special);
        p.special[specials] = UINT32_MAX;
        p.count = edges / 2;
        p.open = edges % 2;
        if (specials == 0 && !p.marked) { /* as in nearly all pieces of code */
            if (flush(&b) < 0 || mr_emit_many(&m->context, chunk->data, p.runs, p.count) < 0)
                return -1;
        } else if (put_runs(s, &p, &b) < 0) {
            return -1;
        }
        p.runs[0] = p.runs[edges - p.open];
    }
    if (p.open && put_run(s, &b, p.runs[0], chunk->size) < 0)
        return -1;
    return flush(&b);
}

/* ---- records in parts ------------------------------------------------------------------- */

/* Ends the current word, if there is one. */
static int end_word(struct mr_mapper *m)
{
    m->word.joiner = 0;
    if (!m->word.open)
        return 0;
    m->word.open = false;
    return mr_emit_part(&m->context, "", 0, true, 1);
}

/* Goes on with the current word, or begins one, by letters of a part. */
static int add_letters(struct mr_mapper *m, const unsigned char *letters, size_t size)
{
    if (!m->word.open && mr_emit_may(&m->context, CALLED) < 0)
        return -1;
    if (m->word.joiner > 0 &&
        mr_emit_part(&m->context, m->word.joined, m->word.joiner, false, 0) < 0)
        return -1;
    m->word.open = true;
    m->word.joiner = 0;
    return mr_emit_part(&m->context, letters, size, false, 0);
}

static int put_part(struct mr_mapper *m, const struct mr_chunk *chunk,
                    const struct mr_word_scan *s)
{
    const unsigned char *data = chunk->data;
    for (size_t at = 0, from; (from = at) < chunk->size;) {
        enum mr_word_run run = next_run(s, data, chunk->size, &at);
        if (run == MR_RUN_LETTERS) {
            if (add_letters(m, data + from, at - from) < 0)
                return -1;
        } else if (run == MR_RUN_JOINER && m->word.open && m->word.joiner == 0) {
            m->word.joiner = (unsigned char)(at - from);
            memcpy(m->word.joined, data + from, at - from);
        } else if (end_word(m) < 0) {
            return -1;
        }
    }
    return chunk->part == MR_LAST ? end_word(m) : 0;
}

int mr_emit_words_by(struct mr_context *out, const struct mr_chunk *chunk, enum mr_words rule)
{
    struct mr_mapper *m = mr_mapper_of(out);
    if (rule == MR_WORDS_WHITE)
        return mr_emit_words(out, chunk);
    const struct mr_word_scan *s = prepare(m, chunk->records, rule);
    if (chunk->part != MR_WHOLE)
        return put_part(m, chunk, s);
    return mr_emit_may(out, CALLED) < 0 ? -1 : put_words(m, chunk, s);
}

enum mr_word_run mr_word_run_next(struct mr_context *out, enum mr_words rule,
                                  const unsigned char *text, size_t size, size_t *at)
{
    static const struct mr_records white = {
        { { ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1, [' '] = 1 } }
    };
    return next_run(prepare(mr_mapper_of(out), &white, rule), text, size, at);
}
