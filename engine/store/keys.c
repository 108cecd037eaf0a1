/* Out-of-line keys: written, read and compared a block at a time. */
#include "store/keys.h"

#include "base/bad_records.h"
#include "base/error.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

int mr_key_writer_init(struct mr_key_writer *w, struct mr_block_writer *blocks,
                       uint32_t payload_max, struct mr_error *err)
{
    memset(w, 0, sizeof *w);
    w->blocks = blocks;
    w->payload_max = payload_max;
    w->block = malloc(MR_BLOCK_HEAD + (size_t)payload_max);
    w->hash = XXH3_createState();
    if (w->block == NULL || w->hash == NULL)
        return mr_error_memory(err, payload_max, "a long key");
    XXH3_64bits_reset(w->hash);
    return 0;
}

/* Writes the first size bytes of the block and moves the rest to its front. */
static int write_block(struct mr_key_writer *w, uint32_t size, struct mr_error *err)
{
    struct mr_block_link at = { 0, 0 };
    unsigned char *payload = w->block + MR_BLOCK_HEAD;
    if (mr_block_write(w->blocks, MR_BLOCK_KEY, w->written, w->block, size, &at, err) < 0)
        return -1;
    if (w->written == 0)
        w->locator.offset = at.offset;
    w->written++;
    w->fill -= size;
    memmove(payload, payload + size, w->fill);
    return 0;
}

int mr_key_writer_add(struct mr_key_writer *w, const unsigned char *bytes, size_t size,
                      struct mr_error *err)
{
    unsigned char *payload = w->block + MR_BLOCK_HEAD;
    XXH3_64bits_update(w->hash, bytes, size);
    for (size_t i = 0; i < size && w->locator.size + i < sizeof w->locator.prefix; i++)
        w->locator.prefix[w->locator.size + i] = bytes[i];
    w->locator.size += size;
    while (size > 0) {
        if (w->fill == w->payload_max &&
            write_block(w, w->fill - (uint32_t)mr_utf8_unfinished(payload, w->fill), err) < 0)
            return -1;
        uint32_t part = w->payload_max - w->fill;
        if (part > size)
            part = (uint32_t)size;
        memcpy(payload + w->fill, bytes, part);
        w->fill += part;
        bytes += part;
        size -= part;
    }
    return 0;
}

int mr_key_writer_end(struct mr_key_writer *w, struct mr_locator *locator, struct mr_error *err)
{
    if (write_block(w, w->fill, err) < 0)
        return -1;
    *locator = w->locator;
    locator->hash = XXH3_64bits_digest(w->hash);
    memset(&w->locator, 0, sizeof w->locator);
    w->written = 0;
    XXH3_64bits_reset(w->hash);
    return 0;
}

void mr_key_writer_release(struct mr_key_writer *w)
{
    free(w->block);
    XXH3_freeState(w->hash);
    memset(w, 0, sizeof *w);
}

void mr_key_open(struct mr_key *key, const struct mr_record *r, struct mr_key_place place,
                 struct mr_error *err)
{
    struct mr_value bytes = { r->key, r->size, r->out_of_line };
    mr_value_open(key, &bytes, place, err);
}

void mr_value_open(struct mr_key *key, const struct mr_value *value, struct mr_key_place place,
                   struct mr_error *err)
{
    memset(key, 0, sizeof *key);
    key->err = err;
    if (!value->out_of_line) {
        key->bytes = value->bytes;
        key->stored = key->left = key->to = value->size;
        return;
    }
    struct mr_locator l = mr_locator_get(value->bytes);
    key->stored = key->left = key->to = l.size;
    key->spool = place.spool;
    key->task = place.task;
    key->blocks = place.blocks;
    key->offset = key->link.offset = l.offset;
}

/* Reads the next block of an out-of-line key, which has one. Returns 0 or -1. */
static int next_block(struct mr_key *key, struct mr_block *block)
{
    if (mr_block_read(key->blocks, key->spool, key->task, MR_BLOCK_KEY, key->next, key->link,
                      block, key->err) < 0)
        return -1;
    if (block->size == 0 || block->size > key->left)
        return mr_spool_damaged(key->spool, key->link.offset,
                                "a long key's block has a wrong size", key->err);
    key->next++;
    key->link.offset += block->stored;
    key->left -= block->size;
    return 0;
}

/* Where the next byte to be read stands. */
static uint64_t position(const struct mr_key *key)
{
    return key->stored - key->left;
}

/* Leaves out of a piece that was just read what is not to be given, which may be all. */
static void clip(const struct mr_key *key, const unsigned char **bytes, size_t *size)
{
    uint64_t end = position(key), start = end - *size;
    uint64_t from = start > key->from ? start : key->from, to = end < key->to ? end : key->to;
    *bytes += from < end ? from - start : *size;
    *size = from < to ? (size_t)(to - from) : 0;
}

uint64_t mr_key_left(const struct mr_key *key)
{
    uint64_t at = position(key);
    if (at >= key->to)
        return 0;
    return key->to - (at > key->from ? at : key->from);
}

int mr_key_next(struct mr_key *key, const unsigned char **bytes, size_t *size)
{
    if (mr_key_left(key) == 0)
        return 0;
    if (key->spool == NULL) {
        *bytes = key->bytes + key->from;
        *size = (size_t)(key->to - key->from);
        key->left = 0;
        return 1;
    }
    struct mr_block block;
    do {
        if (next_block(key, &block) < 0)
            return -1;
        *bytes = block.payload;
        *size = block.size;
        clip(key, bytes, size);
    } while (*size == 0);
    return 1;
}

