/* The survey of a partition's shuffle files. */
#include "reduce/shuffle_survey.h"

#include "partition/shuffle.h"

/* Reads all blocks of a bucket, from its last one on. Returns 0 or -1. */
static int read_bucket(struct mr_chains *c, uint32_t task, uint32_t bucket,
                       struct mr_block_link link, struct mr_error *err)
{
    while (link.offset != 0) {
        struct mr_block block;
        if (mr_block_read(&c->reader, &c->shuffles->files[task], task, MR_BLOCK_RECORDS, bucket,
                          link, &block, err) < 0)
            return -1;
        link = block.before;
    }
    return 0;
}

/* Reads all that the partition has in a file. Returns 0 or -1. */
static int read_file(struct mr_chains *c, uint32_t task, struct mr_error *err)
{
    const struct mr_reduce_plan *p = c->plan;
    const struct mr_spool *file = &c->shuffles->files[task];
    if (p->cells > 0 && mr_shuffle_cells(&c->reader, file, task, p->buckets, p->cells, p->first,
                                         p->count, NULL, err) < 0)
        return -1;
    for (uint32_t from = 0; from < p->count; from += c->window) {
        uint32_t left = p->count - from, held = left < c->window ? left : c->window;
        if (mr_shuffle_table(&c->reader, file, task, p->buckets, p->first + from, held, c->links,
                             err) < 0)
            return -1;
        for (uint32_t i = 0; i < held; i++)
            if (read_bucket(c, task, p->first + from + i, c->links[i], err) < 0)
                return -1;
    }
    return 0;
}

/* Whether the damage that err tells of is in one of the shuffle files. */
static bool is_in_shuffle(const struct mr_shuffles *s, const struct mr_error *err)
{
    for (uint32_t i = 0; err->damaged != 0 && i < s->count; i++)
        if (s->files[i].id == err->damaged)
            return true;
    return false;
}

void mr_survey_shuffles(struct mr_chains *c, const struct mr_error *err)
{
    struct mr_error other = { 0 };
    if (err->final || !is_in_shuffle(c->shuffles, err))
        return;
    for (uint32_t i = 0; i < c->shuffles->count; i++) {
        struct mr_spool *file = &c->shuffles->files[i];
        bool known = file->id == err->damaged || mr_spool_is_marked(file);
        if (!known && read_file(c, i, &other) < 0 && !mr_spool_mark_damaged(file, &other))
            return; /* no memory, say */
    }
}
