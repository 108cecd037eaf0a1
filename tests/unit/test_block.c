/* Blocks: what was written is read, and anything else in their place is an error. */
#include "store/block.h"

#include "support.h"

TestSuite(block, .init = make_store, .fini = remove_store);

enum { BLOCKS = 6, ROOM = 400, TASK = 7, OWNER = 3 };

/* A file of a chain of blocks, and what they hold. */
struct chain {
    struct mr_spool spool;
    struct mr_block_link link[BLOCKS];
    unsigned char payload[BLOCKS][ROOM];
    uint32_t size[BLOCKS];
};

static struct chain chain;

/* On disk, so that a test can spoil it. */
static void write_chain(bool compress)
{
    struct mr_block_writer w;
    unsigned char block[MR_BLOCK_HEAD + ROOM];
    struct mr_block_link last = { 0, 0 };
    memset(&chain, 0, sizeof chain);
    mr_spool_create_on_disk(&chain.spool, "chain", 0);
    must(mr_block_writer_init(&w, &chain.spool, store, TASK, compress, &err));
    for (int i = 0; i < BLOCKS; i++) {
        /* None, some that deflate, some that do not. */
        chain.size[i] = i == 2 ? 0 : (uint32_t)(ROOM >> draw_below(4));
        draw_bytes(chain.payload[i], chain.size[i], i % 2 ? "ab" : NULL);
        memcpy(block + MR_BLOCK_HEAD, chain.payload[i], chain.size[i]);
        must(mr_block_write(&w, MR_BLOCK_RECORDS, OWNER, block, chain.size[i], &last, &err));
        chain.link[i] = last;
    }
    mr_block_writer_release(&w);
    must(mr_spool_finish(&chain.spool, store, &err));
    must(mr_spool_commit(&chain.spool, store, &err));
}

/* Reads block i; a link without size reads as much as its head says. */
static int read_block(struct mr_block_reader *r, int i, bool sized, struct mr_block *block)
{
    struct mr_block_link link = chain.link[i];
    if (!sized)
        link.size = 0;
    return mr_block_read(r, &chain.spool, TASK, MR_BLOCK_RECORDS, OWNER, link, block, &err);
}

static bool right(int i, const struct mr_block *block)
{
    struct mr_block_link none = { 0, 0 }, before = i ? chain.link[i - 1] : none;
    return block->size == chain.size[i] && block->before.offset == before.offset &&
           block->before.size == before.size && block->stored == chain.link[i].size &&
           memcmp(block->payload, chain.payload[i], chain.size[i]) == 0;
}

Test(block, a_chain_is_read_as_it_was_written)
{
    for (int compress = 0; compress < 2; compress++) {
        write_chain(compress);
        struct mr_block_reader r;
        struct mr_block block;
        mr_block_reader_init(&r, store, ROOM);
        must(mr_block_check_file(&chain.spool, store, TASK, &err));
        struct mr_block_link at = chain.link[BLOCKS - 1];
        for (int i = BLOCKS; i-- > 0; at = block.before) {
            must(mr_block_read(&r, &chain.spool, TASK, MR_BLOCK_RECORDS, OWNER, at, &block, &err));
            check(right(i, &block));
            must(read_block(&r, i, false, &block));
            check(right(i, &block));
        }
        cr_assert_eq(at.offset, 0, "the first has none before it");
        mr_block_reader_release(&r);
        mr_spool_drop(&chain.spool, store);
    }
}

Test(block, compression_makes_what_can_be_smaller_and_nothing_larger)
{
    write_chain(false);
    uint64_t plain = chain.spool.size;
    mr_spool_drop(&chain.spool, store);
    random_state = 1; /* the same payloads again */
    write_chain(true);
    cr_assert_lt(chain.spool.size, plain * 9 / 10);
    for (int i = 0; i < BLOCKS; i++)
        cr_assert_leq(chain.link[i].size, MR_BLOCK_HEAD + chain.size[i]);
    mr_spool_drop(&chain.spool, store);
}

