/* Runs and their sample points. */
#include "sort/run.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

enum { RUN_ENTRY = 44, RECORD_HEAD_MAX = MR_VARINT_MAX + MR_RECORD_HEAD_MAX,
       POINT_ROOM = 3 * MR_VARINT_MAX + 1 + MR_POINT_KEY };

int mr_run_writer_init(struct mr_run_writer *w, struct mr_block_writer *blocks,
                       uint32_t payload_max, struct mr_error *err)
{
    memset(w, 0, sizeof *w);
    w->blocks = blocks;
    w->payload_max = payload_max;
    w->block = malloc(MR_BLOCK_HEAD + (size_t)payload_max + MR_BLOCK_SLACK);
    /* More than a key takes that fits in a block. */
    w->key = calloc(1, (size_t)payload_max + MR_BLOCK_SLACK);
    w->points = malloc(MR_POINTS * sizeof *w->points);
    if (w->block == NULL || w->key == NULL || w->points == NULL)
        return mr_error_memory(err, payload_max, "a sorted run");
    return 0;
}

void mr_run_begin(struct mr_run_writer *w, uint32_t number)
{
    w->run = (struct mr_run){ .offset = w->blocks->spool->size, .number = number };
    w->fill = 0;
    w->key_size = 0;
    w->point_count = 0;
    w->stride = 1;
    w->until_point = w->gaps ? UINT32_MAX : 0; /* where its blocks begin is not known before */
}

static void thin_points(struct mr_run_writer *w)
{
    for (uint32_t i = 0; 2 * i < w->point_count; i++)
        w->points[i] = w->points[(size_t)2 * i];
    w->point_count /= 2;
    w->stride *= 2;
}

/* The record is the first of a block: notes it as a point if one is due. An out-of-line key is
 * passed over for the next block's: its first bytes are too few to tell that what comes before a
 * point comes before the block. */
static void note_point(struct mr_run_writer *w, const struct mr_record *r)
{
    if (w->until_point > 0) {
        w->until_point--;
        return;
    }
    if (r->out_of_line)
        return;
    if (w->point_count == MR_POINTS)
        thin_points(w);
    struct mr_point *p = &w->points[w->point_count++];
    p->value = r->value;
    p->offset = w->blocks->spool->size;
    p->before = w->run.weight;
    p->size = r->size < MR_POINT_KEY ? r->size : MR_POINT_KEY;
    memcpy(p->key, r->key, p->size);
    w->until_point = w->stride - 1;
}

static int flush(struct mr_run_writer *w, struct mr_error *err)
{
    struct mr_block_link at = { 0, 0 };
    if (w->fill > 0 && mr_block_write(w->blocks, MR_BLOCK_RUN, w->run.number, w->block, w->fill,
                                      &at, err) < 0)
        return -1;
    w->fill = 0;
    return 0;
}

/* How many bytes a record's key shares with the one before, which it becomes. */
static uint32_t share(struct mr_run_writer *w, const struct mr_record *r)
{
    if (r->out_of_line) {
        w->key_size = 0;
        return 0;
    }
    uint32_t least = r->size < w->key_size ? r->size : w->key_size;
    uint32_t shared;
    if (w->slack) {
        shared = mr_common_slack(w->key, r->key, least);
        mr_copy_wide(w->key, r->key, r->size);
    } else {
        shared = mr_common(w->key, r->key, least);
        mr_copy_key(w->key + shared, r->key + shared, r->size - shared);
    }
    w->key_size = r->size;
    return shared;
}

int mr_run_add(struct mr_run_writer *w, const struct mr_record *r, uint64_t weight,
               struct mr_error *err)
{
    uint32_t behind = w->values ? mr_record_value_size(r) : 0;
    if (w->fill + RECORD_HEAD_MAX + r->size + behind > w->payload_max && flush(w, err) < 0)
        return -1;
    if (w->fill == 0)
        note_point(w, r);
    uint32_t shared = share(w, r), skipped = w->fill == 0 ? 0 : shared;
    unsigned char *start = w->block + MR_BLOCK_HEAD;
    unsigned char *to = mr_varint_put(start + w->fill, shared);
    to = mr_record_put_head(to, r->size - skipped, r->out_of_line, r->value);
    if (w->slack)
        mr_copy_wide(to, r->key + skipped, r->size - skipped + behind);
    else
        mr_copy_key(to, r->key + skipped, r->size - skipped + behind);
    w->fill = (uint32_t)(to + r->size - skipped + behind - start);
    w->run.records++;
    w->run.weight += weight;
    return 0;
}

int mr_run_end(struct mr_run_writer *w, struct mr_run *run, struct mr_error *err)
{
    if (flush(w, err) < 0)
        return -1;
    w->run.end = w->blocks->spool->size;
    unsigned char *block = malloc(MR_BLOCK_HEAD + (size_t)w->point_count * POINT_ROOM + 1);
    if (block == NULL)
        return mr_error_memory(err, MR_INDEX_MAX, "a run's points");
    unsigned char *to = block + MR_BLOCK_HEAD;
    for (uint32_t i = 0; i < w->point_count; i++) {
        const struct mr_point *p = &w->points[i];
        to = mr_varint_put(to, p->value);
        to = mr_varint_put(to, p->offset);
        to = mr_varint_put(to, p->before);
        *to++ = (unsigned char)p->size;
        memcpy(to, p->key, p->size);
        to += p->size;
    }
    int result = mr_block_write(w->blocks, MR_BLOCK_INDEX, w->run.number, block,
                                (uint32_t)(to - block - MR_BLOCK_HEAD), &w->run.points, err);
    free(block);
    *run = w->run;
    return result;
}

