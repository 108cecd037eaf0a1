/* Merging runs with a tree of losers. */
#include "sort/merge.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

size_t mr_merge_memory(size_t room, bool compressed)
{
    size_t inflater = compressed ? room + (48 << 10) : 0;
    return sizeof(struct mr_run_reader) + sizeof(uint32_t) + MR_BLOCK_HEAD + room + 64 + inflater;
}

int mr_merge_init(struct mr_merge *m, size_t count, size_t room, const struct mr_store *store,
                  struct mr_ordering order, struct mr_error *err)
{
    memset(m, 0, sizeof *m);
    m->order = order;
    m->store = store;
    m->size_max = room;
    m->err = err;
    m->runs = calloc(count ? count : 1, sizeof *m->runs);
    m->losers = malloc((count ? count : 1) * sizeof *m->losers);
    mr_block_reader_init(&m->readers.first, store, room);
    mr_block_reader_init(&m->readers.second, store, room);
    if (m->runs == NULL || m->losers == NULL)
        return mr_error_memory(err, count * sizeof *m->runs, "merging");
    return 0;
}

/* Moves a run to its next record, or to done. */
static int advance(struct mr_merge *m, struct mr_run_reader *r)
{
    struct mr_record *record = &r->current.record;
    if (r->next == r->end) {
        if (r->offset >= r->last) {
            r->done = true;
            return 0;
        }
        struct mr_block block;
        struct mr_block_link at = { r->offset, 0 };
        if (mr_block_read(&r->blocks, r->current.spool, r->current.task, MR_BLOCK_RUN, r->number,
                          at, &block, m->err) < 0)
            return -1;
        r->offset += block.stored;
        r->next = block.payload;
        r->end = block.payload + block.size;
    }
    r->next = mr_record_get(r->next, r->end, record);
    /* With any value it must fit in a block, as the writer of runs has it. */
    if (r->next == NULL || record->size + (size_t)MR_RECORD_HEAD_MAX > m->size_max)
        return mr_spool_damaged(r->current.spool, r->offset, "the run's block before it holds no "
                                                             "records", m->err);
    r->rank = mr_rank(m->order, record->value);
    r->word = mr_record_word(record);
    if (m->order.reverse)
        r->word = ~r->word;
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
    for (int i = 0; i < count && mr_points_compare(&points[i], from, m->order) < 0; i++)
        r->offset = points[i].offset;
    mr_block_reader_release(&reader);
    free(points);
    return count < 0 ? -1 : 0;
}

int mr_merge_add(struct mr_merge *m, const struct mr_runs *file, const struct mr_run *run,
                 uint32_t source, const struct mr_point *from)
{
    struct mr_run_reader *r = &m->runs[m->count++];
    mr_block_reader_init(&r->blocks, m->store, m->size_max);
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
        if (r->done || from == NULL)
            return 0;
        if (mr_point_compare(&r->current, from, m->order, &m->readers, &order, m->err) < 0)
            return -1;
        if (order >= 0)
            return 0;
    }
}

/* Whether run a's record comes before run b's: 1 or 0, or -1. Equal keys come in the order of
 * the runs. */
static int before(struct mr_merge *m, uint32_t a, uint32_t b)
{
    const struct mr_run_reader *x = &m->runs[a], *y = &m->runs[b];
    if (x->done || y->done)
        return x->done ? 0 : 1;
    if (x->rank != y->rank)
        return x->rank < y->rank;
    if (x->word != y->word)
        return x->word < y->word;
    int order;
    if (mr_compare_keys(&x->current, &y->current, &m->readers, &order, m->err) < 0)
        return -1;
    if (order == 0)
        return a < b;
    return (order < 0) != m->order.reverse;
}

/* Plays the matches on a run's way to the top, where it or another is then the winner. */
static int replay(struct mr_merge *m, uint32_t run)
{
    uint32_t winner = run;
    for (size_t node = (run + m->count) / 2; node > 0; node /= 2) {
        int loses = before(m, m->losers[node], winner);
        if (loses < 0)
            return -1;
        if (loses) {
            uint32_t loser = winner;
            winner = m->losers[node];
            m->losers[node] = loser;
        }
    }
    m->losers[0] = winner;
    return 0;
}

/* The winner of the matches below a node; run i is node count + i. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tree, log2 of the runs */
static int play(struct mr_merge *m, size_t node, uint32_t *winner)
{
    if (node >= m->count) {
        *winner = (uint32_t)(node - m->count);
        return 0;
    }
    uint32_t left, right;
    if (play(m, 2 * node, &left) < 0 || play(m, 2 * node + 1, &right) < 0)
        return -1;
    int left_wins = before(m, left, right);
    if (left_wins < 0)
        return -1;
    *winner = left_wins ? left : right;
    m->losers[node] = left_wins ? right : left;
    return 0;
}

int mr_merge_next(struct mr_merge *m, struct mr_run_reader **record)
{
    if (m->count == 0)
        return 0;
    if (!m->started) {
        m->started = true;
        if (play(m, 1, &m->losers[0]) < 0)
            return -1;
    } else {
        uint32_t last = m->losers[0];
        if (advance(m, &m->runs[last]) < 0 || replay(m, last) < 0)
            return -1;
    }
    struct mr_run_reader *first = &m->runs[m->losers[0]];
    if (first->done)
        return 0;
    if (m->until != NULL) {
        int order;
        if (mr_point_compare(&first->current, m->until, m->order, &m->readers, &order, m->err) <
            0)
            return -1;
        if (order >= 0)
            return 0;
    }
    *record = first;
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