uint64_t mr_key_size(const struct mr_key *key)
{
    return key->to - key->from;
}

void mr_key_window(struct mr_key *key, uint64_t from, uint64_t size)
{
    key->from = from;
    key->to = from + size;
}

void mr_key_rewind(struct mr_key *key)
{
    key->left = key->stored;
    key->next = 0;
    key->link.offset = key->offset;
}

int mr_key_copy(const struct mr_record *r, struct mr_key_place from, struct mr_block_writer *to,
                struct mr_locator *copy, struct mr_error *err)
{
    struct mr_key key;
    struct mr_block block;
    *copy = mr_locator_get(r->key);
    mr_key_open(&key, r, from, err);
    for (uint32_t number = 0; key.left > 0; number++) {
        struct mr_block_link at = { 0, 0 };
        if (next_block(&key, &block) < 0 ||
            mr_block_write(to, MR_BLOCK_KEY, number, block.payload - MR_BLOCK_HEAD, block.size,
                           &at, err) < 0)
            return -1;
        if (number == 0)
            copy->offset = at.offset;
    }
    return 0;
}

/* How many M of memory a run has to have, for what is max bytes of this memory to be as many as are
 * needed. */
static unsigned long long enough(uint64_t memory, uint64_t needed, size_t max)
{
    const double most = (double)memory * (double)needed / (double)max / (1 << 20);
    const unsigned long long least = MR_MEMORY_MIN >> 20;
    return most < (double)least ? least : (unsigned long long)most + 1;
}

static int refuse_whole(struct mr_key *key, uint64_t wanted, uint64_t needed)
{
    struct mr_key_room *room = key->room;
    if (room == NULL) {
        mr_error_set(key->err, "a key of %llu bytes is too large to be had in one piece where "
                               "values are numbers: read it by mr_key_next",
                     (unsigned long long)wanted);
        return mr_error_final(key->err);
    }
    room->refused = true;
    mr_error_set(key->err, "a %s of %llu bytes is too large to be held in memory: --memory=%lluM "
                           "would do", room->what, (unsigned long long)wanted,
                 enough(room->memory, needed, room->max));
    if (room->alone > 0)
        mr_error_suffix(key->err, ", or %lluM with --reducers=1",
                        enough(room->alone, needed, room->max));
    return mr_error_final(key->err);
}

/* Gives all of a key that stands in blocks. */
static int whole_of_blocks(struct mr_key *key, const unsigned char **bytes, size_t *size)
{
    struct mr_key_room *room = key->room;
    uint64_t wanted = mr_key_left(key);
    const uint64_t needed = wanted + (room && room->other ? room->other->bytes.capacity : 0);
    if (room == NULL || needed > room->max)
        return refuse_whole(key, wanted, needed);
    if (mr_buffer_hold(&room->bytes, (size_t)wanted) == NULL)
        return mr_error_memory(key->err, (size_t)wanted, "a large key or value");
    const unsigned char *piece;
    size_t piece_size;
    int more;
    while ((more = mr_key_next(key, &piece, &piece_size)) > 0) {
        memcpy(room->bytes.at + room->bytes.size, piece, piece_size);
        room->bytes.size += piece_size;
    }
    *bytes = room->bytes.at;
    *size = room->bytes.size;
    return more;
}

int mr_key_whole(struct mr_key *key, const unsigned char **bytes, size_t *size)
{
    if (key->spool != NULL)
        return whole_of_blocks(key, bytes, size);
    const uint64_t wanted = mr_key_left(key);
    *bytes = wanted > 0 ? key->bytes + key->to - wanted : key->bytes; /* which may be NULL then */
    *size = (size_t)wanted;
    key->left = 0;
    return 0;
}

void mr_key_tell(const struct mr_key *key, struct mr_error *err)
{
    struct mr_error other;
    struct mr_key naming = *key;
    const unsigned char *bytes = (const unsigned char *)"";
    const uint64_t all = mr_key_left(key);
    size_t size = 0;
    naming.err = &other; /* what goes wrong meanwhile is not to be told */
    if (mr_key_next(&naming, &bytes, &size) < 0)
        return;
    const int shown = size < MR_KEY_SHOWN ? (int)size : MR_KEY_SHOWN;
    mr_error_suffix(err, ", at the key '%.*s'%s", shown, (const char *)bytes,
                    (unsigned)shown < all ? "..." : "");
}

int mr_key_compare(struct mr_key *a, struct mr_key *b, int *order)
{
    const unsigned char none[1] = { 0 }, *left = none, *right = none;
    size_t left_size = 0, right_size = 0;
    for (;;) {
        int more_left = 1, more_right = 1;
        if (left_size == 0 && (more_left = mr_key_next(a, &left, &left_size)) < 0)
            return -1;
        if (right_size == 0 && (more_right = mr_key_next(b, &right, &right_size)) < 0)
            return -1;
        if (!more_left || !more_right) {
            *order = more_left - more_right;
            return 0;
        }
        size_t common = left_size < right_size ? left_size : right_size;
        *order = memcmp(left, right, common);
        if (*order != 0)
            return 0;
        left += common;
        right += common;
        left_size -= common;
        right_size -= common;
    }
}