void mr_run_writer_release(struct mr_run_writer *w)
{
    free(w->block);
    free(w->key);
    free(w->points);
    memset(w, 0, sizeof *w);
}

int mr_runs_write(struct mr_block_writer *blocks, const struct mr_run *runs, size_t count,
                  struct mr_block_link *at, struct mr_error *err)
{
    unsigned char *block = malloc(MR_BLOCK_HEAD + count * RUN_ENTRY + 1);
    if (block == NULL)
        return mr_error_memory(err, count * RUN_ENTRY, "a list of runs");
    unsigned char *to = block + MR_BLOCK_HEAD;
    for (size_t i = 0; i < count; i++, to += RUN_ENTRY) {
        mr_put64(to, runs[i].offset);
        mr_put64(to + 8, runs[i].end);
        mr_put64(to + 16, runs[i].records);
        mr_put64(to + 24, runs[i].weight);
        mr_put64(to + 32, runs[i].points.offset);
        mr_put32(to + 40, runs[i].number);
    }
    int result = mr_block_write(blocks, MR_BLOCK_INDEX, UINT32_MAX, block,
                                (uint32_t)(count * RUN_ENTRY), at, err);
    free(block);
    return result;
}

/* Reads the list itself, from the block at a place in the file of runs. */
static int read_list(struct mr_runs *runs, struct mr_block_reader *reader,
                     struct mr_block_link at, struct mr_error *err)
{
    struct mr_block block;
    if (mr_block_read(reader, runs->spool, runs->task, MR_BLOCK_INDEX, UINT32_MAX, at, &block,
                      err) < 0)
        return -1;
    size_t count = block.size / RUN_ENTRY;
    runs->at = malloc(count * sizeof *runs->at + 1);
    if (runs->at == NULL)
        return mr_error_memory(err, block.size, "a list of runs");
    runs->count = count;
    const unsigned char *from = block.payload;
    for (size_t i = 0; i < count; i++, from += RUN_ENTRY)
        runs->at[i] = (struct mr_run){
            .offset = mr_get64(from), .end = mr_get64(from + 8),
            .records = mr_get64(from + 16), .weight = mr_get64(from + 24),
            .points = { mr_get64(from + 32), 0 }, .number = mr_get32(from + 40),
        };
    return 0;
}

int mr_runs_read(struct mr_runs *runs, struct mr_spool *spool, const struct mr_store *store,
                 uint32_t task, struct mr_block_link at, struct mr_error *err)
{
    *runs = (struct mr_runs){ spool, task, NULL, 0 };
    struct mr_block_reader reader;
    mr_block_reader_init(&reader, store, MR_INDEX_MAX);
    int result = mr_block_check_file(spool, store, task, err);
    if (result == 0)
        result = read_list(runs, &reader, at, err);
    mr_block_reader_release(&reader);
    return result;
}

int mr_run_points(struct mr_block_reader *reader, const struct mr_spool *spool, uint32_t task,
                  const struct mr_run *run, struct mr_point *points, struct mr_error *err)
{
    struct mr_block block;
    if (mr_block_read(reader, spool, task, MR_BLOCK_INDEX, run->number, run->points, &block,
                      err) < 0)
        return -1;
    const unsigned char *from = block.payload, *end = from + block.size;
    int count = 0;
    for (; from < end && count < MR_POINTS; count++) {
        struct mr_point *p = &points[count];
        from = mr_varint_get(from, end, &p->value);
        if (from != NULL)
            from = mr_varint_get(from, end, &p->offset);
        if (from != NULL)
            from = mr_varint_get(from, end, &p->before);
        if (from == NULL || from == end || *from > MR_POINT_KEY || *from >= end - from)
            return mr_spool_damaged(spool, run->points.offset, "a run's points are no points",
                                    err);
        p->size = *from++;
        memcpy(p->key, from, p->size);
        from += p->size;
    }
    return count;
}

/* Groups first. */
static int compare_ranks(const struct mr_record *a, const struct mr_record *b,
                         struct mr_ordering order)
{
    uint64_t x = mr_group(order, a), y = mr_group(order, b);
    if (x == y) {
        x = mr_rank(order, a->value);
        y = mr_rank(order, b->value);
    }
    return (x > y) - (x < y);
}

static struct mr_record record_of(const struct mr_point *p)
{
    return (struct mr_record){ p->key, p->size, false, p->value };
}

int mr_point_compare(const struct mr_file_record *r, const struct mr_point *p,
                     struct mr_ordering order, struct mr_key_pair *readers, int *result,
                     struct mr_error *err)
{
    struct mr_file_record point = { record_of(p), NULL, 0 };
    *result = compare_ranks(&r->record, &point.record, order);
    if (*result != 0)
        return 0;
    if (mr_compare_keys(r, &point, readers, result, err) < 0)
        return -1;
    if (order.reverse)
        *result = (*result < 0) - (*result > 0);
    return 0;
}

int mr_points_compare(const struct mr_point *a, const struct mr_point *b,
                      struct mr_ordering order)
{
    const struct mr_record x = record_of(a), y = record_of(b);
    int result = compare_ranks(&x, &y, order);
    if (result != 0)
        return result;
    result = memcmp(a->key, b->key, a->size < b->size ? a->size : b->size);
    if (result == 0)
        result = (a->size > b->size) - (a->size < b->size);
    return order.reverse ? -result : result;
}
