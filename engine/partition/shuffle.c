/* The shuffle file: a buffer a bucket, chains of blocks, a table of their ends, sums of values. */
#include "partition/shuffle.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    SLACK = sizeof(struct mr_short), /* mr_shuffle_add_short stores whole registers */
    TABLE_ENTRY = 12,
    CELL = sizeof(uint64_t)
};

/* Buffers a power of two apart would all fall in the same sets of the cache: 64 bytes more
 * than the payload needs keep them apart. */
static size_t stride_of(uint32_t payload_max)
{
    return ((size_t)MR_BLOCK_HEAD + payload_max + SLACK + 63) / 64 * 64 + 64;
}

static size_t table_size(uint32_t buckets)
{
    return MR_BLOCK_HEAD + (size_t)buckets * TABLE_ENTRY;
}

size_t mr_shuffle_writer_memory(uint32_t buckets, uint32_t payload_max)
{
    return buckets * (stride_of(payload_max) + sizeof(struct mr_bucket)) + table_size(buckets);
}

int mr_shuffle_writer_init(struct mr_shuffle_writer *w, struct mr_block_writer *blocks,
                           uint32_t buckets, uint32_t payload_max, struct mr_error *err)
{
    memset(w, 0, sizeof *w);
    w->blocks = blocks;
    w->buckets = w->cell_count = buckets;
    w->payload_max = payload_max;
    w->stride = stride_of(payload_max);
    w->bytes = mr_memory_get_huge(buckets * w->stride);
    w->bucket = calloc(buckets, sizeof *w->bucket);
    if (w->bytes == NULL || w->bucket == NULL)
        return mr_error_memory(err, mr_shuffle_writer_memory(buckets, payload_max),
                               "shuffle buffers");
    return 0;
}

int mr_shuffle_sum_cells(struct mr_shuffle_writer *w, uint32_t each, struct mr_error *err)
{
    w->cell_count = w->buckets * each;
    w->cell_bits = (unsigned)__builtin_ctz(each);
    w->cells = calloc(w->cell_count, CELL);
    return w->cells ? 0 : mr_error_memory(err, (size_t)w->cell_count * CELL, "sums of values");
}

int mr_shuffle_flush(struct mr_shuffle_writer *w, uint32_t bucket, struct mr_error *err)
{
    struct mr_bucket *b = &w->bucket[bucket];
    if (b->fill == 0)
        return 0;
    if (mr_block_write(w->blocks, MR_BLOCK_RECORDS, bucket, w->bytes + bucket * w->stride,
                       b->fill, &b->last, err) < 0)
        return -1;
    b->fill = 0;
    b->whole.size = 0;
    return 0;
}

/* Writes the sums of the cells, if there are any; *at is where. */
static int write_cells(struct mr_shuffle_writer *w, struct mr_block_link *at, struct mr_error *err)
{
    if (w->cells == NULL)
        return 0;
    size_t size = (size_t)w->cell_count * CELL;
    unsigned char *block = malloc(MR_BLOCK_HEAD + size);
    if (block == NULL)
        return mr_error_memory(err, MR_BLOCK_HEAD + size, "sums of values");
    for (uint32_t i = 0; i < w->cell_count; i++)
        mr_put64(block + MR_BLOCK_HEAD + (size_t)i * CELL, w->cells[i]);
    int result = mr_block_write(w->blocks, MR_BLOCK_CELLS, 0, block, (uint32_t)size, at, err);
    free(block);
    return result;
}

int mr_shuffle_writer_finish(struct mr_shuffle_writer *w, struct mr_error *err)
{
    unsigned char *table = malloc(table_size(w->buckets));
    if (table == NULL)
        return mr_error_memory(err, table_size(w->buckets), "a shuffle file's table");
    int result = 0;
    unsigned char *to = table + MR_BLOCK_HEAD;
    for (uint32_t i = 0; i < w->buckets && result == 0; i++, to += TABLE_ENTRY) {
        result = mr_shuffle_flush(w, i, err);
        mr_put64(to, w->bucket[i].last.offset);
        mr_put32(to + 8, w->bucket[i].last.size);
    }
    /* The table is found from the file's end, so its size must be known: it is not deflated. */
    bool compress = w->blocks->compress;
    struct mr_block_link cells = { 0, 0 };
    if (result == 0)
        result = write_cells(w, &cells, err);
    w->blocks->compress = false;
    if (result == 0)
        result = mr_block_write(w->blocks, MR_BLOCK_TABLE, 0, table, w->buckets * TABLE_ENTRY,
                                &cells, err);
    w->blocks->compress = compress;
    free(table);
    return result;
}

void mr_shuffle_writer_release(struct mr_shuffle_writer *w)
{
    mr_memory_release(w->bytes, w->buckets * w->stride);
    free(w->bucket);
    free(w->cells);
    memset(w, 0, sizeof *w);
}

/* Finds the table's payload, and where its block links to. Returns NULL on failure. */
static const unsigned char *read_table(struct mr_block_reader *reader, const struct mr_spool *spool,
                                       uint32_t task, uint32_t buckets,
                                       struct mr_block_link *before, struct mr_error *err)
{
    const size_t size = table_size(buckets);
    struct mr_block block;
    if (mr_block_check_file(spool, reader->store, task, err) < 0)
        return NULL;
    if (spool->size < MR_FILE_HEAD + size) {
        (void)mr_spool_damaged(spool, 0, "it has no table", err);
        return NULL;
    }
    struct mr_block_link at = { spool->size - size, (uint32_t)size };
    if (mr_block_read(reader, spool, task, MR_BLOCK_TABLE, 0, at, &block, err) < 0)
        return NULL;
    if (block.size != buckets * TABLE_ENTRY) { /* it was inflated to something else */
        (void)mr_spool_damaged(spool, at.offset, "its table has a wrong size", err);
        return NULL;
    }
    *before = block.before;
    return block.payload;
}

int mr_shuffle_table(struct mr_block_reader *reader, const struct mr_spool *spool, uint32_t task,
                     uint32_t buckets, uint32_t first, uint32_t count,
                     struct mr_block_link *links, struct mr_error *err)
{
    struct mr_block_link before;
    const unsigned char *from = read_table(reader, spool, task, buckets, &before, err);
    if (from == NULL)
        return -1;
    from += (size_t)first * TABLE_ENTRY;
    for (uint32_t i = 0; i < count; i++, from += TABLE_ENTRY)
        links[i] = (struct mr_block_link){ mr_get64(from), mr_get32(from + 8) };
    return 0;
}

int mr_shuffle_cells(struct mr_block_reader *reader, const struct mr_spool *spool, uint32_t task,
                     uint32_t buckets, uint32_t each, uint32_t first, uint32_t count,
                     uint64_t *cells, struct mr_error *err)
{
    struct mr_block_link at;
    struct mr_block block;
    if (read_table(reader, spool, task, buckets, &at, err) == NULL)
        return -1;
    if (mr_block_read(reader, spool, task, MR_BLOCK_CELLS, 0, at, &block, err) < 0)
        return -1;
    if (block.size != (size_t)buckets * each * CELL)
        return mr_spool_damaged(spool, at.offset, "there are not as many sums as cells", err);
    const unsigned char *from = block.payload + (size_t)first * each * CELL;
    for (size_t i = 0; cells != NULL && i < (size_t)count * each; i++, from += CELL)
        mr_cell_add(&cells[i], mr_get64(from));
    return 0;
}
