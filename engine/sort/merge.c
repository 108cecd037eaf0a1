/* Merging runs with a tree of losers. */
#include "sort/merge.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- codes ------------------------------------------------------------------------------ */

/*
 * A code is smaller where its key comes first:
 *
 *     13 bits    the digit's index, counted down from DIGITS, as who leaves later comes first
 *     51 bits    the digit: 6 bytes of the key, and how many of them it has
 *
 * A key of exactly 6 bytes is taken to continue, with a digit of no bytes: so keys that share n
 * bytes differ first in digit n / 6.
 */
enum { DIGIT_BYTES = 6, DIGIT_BITS = 51, DIGITS = 8190 };

#define DIGIT_MASK (UINT64_MAX >> (64 - DIGIT_BITS))
#define UNKNOWN 0       /* where nothing is known: relative to a key of another rank, say */
#define DONE UINT64_MAX /* of a run without more records */

/* A digit of a key in memory, which has MR_BLOCK_SLACK readable bytes behind it. */
static uint64_t digit_at(const struct mr_record *r, uint32_t index)
{
    uint32_t from = index * DIGIT_BYTES, left = r->size - from;
    uint64_t bytes;
    memcpy(&bytes, r->key + from, sizeof bytes);
    bytes = be64toh(bytes);
    if (left < DIGIT_BYTES)
        bytes &= ~(UINT64_MAX >> 8 * left);
    else
        left = DIGIT_BYTES;
    return bytes >> 16 << 3 | left;
}

static bool digit_continues(uint64_t digit)
{
    return (digit & 7) == DIGIT_BYTES;
}

static uint64_t code_of(const struct mr_merge *m, uint64_t digit, uint32_t index)
{
    if (index >= DIGITS)
        return UNKNOWN;
    digit = m->order.reverse ? digit ^ DIGIT_MASK : digit;
    return (uint64_t)(DIGITS - index) << DIGIT_BITS | digit;
}

static uint32_t index_of(uint64_t code)
{
    return code == UNKNOWN ? 0 : DIGITS - (uint32_t)(code >> DIGIT_BITS);
}

/* ---- runs ------------------------------------------------------------------------------- */

size_t mr_merge_memory(size_t payload_max, bool compressed)
{
    size_t inflater = compressed ? payload_max + (48 << 10) : 0;
    size_t own = sizeof(struct mr_run_reader) + sizeof(struct mr_player);
    return own + MR_BLOCK_HEAD + payload_max + 64 + inflater;
}

int mr_merge_init(struct mr_merge *m, size_t count, size_t payload_max,
                  const struct mr_store *store, struct mr_ordering order, struct mr_error *err)
{
    memset(m, 0, sizeof *m);
    m->order = order;
    m->store = store;
    m->payload_max = payload_max;
    m->err = err;
    count++; /* for the bound */
    m->runs = calloc(count, sizeof *m->runs);
    m->losers = malloc(count * sizeof *m->losers);
    mr_block_reader_init(&m->readers.first, store, payload_max);
    mr_block_reader_init(&m->readers.second, store, payload_max);
    if (m->runs == NULL || m->losers == NULL)
        return mr_error_memory(err, count * sizeof *m->runs, "merging");
    return 0;
}

void mr_merge_watch(struct mr_merge *m, _Atomic uint64_t *progress)
{
    m->progress = m->readers.first.progress = m->readers.second.progress = progress;
}

/* The bound is a run of its own whose record comes before its equals; it has no blocks. */
void mr_merge_until(struct mr_merge *m, const struct mr_point *until)
{
    struct mr_run_reader *r = &m->runs[m->count++];
    memcpy(m->bound, until->key, until->size);
    uint64_t number = m->order.values ? 0 : until->value; /* of values: before all that there are */
    r->current.record = (struct mr_record){ m->bound, until->size, false, number };
    r->group = mr_group(m->order, &r->current.record);
    r->rank = mr_rank(m->order, until->value);
    m->bounded = true;
}

/* Reads a run's next block, past what is out-of-line. Returns 1, 0 at the run's end, or -1. */
static int read_block(struct mr_merge *m, struct mr_run_reader *r, struct mr_block *block)
{
    uint64_t at;
    do {
        at = r->offset;
        if (at >= r->last)
            return 0;
        if (mr_block_read_any(&r->blocks, r->current.spool, r->current.task,
                              (struct mr_block_link){ at, 0 }, block, m->err) < 0)
            return -1;
        r->offset += block->stored;
    } while (m->gaps && block->kind == MR_BLOCK_KEY);
    if (block->kind != MR_BLOCK_RUN || block->owner != r->number)
        return mr_spool_damaged(r->current.spool, at, "another block stands there", m->err);
    return 1;
}

