/* Chains of a partition's buckets. */
#include "reduce/chains.h"

#include "base/error.h"
#include "partition/shuffle.h"

#include <stdlib.h>
#include <string.h>

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
    return c->links ? 0 : mr_error_memory(err, bytes, "the places of buckets");
}

void mr_chains_release(struct mr_chains *c)
{
    mr_block_reader_release(&c->reader);
    free(c->links);
    memset(c, 0, sizeof *c);
}

/* Finds where the chains end of the window of buckets that has this one. */
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
    return number - c->from < c->held ? 0 : find(c, number);
}

/* Turns to the next map task that has blocks of the bucket. Returns whether there is one. */
static bool next_task(struct mr_chains *c, struct mr_chain_block *b)
{
    while (c->link.offset == 0) {
        if (c->next == c->shuffles->count)
            return false;
        b->place = c->next++;
        b->task = c->shuffles->order ? c->shuffles->order[b->place] : b->place;
        b->after = 0;
        c->link = c->links[(size_t)b->task * c->window + c->number - c->from];
    }
    return true;
}

int mr_chains_next(struct mr_chains *c, struct mr_chain_block *b)
{
    b->after++;
    if (!next_task(c, b))
        return 0;
    if (mr_block_read(&c->reader, &c->shuffles->files[b->task], b->task, MR_BLOCK_RECORDS,
                      c->plan->first + c->number, c->link, &b->block, c->err) < 0)
        return -1;
    b->at = c->link;
    c->link = b->block.before;
    return 1;
}
