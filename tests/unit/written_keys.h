/* A file that keys of more than ROOM bytes are written to, and readers of it. */
#ifndef WRITTEN_KEYS_H
#define WRITTEN_KEYS_H

#include "support.h"

enum { ROOM = 64, TASK = 1 };

static struct mr_spool spool;
static struct mr_block_writer blocks;
static struct mr_key_writer writer;
static struct mr_key_pair readers;

static void begin(void)
{
    make_store();
    mr_spool_create(&spool, store, "keys", 0);
    must(mr_block_writer_init(&blocks, &spool, store, TASK, false, &err));
    must(mr_key_writer_init(&writer, &blocks, ROOM, &err));
    mr_block_reader_init(&readers.first, store, ROOM);
    mr_block_reader_init(&readers.second, store, ROOM);
}

static void end(void)
{
    mr_key_writer_release(&writer);
    mr_block_writer_release(&blocks);
    mr_block_reader_release(&readers.first);
    mr_block_reader_release(&readers.second);
    mr_spool_drop(&spool, store);
    remove_store();
}

#endif