enum { AHEAD = 64 }; /* bytes behind a record, up to where a run's next ones are asked for */

/* Moves a run to its next record, which gets its code relative to the one before. */
static int advance(struct mr_merge *m, struct mr_run_reader *r)
{
    struct mr_record *record = &r->current.record;
    bool first = r->next == r->end;
    if (first) {
        struct mr_block block;
        int more = read_block(m, r, &block);
        if (more <= 0) {
            r->code = DONE;
            return more;
        }
        r->next = block.payload;
        r->end = block.payload + block.size;
    }
    uint64_t group = r->group, rank = r->rank;
    uint32_t shared;
    bool out_of_line = record->out_of_line;
    r->next = mr_run_get(r->next, r->end, first, m->order.values, record, &shared);
    /* With any number it must fit in a block, as the writer of runs has it. */
    if (r->next == NULL ||
        (size_t)(r->next - record->key) + (size_t)MR_RECORD_HEAD_MAX > m->payload_max)
        return mr_spool_damaged(r->current.spool, r->offset, "the run's block before it holds no "
                                                             "records", m->err);
    r->group = mr_group(m->order, record);
    r->rank = mr_rank(m->order, record->value);
    uint32_t index = shared / DIGIT_BYTES;
    r->code = r->group != group || r->rank != rank || out_of_line || record->out_of_line
                  ? UNKNOWN
                  : code_of(m, digit_at(record, index), index);
    __builtin_prefetch(r->next + AHEAD); /* by the run's next turn the cache has seen many others */
    return 0;
}

/* Where to begin reading a run for records from a point on: at its last block that is known to
 * begin before the point. */
static int find_start(struct mr_merge *m, struct mr_run_reader *r, const struct mr_runs *file,
                      const struct mr_run *run, const struct mr_point *from)
{
    struct mr_point *points = malloc(MR_POINTS * sizeof *points);
    if (points == NULL)
        return mr_error_memory(m->err, MR_POINTS * sizeof *points, "a run's points");
    struct mr_block_reader reader;
    mr_block_reader_init(&reader, m->store, MR_INDEX_MAX);
    int count = mr_run_points(&reader, file->spool, file->task, run, points, m->err);
    int last = -1;
    while (last + 1 < count && mr_points_compare(&points[last + 1], from, m->order) < 0)
        last++;
    if (last >= 0) {
        r->offset = points[last].offset;
        m->before += points[last].before;
    }
    mr_block_reader_release(&reader);
    free(points);
    return count < 0 ? -1 : 0;
}

int mr_merge_add(struct mr_merge *m, const struct mr_runs *file, const struct mr_run *run,
                 uint32_t source, const struct mr_point *from)
{
    struct mr_run_reader *r = &m->runs[m->count++];
    mr_block_reader_init(&r->blocks, m->store, m->payload_max);
    r->blocks.progress = m->progress;
    r->current.spool = file->spool;
    r->current.task = file->task;
    r->offset = run->offset;
    r->last = run->end;
    r->number = run->number;
    r->source = source;
    if (from != NULL && find_start(m, r, file, run, from) < 0)
        return -1;
    for (;;) {
        int order;
        if (advance(m, r) < 0)
            return -1;
        if (r->code == DONE)
            return 0;
        r->code = UNKNOWN; /* there is no last winner yet */
        if (from == NULL)
            return 0;
        if (mr_point_compare(&r->current, from, m->order, &m->readers, &order, m->err) < 0)
            return -1;
        if (order >= 0)
            return 0;
        struct mr_key_place place = { file->spool, file->task, &m->readers.first };
        uint64_t weight;
        if (mr_weigh(&m->scale, &r->current.record, &place, &weight, m->err) < 0)
            return -1;
        m->before += weight;
    }
}

/* ---- matches ---------------------------------------------------------------------------- */

/* Whether the first of two records with equal keys comes first: 1, 0, or -1. */
static int comes_first(struct mr_merge *m, uint32_t run, uint32_t other)
{
    const struct mr_file_record *x = &m->runs[run].current, *y = &m->runs[other].current;
    if (m->bounded && (run == 0 || other == 0))
        return run == 0;
    if (m->order.by_bytes) {
        int order;
        if (mr_compare_values(x, y, &m->readers, &order, m->err) < 0)
            return -1;
        return order == 0 ? run < other : (order < 0) != m->order.reverse;
    }
    uint64_t a = x->record.value, b = y->record.value;
    return m->order.values && a != b ? a < b : run < other;
}

/* Compares the keys of two inline records of one rank, which are equal before the digit of that
 * index. Returns whether a's comes first, 1 or 0, or -1; *code becomes the loser's, relative to the
 * winner. */
