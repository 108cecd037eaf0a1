/*
 * Blocks: the unit in which all temporary files are written, and checked when read.
 *
 * A temporary file is a file head and then blocks, one behind the other. All numbers are
 * little-endian.
 *
 *     file head, 16 bytes
 *       0  magic       8   "mr-spool"
 *       8  version     4   8
 *      12  task        4   the task that wrote it
 *     block head, 48 bytes
 *       0  magic       4   "mrbk"
 *       4  kind        4   what its payload is: enum mr_block_kind; bit 31: deflated (zlib)
 *       8  stored      4   bytes of payload that follow the head
 *      12  size        4   bytes of payload once inflated (as stored where not deflated)
 *      16  task        4   the task that wrote it
 *      20  owner       4   the bucket or run it belongs to
 *      24  link        8   offset of the block before it in a chain, 0 for none
 *      32  link_size   4   its bytes, head and payload; 0 for none
 *      36  unused      4   0
 *      40  checksum    8   XXH3 of the head's first 40 bytes and the stored payload
 *
 * A block is valid only if its magic, kind, task, owner, sizes and checksum are all what the
 * reader expects: a misplaced, torn or rotten block is an error, never a wrong count.
 */
#ifndef MR_STORE_BLOCK_H
#define MR_STORE_BLOCK_H

#include "mapreduce.h"
#include "store/spool.h"

#include <stdint.h>
#include <zlib.h>

enum { MR_FILE_HEAD = 16, MR_BLOCK_HEAD = 48 };

/* Bytes that may be read (not used), and written as they are, behind a payload that was read. They
 * have been set, as what is not used may be compared. */
enum { MR_BLOCK_SLACK = 32 };

enum mr_block_kind {
    MR_BLOCK_RECORDS = 1,  /* records of one bucket, chained backwards */
    MR_BLOCK_TABLE = 2,    /* the last block of each bucket (shuffle.h) */
    MR_BLOCK_KEY = 3,      /* a part of a key that is too large for a record (keys.h) */
    MR_BLOCK_RUN = 4,      /* records of a sorted run, in order (run.h) */
    MR_BLOCK_INDEX = 5,    /* where a run's blocks stand (run.h) */
    MR_BLOCK_IDENTITY = 6, /* what a job was asked to do (control/manifest.h) */
    MR_BLOCK_TASK = 7,     /* a task that is done (control/manifest.h) */
    MR_BLOCK_BAD = 8,      /* a record that is passed over (control/manifest.h) */
    MR_BLOCK_CELLS = 9     /* sums of values in a shuffle file (shuffle.h) */
};

/* Where a block stands. */
struct mr_block_link {
    uint64_t offset; /* 0: no block */
    uint32_t size;   /* head and payload */
};

/* Writes blocks to one spool. */
struct mr_block_writer {
    struct mr_spool *spool;
    struct mr_store *store;
    uint32_t task;
    bool compress;
    z_stream deflater;
    unsigned char *packed; /* head and deflated payload */
    size_t packed_capacity;
};

/* Starts writing to an empty spool; with compress, blocks that get smaller are deflated.
 * Returns 0 or -1. Release it in either case. */
int mr_block_writer_init(struct mr_block_writer *w, struct mr_spool *spool,
                         struct mr_store *store, uint32_t task, bool compress,
                         struct mr_error *err);

/* Writes a block. block has MR_BLOCK_HEAD bytes of room for the head and then size bytes of
 * payload. The block's place goes to *at, and links to what *at was before. Returns 0 or -1. */
int mr_block_write(struct mr_block_writer *w, enum mr_block_kind kind, uint32_t owner,
                   unsigned char *block, uint32_t size, struct mr_block_link *at,
                   struct mr_error *err);

void mr_block_writer_release(struct mr_block_writer *w);

/* Reads blocks of any spool, one at a time. */
struct mr_block_reader {
    const struct mr_store *store;
    unsigned char *bytes; /* the last block as stored */
    size_t capacity;
    unsigned char *plain; /* its payload inflated */
    size_t plain_capacity;
    size_t size_max; /* a payload is never larger */
    bool inflating;
    z_stream inflater;
    _Atomic uint64_t *progress; /* of the task that reads; set it once the reader is made, or not */
};

/* What was read; payload, and room for a block's head before it, are the caller's to change until
 * the reader reads again. */
struct mr_block {
    enum mr_block_kind kind;
    uint32_t owner;
    unsigned char *payload;
    uint32_t size;
    struct mr_block_link before; /* the block before it in its chain */
    uint32_t stored;             /* bytes it takes in the file, head and payload */
};

/* A reader of blocks with payloads of up to size_max bytes. */
void mr_block_reader_init(struct mr_block_reader *r, const struct mr_store *store,
                          size_t size_max);

/* Reads and checks the block at link; a link whose size is 0 is taken to be any size. Returns
 * 0, or -1 with an error that names the file, the offset and what is wrong. */
int mr_block_read(struct mr_block_reader *r, const struct mr_spool *spool, uint32_t task,
                  enum mr_block_kind kind, uint32_t owner, struct mr_block_link link,
                  struct mr_block *block, struct mr_error *err);

/* The same for a block of any kind and owner. */
int mr_block_read_any(struct mr_block_reader *r, const struct mr_spool *spool, uint32_t task,
                      struct mr_block_link link, struct mr_block *block, struct mr_error *err);

/* Reads of the block at link only which one is before it in its chain: *before. Nothing proves that
 * right until that block is read, which is to have the same. Returns 0 or -1. */
int mr_block_read_before(struct mr_block_reader *r, const struct mr_spool *spool,
                         struct mr_block_link link, struct mr_block_link *before,
                         struct mr_error *err);

/* Checks the file head of a spool that task wrote. Returns 0 or -1. */
int mr_block_check_file(const struct mr_spool *spool, const struct mr_store *store,
                        uint32_t task, struct mr_error *err);

void mr_block_reader_release(struct mr_block_reader *r);

#endif
