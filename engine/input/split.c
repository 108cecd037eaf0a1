/* Planning of splits. */
#include "input/split.h"

#include "base/error.h"
#include "base/memory.h"
#include "input/content.h"
#include "input/members.h"
#include "input/rows.h"

#include <stdlib.h>
#include <string.h>

enum {
    USUAL = 128 << 20, /* each split costs filling a combine table and writing it out */
    MARK = 3,          /* bytes of a byte order mark */
    EVEN = 8           /* with fewer splits a mapper, mappers that idle at the end cost too much */
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
static int add_piece(struct mr_splits *s, bool new_split, struct mr_piece piece,
                     struct mr_error *err)
{
    static const char what[] = "the list of splits";
    struct mr_piece *pieces = mr_memory_grow(s->pieces, &s->piece_capacity, s->piece_count,
                                             sizeof *pieces, what, err);
    if (pieces == NULL)
        return -1;
    s->pieces = pieces;
    struct mr_split *at = mr_memory_grow(s->at, &s->capacity, s->count, sizeof *at, what, err);
    if (at == NULL)
        return -1;
    s->at = at;
    if (new_split)
        s->at[s->count++] = (struct mr_split){ s->piece_count, 0, 0 };
    s->pieces[s->piece_count++] = piece;
    struct mr_split *split = &s->at[s->count - 1];
    split->count++;
    split->bytes += mr_piece_to(&piece) - mr_piece_from(&piece);
    return 0;
}

static int add(struct mr_splits *s, bool new_split, const struct mr_source *source,
               uint64_t start, uint64_t end, struct mr_error *err)
{
    struct mr_piece piece = { source, start, end, 0, 0 };
    return add_piece(s, new_split, piece, err);
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

/* A byte at which members begin, in the file and in its text. */
struct offsets {
    uint64_t at, text;
};

/* Adds the piece between two offsets; to the file's end where the second is 0. */
static int add_members(struct mr_splits *s, const struct mr_source *source, struct offsets from,
                       struct offsets to, struct mr_error *err)
{
    struct mr_piece piece = { source, from.at > 0 ? from.text + 1 : 0,
                              to.at > 0 ? to.text + 1 : MR_TO_END, from.at, to.at };
    return add_piece(s, true, piece, err);
}

/* Cuts a large compressed file into pieces of about size bytes, where members begin. A byte order
 * mark is the first piece's, and each has text. Returns 1, 0 where it cannot be cut, or -1. */
static int cut_members(struct mr_splits *s, struct mr_members *m, uint64_t size,
                       struct mr_error *err)
{
    const struct mr_source *source = m->peek.source;
    struct offsets from = { 0, 0 }, end = { 0, 0 };
    uint64_t next = size;
    int more;
    while ((more = mr_members_next(m, err)) > 0) {
        if (m->at < next || m->member.holds == 0 || m->text < from.text + MARK)
            continue;
        struct offsets to = { m->at, m->text };
        if (add_members(s, source, from, to, err) < 0)
            return -1;
        from = to;
        next = (m->at / size + 1) * size;
    }
    if (more == 0 && from.at > 0)
        more = add_members(s, source, from, end, err) < 0 ? -1 : 1;
    return more;
}

/* Cuts a large file as it can be. Returns 1, 0 where it cannot, or -1, which it is too for what is
 * refused. */
static int cut_large(struct mr_splits *s, const struct mr_source *source, uint64_t size,
                     struct mr_error *err)
{
    const struct mr_piece whole = { source, 0, MR_TO_END, 0, 0 };
    struct mr_content c;
    int result = mr_content_open(&c, &whole, err);
    bool plain = result == 0 && c.decoder == NULL && c.transcoder == NULL;
    if (result == 0 && c.decoder != NULL && c.transcoder == NULL && source->quotes == NULL) {
        struct mr_members m;
        mr_members_begin(&m, source, c.fd, mr_decoder_coding(c.decoder));
        result = cut_members(s, &m, size, err);
        mr_members_end(&m);
    }
    mr_content_close(&c);
    if (plain)
        return cut(s, source, size, err) < 0 ? -1 : 1;
    return result;
}

int mr_splits_plan(struct mr_splits *s, const struct mr_sources *sources, uint64_t size,
                   struct mr_error *err)
{
    memset(s, 0, sizeof *s);
    bool packing = false; /* the last split takes more files */
    for (size_t i = 0; i < sources->count; i++) {
        const struct mr_source *source = &sources->at[i];
        if (source->stream) {
            packing = false; /* or a split had files from before and after the stream */
            continue;
        }
        int is_cut = source->size > size ? cut_large(s, source, size, err) : 0;
        if (is_cut < 0)
            return -1;
        if (is_cut) {
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