Test(block, no_flipped_bit_anywhere_gives_a_wrong_payload)
{
    for (int compress = 0; compress < 2; compress++) {
        write_chain(compress);
        int fd = open(scratch("chain"), O_RDWR);
        struct mr_block_reader r;
        mr_block_reader_init(&r, store, ROOM);
        for (off_t at = 0; at < (off_t)chain.spool.size; at++)
            for (int bit = 0; bit < 8; bit++) {
                unsigned char byte, flipped;
                check(pread(fd, &byte, 1, at) == 1);
                flipped = byte ^ (unsigned char)(1 << bit);
                check(pwrite(fd, &flipped, 1, at) == 1);
                bool in_head = at < MR_FILE_HEAD;
                check_for((mr_block_check_file(&chain.spool, store, TASK, &err) < 0) == in_head,
                          "byte %lld bit %d and the file's head", (long long)at, bit);
                for (int i = 0; i < BLOCKS; i++) {
                    struct mr_block block;
                    off_t start = (off_t)chain.link[i].offset;
                    bool inside = at >= start && at < start + (off_t)chain.link[i].size;
                    int sized = read_block(&r, i, true, &block);
                    check_for(sized < 0 ? inside : !inside && right(i, &block),
                              "byte %lld bit %d, block %d by its size", (long long)at, bit, i);
                    int unsized = read_block(&r, i, false, &block);
                    check_for(unsized < 0 ? inside : !inside && right(i, &block),
                              "byte %lld bit %d, block %d", (long long)at, bit, i);
                }
                check(pwrite(fd, &byte, 1, at) == 1);
            }
        close(fd);
        mr_block_reader_release(&r);
        mr_spool_drop(&chain.spool, store);
    }
}

Test(block, a_file_truncated_at_any_length_only_gives_what_is_whole)
{
    for (int compress = 0; compress < 2; compress++) {
        write_chain(compress);
        struct mr_block_reader r;
        mr_block_reader_init(&r, store, ROOM);
        unsigned long long size = chain.spool.size;
        for (unsigned long long cut = size; cut-- > 0;) {
            check(truncate(scratch("chain"), (off_t)cut) == 0);
            for (int told = 0; told < 2; told++) {
                chain.spool.size = told ? cut : size; /* whether the supervisor knows */
                for (int i = 0; i < BLOCKS; i++) {
                    struct mr_block block;
                    bool whole = chain.link[i].offset + chain.link[i].size <= cut;
                    for (int sized = 0; sized < 2; sized++) {
                        int result = read_block(&r, i, sized, &block);
                        check_for(whole ? result == 0 && right(i, &block) : result < 0,
                                  "block %d in %llu bytes", i, cut);
                    }
                }
                check((mr_block_check_file(&chain.spool, store, TASK, &err) == 0) ==
                      (cut >= MR_FILE_HEAD));
            }
        }
        mr_block_reader_release(&r);
        mr_spool_drop(&chain.spool, store);
    }
}

Test(block, a_block_in_anothers_place_is_refused)
{
    write_chain(false);
    struct mr_block_reader r;
    struct mr_block block;
    mr_block_reader_init(&r, store, ROOM);
    const struct mr_spool *s = &chain.spool;
    struct mr_block_link at = chain.link[1];
    must(mr_block_read(&r, s, TASK, MR_BLOCK_RECORDS, OWNER, at, &block, &err));
    must_fail(mr_block_read(&r, s, TASK + 1, MR_BLOCK_RECORDS, OWNER, at, &block, &err), "chain");
    must_fail(mr_block_read(&r, s, TASK, MR_BLOCK_RUN, OWNER, at, &block, &err), "another block");
    must_fail(mr_block_read(&r, s, TASK, MR_BLOCK_RECORDS, OWNER + 1, at, &block, &err),
              "another block");
    must_fail(mr_block_check_file(s, store, TASK + 1, &err), "another task");
    mr_block_reader_release(&r);
    mr_spool_drop(&chain.spool, store);
}

Test(block, links_that_lead_elsewhere_are_refused)
{
    write_chain(true);
    struct mr_block_reader r;
    struct mr_block block;
    mr_block_reader_init(&r, store, ROOM);
    for (uint64_t offset = 0; offset < chain.spool.size + 100; offset++)
        for (uint32_t size = 0; size < 2 * ROOM; size += size < 2 ? 1 : 7) {
            struct mr_block_link link = { offset, size };
            bool real = false;
            for (int i = 0; i < BLOCKS; i++)
                real |= offset == chain.link[i].offset && (size == 0 || size == chain.link[i].size);
            int result = mr_block_read(&r, &chain.spool, TASK, MR_BLOCK_RECORDS, OWNER, link,
                                       &block, &err);
            check_for((result == 0) == real, "offset %llu size %u",
                      (unsigned long long)offset, size);
        }
    uint64_t far[] = { UINT64_MAX, UINT64_MAX - 47, INT64_MAX, chain.spool.size };
    for (size_t i = 0; i < sizeof far / sizeof *far; i++)
        must_fail(mr_block_read(&r, &chain.spool, TASK, MR_BLOCK_RECORDS, OWNER,
                                (struct mr_block_link){ far[i], 0 }, &block, &err), "chain");
    mr_block_reader_release(&r);
    mr_spool_drop(&chain.spool, store);
}

