/* Planning of splits. */
#include "input/split.h"

#include "base/error.h"
#include "base/memory.h"
#include "input/reader.h"
#include "input/rows.h"

#include <stdlib.h>
#include <string.h>

enum {
    USUAL = 128 << 20, /* each split fills a combine table anew, and has it written out */
    EVEN = 8 /* with fewer rounds than this, a last round that is not full costs too much */
};

uint64_t mr_split_size(uint64_t bytes, unsigned mappers)
{
    uint64_t count = (bytes + USUAL - 1) / USUAL;
    if (count < (uint64_t)mappers * EVEN)
        count = (count + mappers - 1) / mappers * mappers;
    if (count == 0)
        return USUAL;
    uint64_t size = (bytes + count - 1) / count;
    return size ? size : 1;
}

/* Adds a piece to the last split, or to a new one. */
static int add(struct mr_splits *s, bool new_split, const struct mr_source *source,
               uint64_t start, uint64_t end, struct mr_error *err)
{
    static const char what[] = "the list of splits";
    struct mr_piece *pieces = mr_memory_grow(s->pieces, &s->piece_room, s->piece_count,
                                             sizeof *pieces, what, err);
    if (pieces == NULL)
        return -1;
    s->pieces = pieces;
    struct mr_split *at = mr_memory_grow(s->at, &s->room, s->count, sizeof *at, what, err);
    if (at == NULL)
        return -1;
    s->at = at;
    if (new_split)
        s->at[s->count++] = (struct mr_split){ s->piece_count, 0, 0 };
    s->pieces[s->piece_count++] = (struct mr_piece){ source, start, end };
    struct mr_split *split = &s->at[s->count - 1];
    split->count++;
    split->bytes += (end == MR_TO_END ? source->size : end) - start;
    return 0;
}

/* Whether a file is compressed, or in another encoding: 1, 0, or -1, which it is too for what is
 * refused. */
static int is_coded(const struct mr_source *source, struct mr_error *err)
{
    struct mr_reader r;
    int result = mr_reader_open(&r, source, 0, MR_TO_END, err);
    if (result == 0)
        result = r.decoder != NULL || r.transcoder != NULL;
    mr_reader_close(&r);
    return result;
}

/* Cuts a large plain file with quotes where rows start, the next ones from where others would be
 * cut. */
static int cut_rows(struct mr_splits *s, const struct mr_source *source, uint64_t count,
                    struct mr_error *err)
{
    uint64_t start = 0;
    for (uint64_t i = 1; start < source->size; i++) {
        uint64_t end = (uint64_t)((unsigned __int128)source->size * i / count);
        if (end <= start)
            continue;
        if (end < source->size && mr_rows_find(source, start, end, &end, err) < 0)
            return -1;
        if (add(s, true, source, start, end, err) < 0)
            return -1;
        start = end;
    }
    return 0;
}

/* Cuts a large plain file into equal pieces of at most size bytes. */
static int cut(struct mr_splits *s, const struct mr_source *source, uint64_t size,
               struct mr_error *err)
{
    uint64_t count = (source->size + size - 1) / size;
    if (source->quotes)
        return cut_rows(s, source, count, err);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t start = (uint64_t)((unsigned __int128)source->size * i / count);
        uint64_t end = (uint64_t)((unsigned __int128)source->size * (i + 1) / count);
        if (add(s, true, source, start, end, err) < 0)
            return -1;
    }
    return 0;
}

int mr_splits_plan(struct mr_splits *s, const struct mr_sources *sources, uint64_t size,
                   struct mr_error *err)
{
    memset(s, 0, sizeof *s);
    bool packing = false; /* the last split takes more files */
    for (size_t i = 0; i < sources->count; i++) {
        const struct mr_source *source = &sources->at[i];
        if (source->stream) {
            packing = false; /* a split is at one place in the order of the input */
            continue;
        }
        int coded = source->size > size ? is_coded(source, err) : 1;
        if (coded < 0)
            return -1;
        if (!coded) {
            if (cut(s, source, size, err) < 0)
                return -1;
            packing = false;
            continue;
        }
        bool fits = packing && s->at[s->count - 1].bytes + source->size <= size;
        if (add(s, !fits, source, 0, MR_TO_END, err) < 0)
            return -1;
        packing = true;
    }
    return 0;
}

void mr_splits_free(struct mr_splits *s)
{
    free(s->pieces);
    free(s->at);
    memset(s, 0, sizeof *s);
}
