/*
 * Fuzzes the reading of shuffle files: partition/shuffle.c, block.c, record.h, keys.c, and the
 * reducer on top of them.
 *
 * Holds true: any bytes as a shuffle file are read to their end or are an error. What is read lies
 * within its block, chains of blocks end, out-of-line keys have their size; a reducer
 * takes whatever is so read and loses nothing of the sum. A file changed in any byte, its
 * checksums not made good, is an error.
 *
 * An input: what to do, and the file; or a list of changes (damage.h) and a text, whose words
 * make the file.
 */
#include "damage.h"
#include "map/mapper.h"
#include "partition/shuffle.h"
#include "reduce/reducer.h"

enum {
    TASK = 0,
    BUCKETS_MAX = 4,
    BUCKET_ROOM = 256, /* payload of the blocks of records */
    ROOM = 128,        /* of all others */
    KEY_MAX = 32,
    TABLE = (12 << 10) + (1 << 9) /* the reducer's: its index, and as little else as may be */
};

/* ---- making a file ---------------------------------------------------------------------- */

/* Emits each word with its length as the value. */
static int map(const void *state, const struct mr_chunk *chunk, struct mr_mapper *out)
{
    (void)state;
    for (size_t at = 0, end; at < chunk->size; at = end + 1) {
        for (end = at; end < chunk->size && chunk->data[end] != ' '; end++)
            ;
        if (mr_emit(out, chunk->data + at, end - at, end - at) < 0)
            return -1;
    }
    return 0;
}

/* Looks at all of each key, and keeps it. */
static int reduce(const void *state, struct mr_key *key, uint64_t *value)
{
    const unsigned char *bytes;
    size_t size;
    int more;
    (void)state, (void)value;
    while ((more = mr_key_next(key, &bytes, &size)) > 0)
        ;
    return more < 0 ? -1 : 1;
}

static const struct mr_job job = { .name = "fuzz", .map = map, .reduce = reduce };

static void make_shuffle(struct mr_spool *spool, const struct choices *text, uint32_t buckets,
                         bool compress)
{
    struct mr_records records = { { { [' '] = 1 } } };
    unsigned char *bytes = get_memory(text->left + MR_CHUNK_PAD);
    if (text->left > 0)
        memcpy(bytes, text->at, text->left);
    struct mr_map_plan plan = {
        .buckets = buckets, .bucket_room = BUCKET_ROOM, .key_max = KEY_MAX, .block_room = ROOM,
        .short_sets = 1, .long_sets = 1, .arena = 4 * KEY_MAX, .chunk = 4096,
        .compress = compress, .kernel = mr_scan_choose(NULL, &failure),
    };
    struct mr_source source = { .stream = true, .records = &records };
    struct mr_slot slot = { .holder = TASK, .ends_file = true, .size = text->left,
                            .source = &source, .data = bytes };
    struct mr_feed feed = { .slots = &slot, .count = 1, .share = 1 };
    struct mr_map_input input = { .feed = &feed, .feed_task = TASK };
    struct mr_map_result result;
    _Atomic uint64_t progress = 0;
    mr_spool_create(spool, &store, "fuzz", 1);
    must(mr_map_run(&job, NULL, &plan, &input, TASK, spool, &store, &result, &progress, &failure));
    must(mr_spool_commit(spool, &store, &failure));
    free(bytes);
}

/* ---- reading it plainly ----------------------------------------------------------------- */

struct reading {
    const struct mr_spool *spool;
    struct mr_block_reader blocks, keys;
    uint64_t sum;
};

static bool read_key(struct reading *r, const struct mr_record *record)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size;
    uint64_t left = mr_locator_get(record->key).size;
    int more;
    mr_key_open(&key, record, (struct mr_key_place){ r->spool, TASK, &r->keys }, &failure);
    while (may(more = mr_key_next(&key, &bytes, &size)) && more > 0) {
        hold(size > 0 && size <= left && size <= ROOM);
        free(copy_of(bytes, size));
        left -= size;
    }
    hold(more < 0 || left == 0);
    return more == 0;
}

