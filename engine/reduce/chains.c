/* Chains of a partition's buckets. */
#include "reduce/chains.h"

#include "base/error.h"
#include "base/memory.h"
#include "partition/shuffle.h"

#include <stdlib.h>
#include <string.h>

enum { MARKS_LEAST = 1 << 6, MARKS_MOST = 1 << 13 }; /* powers of two */

/* How blocks are found in the order of the input. */
struct mr_chain_marks {
    struct mr_block_link *at;      /* of every stride-th block, from the last one on */
    size_t room, count, stride;
    struct mr_block_link *segment; /* those from a mark on, the next one last */
    size_t segment_room, segment_count;
    struct mr_block_link last;     /* that was given */
};

int mr_chains_init(struct mr_chains *c, const struct mr_reduce_plan *p,
                   const struct mr_shuffles *shuffles, const struct mr_store *store,
                   _Atomic uint64_t *progress, struct mr_error *err)
{
    uint32_t entry = 12 + 8 * p->cells; /* what a bucket has in tables, at most in one of them */
    uint32_t room = p->bucket_payload > p->buckets * entry ? p->bucket_payload : p->buckets * entry;
    memset(c, 0, sizeof *c);
    c->plan = p;
    c->shuffles = shuffles;
    c->err = err;
    mr_block_reader_init(&c->reader, store, room);
    c->reader.progress = progress;
    size_t windows = p->links / sizeof *c->links / (shuffles->count + (size_t)1);
    c->window = windows < p->count ? (uint32_t)windows : p->count;
    if (c->window == 0)
        c->window = 1;
    size_t bytes = ((size_t)shuffles->count * c->window + 1) * sizeof *c->links; /* never none */
    c->links = malloc(bytes);
    return c->links ? 0 : mr_error_memory(err, bytes, "the links to buckets");
}

void mr_chains_release(struct mr_chains *c)
{
    mr_block_reader_release(&c->reader);
    if (c->marks) {
        free(c->marks->at);
        free(c->marks->segment);
    }
    free(c->marks);
    free(c->links);
    memset(c, 0, sizeof *c);
}

/* Reads the links to the last blocks of the buckets in this one's window. */
static int find(struct mr_chains *c, uint32_t number)
{
    const struct mr_reduce_plan *p = c->plan;
    c->from = number - number % c->window;
    uint32_t left = p->count - c->from;
    c->held = left < c->window ? left : c->window;
    for (uint32_t i = 0; i < c->shuffles->count; i++)
        if (mr_shuffle_table(&c->reader, &c->shuffles->files[i], i, p->buckets, p->first + c->from,
                             c->held, c->links + (size_t)i * c->window, c->err) < 0)
            return -1;
    return 0;
}

int mr_chains_cells(struct mr_chains *c, uint64_t *cells)
{
    const struct mr_reduce_plan *p = c->plan;
    for (uint32_t i = 0; i < c->shuffles->count; i++)
        if (mr_shuffle_cells(&c->reader, &c->shuffles->files[i], i, p->buckets, p->cells, p->first,
                             p->count, cells, c->err) < 0)
            return -1;
    return 0;
}

int mr_chains_bucket(struct mr_chains *c, uint32_t number)
{
    c->number = number;
    c->next = 0;
    c->link = (struct mr_block_link){ 0, 0 };
    if (c->marks)
        c->marks->count = c->marks->segment_count = 0;
    return number - c->from < c->held ? 0 : find(c, number);
}

/* Goes to the next map task that has blocks of the bucket. Returns whether there is one. */
static bool next_task(struct mr_chains *c, struct mr_chain_block *b)
{
    while (c->link.offset == 0) {
        if (c->next == c->shuffles->count)
            return false;
        b->place = c->next;
        b->task = c->shuffles->order ? c->shuffles->order[c->next] : c->next;
        c->next++;
        c->link = c->links[(size_t)b->task * c->window + c->number - c->from];
    }
    return true;
}

/* Reads a block that next_task has led to. */
static int read_block(struct mr_chains *c, struct mr_chain_block *b, struct mr_block_link link)
{
    b->at = link;
    return mr_block_read(&c->reader, &c->shuffles->files[b->task], b->task, MR_BLOCK_RECORDS,
                         c->plan->first + c->number, link, &b->block, c->err);
}

/* ---- in the order of the input ---------------------------------------------------------- */

int mr_chains_in_order(struct mr_chains *c)
{
    struct mr_chain_marks *m = calloc(1, sizeof *m);
    size_t room = MARKS_MOST;
    while (room > MARKS_LEAST && room * sizeof *m->at > c->plan->links / 4)
        room /= 2;
    c->marks = m;
    if (m != NULL)
        *m = (struct mr_chain_marks){ .at = malloc(room * sizeof *m->at), .room = room };
    return m && m->at ? 0 : mr_error_memory(c->err, room * sizeof *m->at, "the places of blocks");
}

/* Goes back by a block. */
static int step_back(struct mr_chains *c, uint32_t task, struct mr_block_link *link)
{
    return mr_block_read_before(&c->reader, &c->shuffles->files[task], *link, link, c->err);
}

/* Marks blocks of the task, whose last one is at link. */
static int mark(struct mr_chains *c, uint32_t task, struct mr_block_link link)
{
    struct mr_chain_marks *m = c->marks;
    m->count = 0;
    m->stride = 1;
    m->last = (struct mr_block_link){ 0, 0 };
    for (size_t i = 0; link.offset != 0; i++) {
        if (m->count == m->room && i % m->stride == 0) {
            m->count /= 2;
            m->stride *= 2;
            for (size_t k = 0; k < m->count; k++)
                m->at[k] = m->at[2 * k];
        }
        if (i % m->stride == 0)
            m->at[m->count++] = link;
        if (step_back(c, task, &link) < 0)
            return -1;
    }
    return 0;
}

/* Looks up the blocks from the last mark on. */
static int find_segment(struct mr_chains *c, uint32_t task)
{
    struct mr_chain_marks *m = c->marks;
    struct mr_block_link link = m->at[--m->count];
    while (link.offset != 0 && m->segment_count < m->stride) {
        struct mr_block_link *segment =
            mr_memory_grow(m->segment, &m->segment_room, m->segment_count, sizeof *segment,
                           "the places of blocks", c->err);
        if (segment == NULL)
            return -1;
        m->segment = segment;
        m->segment[m->segment_count++] = link;
        if (m->segment_count < m->stride && step_back(c, task, &link) < 0)
            return -1;
    }
    return 0;
}

static int next_in_order(struct mr_chains *c, struct mr_chain_block *b)
{
    struct mr_chain_marks *m = c->marks;
    if (m->segment_count == 0 && m->count == 0) {
        if (!next_task(c, b))
            return 0;
        if (mark(c, b->task, c->link) < 0)
            return -1;
        c->link.offset = 0;
    }
    if (m->segment_count == 0 && find_segment(c, b->task) < 0)
        return -1;
    if (read_block(c, b, m->segment[--m->segment_count]) < 0)
        return -1;
    if (b->block.before.offset != m->last.offset || b->block.before.size != m->last.size)
        return mr_spool_damaged(&c->shuffles->files[b->task], b->at.offset,
                                "a link to it has led past another block", c->err);
    m->last = b->at;
    return 1;
}

/* ---- in any order ----------------------------------------------------------------------- */

int mr_chains_next(struct mr_chains *c, struct mr_chain_block *b)
{
    if (c->marks != NULL)
        return next_in_order(c, b);
    if (!next_task(c, b))
        return 0;
    if (read_block(c, b, c->link) < 0)
        return -1;
    c->link = b->block.before;
    return 1;
}