Test(block, a_chain_that_does_not_lead_back_is_refused)
{
    struct mr_spool spool;
    struct mr_block_writer w;
    struct mr_block_reader r;
    struct mr_block read;
    unsigned char block[MR_BLOCK_HEAD + 1] = { 0 };
    mr_spool_create(&spool, store, "circle", 0);
    mr_block_reader_init(&r, store, ROOM);
    must(mr_block_writer_init(&w, &spool, store, TASK, false, &err));
    for (uint64_t ahead = 0; ahead < 2; ahead++) {
        struct mr_block_link at = { spool.size + ahead, sizeof block };
        must(mr_block_write(&w, MR_BLOCK_RECORDS, OWNER, block, 1, &at, &err));
        must_fail(mr_block_read(&r, &spool, TASK, MR_BLOCK_RECORDS, OWNER, at, &read, &err),
                  "does not lead back");
    }
    mr_block_reader_release(&r);
    mr_block_writer_release(&w);
    mr_spool_drop(&spool, store);
}

Test(block, a_link_of_a_size_and_no_place_is_refused)
{
    struct mr_spool spool;
    struct mr_block_writer w;
    struct mr_block_reader r;
    struct mr_block read;
    struct mr_block_link at = { 0, MR_BLOCK_HEAD }, before;
    unsigned char block[MR_BLOCK_HEAD + 1] = { 0 };
    mr_spool_create(&spool, store, "nowhere", 0);
    mr_block_reader_init(&r, store, ROOM);
    must(mr_block_writer_init(&w, &spool, store, TASK, false, &err));
    must(mr_block_write(&w, MR_BLOCK_RECORDS, OWNER, block, 1, &at, &err));
    must_fail(mr_block_read(&r, &spool, TASK, MR_BLOCK_RECORDS, OWNER, at, &read, &err),
              "no place");
    must_fail(mr_block_read_before(&r, &spool, at, &before, &err), "no place");
    mr_block_reader_release(&r);
    mr_block_writer_release(&w);
    mr_spool_drop(&spool, store);
}

Test(block, a_payload_larger_than_the_reader_takes_is_refused)
{
    for (int compress = 0; compress < 2; compress++) {
        write_chain(compress);
        struct mr_block_reader r;
        mr_block_reader_init(&r, store, ROOM / 2);
        for (int i = 0; i < BLOCKS; i++) {
            struct mr_block block;
            check((read_block(&r, i, true, &block) == 0) == (chain.size[i] <= ROOM / 2));
            check((read_block(&r, i, false, &block) == 0) == (chain.size[i] <= ROOM / 2));
        }
        mr_block_reader_release(&r);
        mr_spool_drop(&chain.spool, store);
    }
}

Test(block, something_else_than_a_temporary_file_is_refused)
{
    write_chain(false);
    int fd = open(write_file("chain", "other text, and long enough for a head", 38), O_RDONLY);
    close(fd);
    chain.spool.size = 38;
    must_fail(mr_block_check_file(&chain.spool, store, TASK, &err), "no file of this program");
    mr_spool_drop(&chain.spool, store);
}

Test(block, each_that_is_read_is_progress)
{
    struct mr_block_reader r;
    struct mr_block block;
    _Atomic uint64_t progress = 0;
    write_chain(false);
    mr_block_reader_init(&r, store, ROOM);
    r.progress = &progress;
    for (uint64_t i = 0, bytes = 0; i < 3 * BLOCKS; i++) {
        must(read_block(&r, (int)(i % BLOCKS), i % 2, &block));
        check_for((progress & 0xffff) == i + 1, "each counts once");
        bytes += block.stored;
        check_for(mr_progress_bytes(progress) == bytes, "and by all of its bytes");
    }
    mr_block_reader_release(&r);
    mr_spool_drop(&chain.spool, store);
}