static bool read_records(struct reading *r, const struct mr_block *block)
{
    hold(block->size <= BUCKET_ROOM);
    /* Slack for what may be read, not used, behind a payload. */
    unsigned char *payload = copy_of(block->payload, block->size + MR_BLOCK_SLACK);
    const unsigned char *at = payload, *end = payload + block->size;
    struct mr_whole_key whole = { NULL, 0 };
    unsigned char room[KEY_MAX + MR_BLOCK_SLACK];
    while (at != NULL && at < end) {
        struct mr_record record;
        const unsigned char *from = at;
        at = mr_shuffle_get(at, end, &whole, room, KEY_MAX, &record);
        if (at == NULL)
            break;
        hold(at > from && at <= end && record.size <= KEY_MAX);
        hold(record.key == room || at == record.key + record.size);
        hold(!record.out_of_line || record.size == MR_LOCATOR_SIZE);
        if (record.out_of_line && !read_key(r, &record))
            at = NULL;
        r->sum += record.value;
    }
    free(payload);
    return at != NULL;
}

/* Follows a bucket's chain of blocks. */
static bool read_bucket(struct reading *r, uint32_t bucket, struct mr_block_link link)
{
    struct mr_block block;
    for (size_t n = 0; link.offset != 0; link = block.before, n++) {
        hold(n <= r->spool->size / MR_BLOCK_HEAD);
        if (!may(mr_block_read(&r->blocks, r->spool, TASK, MR_BLOCK_RECORDS, bucket, link, &block,
                               &failure)))
            return false;
        if (!read_records(r, &block))
            return false;
    }
    return true;
}

static bool read_shuffle(const struct mr_spool *spool, uint32_t buckets, uint64_t *sum)
{
    struct reading r = { .spool = spool };
    struct mr_block_link links[BUCKETS_MAX];
    mr_block_reader_init(&r.blocks, &store, BUCKET_ROOM);
    mr_block_reader_init(&r.keys, &store, ROOM);
    bool good = may(mr_shuffle_table(&r.blocks, spool, TASK, buckets, 0, buckets, links, &failure));
    for (uint32_t b = 0; b < buckets && good; b++)
        good = read_bucket(&r, b, links[b]);
    mr_block_reader_release(&r.blocks);
    mr_block_reader_release(&r.keys);
    *sum = r.sum;
    return good;
}

/* ---- the fuzzer ------------------------------------------------------------------------- */

static bool reduce_shuffle(const struct mr_spool *shuffle, uint32_t buckets, bool compress,
                           struct mr_reduce_result *result)
{
    struct mr_reduce_plan plan = {
        .buckets = buckets, .count = buckets, .bucket_room = BUCKET_ROOM, .run_room = ROOM,
        .key_max = KEY_MAX, .block_room = ROOM, .table = TABLE, .fan_in = 2, .runs_max = 2,
        .order = { .by_value = true }, .top = MR_ALL, .compress = compress,
    };
    struct mr_spool spool;
    _Atomic uint64_t progress = 0;
    mr_spool_create(&spool, &store, "runs", 1);
    struct mr_shuffles shuffles = { .files = shuffle, .count = 1 };
    bool good = may(mr_reduce_run(&job, NULL, &plan, &shuffles, 1, &spool, &store, result,
                                  &progress, &failure));
    mr_spool_drop(&spool, &store);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = { data, size };
    unsigned what = choose(&c);
    bool seal = what & 1, raw = what & 2, compress = what & 4, differs = false;
    uint32_t buckets = 1 + (what >> 3) % BUCKETS_MAX;
    struct mr_spool spool;
    struct mr_reduce_result result;
    uint64_t sum;
    if (raw) {
        unsigned char *bytes = copy_of(c.at, c.left);
        if (seal)
            seal_blocks(bytes, c.left);
        make_spool(&spool, bytes, c.left);
        free(bytes);
    } else {
        struct choices changes = choose_list(&c);
        make_shuffle(&spool, &c, buckets, compress);
        differs = damage(&spool, changes, seal);
    }
    bool good = read_shuffle(&spool, buckets, &sum);
    bool reduced = reduce_shuffle(&spool, buckets, compress, &result);
    hold(!good || (reduced && result.sum == sum));
    hold(!good || seal || !differs);
    hold(good || raw || differs);
    mr_spool_drop(&spool, &store);
    return 0;
}
