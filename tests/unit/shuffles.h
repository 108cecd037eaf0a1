/* What the tests of both reducers share: a shuffle file being written. */
#ifndef SHUFFLES_H
#define SHUFFLES_H

#include "partition/shuffle.h"
#include "support.h"

HELPER struct {
    struct mr_block_writer blocks;
    struct mr_shuffle_writer records;
    struct mr_key_writer keys;
} writing;

/* Begins the file of a map task in a spool; its blocks have room bytes of payload. */
HELPER void begin_shuffle(struct mr_spool *spool, uint32_t task, uint32_t buckets, uint32_t room,
                          bool compress)
{
    char name[32];
    snprintf(name, sizeof name, "map-%u", task);
    mr_spool_create(spool, store, name, 0);
    must(mr_block_writer_init(&writing.blocks, spool, store, task, compress, &err));
    must(mr_key_writer_init(&writing.keys, &writing.blocks, room, &err));
    must(mr_shuffle_writer_init(&writing.records, &writing.blocks, buckets, room, &err));
}

HELPER void end_shuffle(struct mr_spool *spool)
{
    must(mr_shuffle_writer_finish(&writing.records, &err));
    mr_shuffle_writer_release(&writing.records);
    mr_key_writer_release(&writing.keys);
    mr_block_writer_release(&writing.blocks);
    must(mr_spool_finish(spool, store, &err));
    must(mr_spool_commit(spool, store, &err));
}

#endif