static int compare(struct mr_merge *m, const struct mr_player *a, const struct mr_player *b,
                   uint32_t index, uint64_t *code)
{
    const struct mr_record *x = &m->runs[a->run].current.record;
    const struct mr_record *y = &m->runs[b->run].current.record;
    uint64_t p, q;
    while ((p = digit_at(x, index)) == (q = digit_at(y, index))) {
        if (!digit_continues(p)) { /* equal keys */
            *code = UNKNOWN;
            return comes_first(m, a->run, b->run);
        }
        index++;
    }
    bool first = (p < q) != m->order.reverse;
    *code = code_of(m, first ? q : p, index);
    return first;
}

/* Plays a match that codes do not decide: the winner is *a then, and the loser has its code
 * relative to it. Returns 0 or -1. */
static __attribute__((noinline)) int match_by_keys(struct mr_merge *m, struct mr_player *a,
                                                   struct mr_player *b)
{
    const struct mr_run_reader *x = &m->runs[a->run], *y = &m->runs[b->run];
    uint64_t code = UNKNOWN;
    int wins;
    if (a->code == DONE || b->code == DONE) {
        wins = b->code == DONE;
        code = DONE;
    } else if (x->group != y->group) {
        wins = x->group < y->group;
    } else if (x->rank != y->rank) {
        wins = x->rank < y->rank;
    } else if (x->current.record.out_of_line || y->current.record.out_of_line) {
        int order;
        if (mr_compare_keys(&x->current, &y->current, &m->readers, &order, m->err) < 0)
            return -1;
        wins = order == 0 ? comes_first(m, a->run, b->run) : (order < 0) != m->order.reverse;
    } else {
        uint32_t index = a->code == b->code ? index_of(a->code) : 0;
        wins = compare(m, a, b, index, &code);
    }
    if (wins < 0)
        return -1;
    if (!wins) {
        struct mr_player t = *a;
        *a = *b;
        *b = t;
    }
    b->code = code;
    return 0;
}

/* Plays a match, by codes where they decide it. */
static inline int match(struct mr_merge *m, struct mr_player *a, struct mr_player *b)
{
    if (a->code == b->code || a->code == UNKNOWN || b->code == UNKNOWN) {
        struct mr_player held = *a; /* its address is handed on, so that *a stays in registers */
        int result = match_by_keys(m, &held, b);
        *a = held;
        return result;
    }
    /* They change places, or not, without a branch, as it could not be foreseen. */
    uint64_t mask = a->code < b->code ? 0 : UINT64_MAX;
    uint64_t code = (a->code ^ b->code) & mask;
    uint32_t run = (a->run ^ b->run) & (uint32_t)mask;
    a->code ^= code;
    b->code ^= code;
    a->run ^= run;
    b->run ^= run;
    return 0;
}

/* Plays the matches on a run's way to the top, where it or another is then the winner. */
static int replay(struct mr_merge *m, uint32_t run)
{
    struct mr_player winner = { m->runs[run].code, run };
    for (size_t node = (run + m->count) / 2; node > 0; node /= 2)
        if (match(m, &winner, &m->losers[node]) < 0)
            return -1;
    m->losers[0] = winner;
    return 0;
}

/* The winner of the matches below a node; run i is node count + i. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tree, log2 of the runs */
static int play(struct mr_merge *m, size_t node, struct mr_player *winner)
{
    if (node >= m->count) {
        uint32_t run = (uint32_t)(node - m->count);
        *winner = (struct mr_player){ m->runs[run].code, run };
        return 0;
    }
    struct mr_player *loser = &m->losers[node];
    if (play(m, 2 * node, winner) < 0 || play(m, 2 * node + 1, loser) < 0)
        return -1;
    return match(m, winner, loser);
}

static bool ended(const struct mr_merge *m)
{
    return m->losers[0].code == DONE || (m->bounded && m->losers[0].run == 0);
}

int mr_merge_next(struct mr_merge *m, struct mr_run_reader **record)
{
    if (m->count == 0)
        return 0;
    if (!m->started) {
        m->started = true;
        if (play(m, 1, &m->losers[0]) < 0)
            return -1;
    } else if (!ended(m)) {
        uint32_t last = m->losers[0].run;
        if (advance(m, &m->runs[last]) < 0 || replay(m, last) < 0)
            return -1;
    }
    if (ended(m))
        return 0;
    *record = &m->runs[m->losers[0].run];
    return 1;
}

void mr_merge_release(struct mr_merge *m)
{
    for (size_t i = 0; i < m->count; i++)
        mr_block_reader_release(&m->runs[i].blocks);
    free(m->runs);
    free(m->losers);
    mr_block_reader_release(&m->readers.first);
    mr_block_reader_release(&m->readers.second);
    memset(m, 0, sizeof *m);
}
