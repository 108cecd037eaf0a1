/*
 * Damaging temporary files behind their checksums' backs.
 *
 * A file that the engine wrote is changed in places told by block and not by offset, so that they
 * mean the same when the blocks before them grow. Sealed, its checksums are
 * made good again: only so does a reader get to see what a block's fields say. Not sealed, the
 * reader must notice, whatever was changed.
 */
#ifndef DAMAGE_H
#define DAMAGE_H

#include "base/endian.h"
#include "fuzz.h"
#include "partition/hash.h"
#include "store/block.h"

enum { BLOCKS_MAX = 256 };

/* Where the blocks begin. Returns how many were found. */
HELPER size_t find_blocks(const unsigned char *bytes, size_t size, size_t *blocks)
{
    size_t count = 0;
    for (size_t at = 0; at + MR_BLOCK_HEAD <= size && count < BLOCKS_MAX; at++)
        if (bytes[at] == 'm' && memcmp(bytes + at, "mrbk", 4) == 0)
            blocks[count++] = at;
    return count;
}

/* Gives each block the checksum of what it holds. */
HELPER void seal_blocks(unsigned char *bytes, size_t size)
{
    size_t blocks[BLOCKS_MAX], count = find_blocks(bytes, size, blocks);
    for (size_t i = 0; i < count; i++) {
        unsigned char *block = bytes + blocks[i];
        uint32_t stored = mr_get32(block + 8);
        if (stored > size - blocks[i] - MR_BLOCK_HEAD)
            continue;
        uint64_t seed = XXH3_64bits(block, 40);
        mr_put64(block + 40, XXH3_64bits_withSeed(block + MR_BLOCK_HEAD, stored, seed));
    }
}

/* What a change does: below 128 it stores a byte at that place of the block; above, by its low
 * bits, one of these. */
enum {
    DEFLATE, /* the block's payload is deflated, and so many bytes when inflated */
    LINK,    /* its link leads to another block */
    ENTRY    /* so does an entry of its payload, if that is a table: the first, or those behind */
};

/* Makes a block's payload one that inflates to size zeros, if that fits in what it has. */
HELPER void deflate_payload(unsigned char *block, size_t room, unsigned size)
{
    unsigned char zeros[256] = { 0 }, packed[64];
    uLongf stored = sizeof packed;
    hold(compress(packed, &stored, zeros, size) == Z_OK);
    if (stored > room)
        return;
    mr_put32(block + 4, mr_get32(block + 4) | UINT32_C(0x80000000));
    mr_put32(block + 12, size);
    memcpy(block + MR_BLOCK_HEAD, packed, stored);
}

/* Changes a file as the choices say, by three bytes each: which block (before the first is the
 * file's head), which of its bytes (or what of the above), to what. */
HELPER void change_file(unsigned char *bytes, size_t size, struct choices changes)
{
    size_t blocks[BLOCKS_MAX], count = find_blocks(bytes, size, blocks);
    while (changes.left >= 3) {
        size_t which = choose(&changes) % (count + 1);
        size_t from = which > 0 ? blocks[which - 1] : 0;
        unsigned at = choose(&changes), what = at % 8, to = choose(&changes);
        size_t link = from + (what == LINK ? 24 : MR_BLOCK_HEAD + 12 * (size_t)(what - ENTRY));
        if (at < 128 && from + at < size) {
            bytes[from + at] = (unsigned char)to;
        } else if (at >= 128 && what == DEFLATE && which > 0) {
            deflate_payload(bytes + from, size - from - MR_BLOCK_HEAD, to);
        } else if (at >= 128 && what >= LINK && which > 0 && link + 12 <= size) {
            mr_put64(bytes + link, blocks[to % count]);
            mr_put32(bytes + link + 8, 0);
        }
    }
}

/* Replaces the spool by one with its bytes changed. Returns whether any now differs. */
HELPER bool damage(struct mr_spool *spool, struct choices changes, bool seal)
{
    size_t size = (size_t)spool->size;
    unsigned char *before = get_memory(size);
    must(mr_spool_read(spool, &store, before, size, 0, &failure));
    unsigned char *after = copy_of(before, size);
    change_file(after, size, changes);
    if (seal)
        seal_blocks(after, size);
    mr_spool_drop(spool, &store);
    make_spool(spool, after, size);
    bool differs = memcmp(before, after, size) != 0;
    free(before);
    free(after);
    return differs;
}

#endif
