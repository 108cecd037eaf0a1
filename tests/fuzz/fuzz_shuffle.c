/*
 * Fuzzes the reading of shuffle files: partition/shuffle.c, block.c, record.h, keys.c, and the
 * reducer on top of them.
 *
 * Holds true: any bytes as a shuffle file are read to their end or are an error. What is read lies
 * within its block, chains of blocks end, out-of-line keys have their size; a reducer
 * takes whatever is so read and loses nothing of the sum, also where it prunes. A file changed in
 * any byte, its checksums not made good, is an error.
 *
 * Of values that are bytes, it is all of them that are not lost, by a digest; and what the job makes
 * of them is the same whether the mapper folds them, bundles them, or does neither.
 *
 * An input: what to do, and the file; or a list of changes (damage.h) and a text, whose words
 * make the file: numbers are the words' lengths, values that are bytes what follows a '='.
 */
#include "damage.h"
#include "map/mapper.h"
#include "partition/shuffle.h"
#include "partition/digest.h"
#include "reduce/reducer.h"
#include "reduce/values.h"
#include "sort/merge.h"

enum {
    TASK = 0,
    BUCKETS_MAX = 4,
    CELLS = 2,         /* of a bucket, where values are numbers and the file was made */
    BUCKET_ROOM = 256, /* payload of the blocks of records */
    ROOM = 128,        /* of all others */
    KEY_MAX = 32,
    BUNDLES = 6000,    /* bytes of a mapper's */
    TABLE = (12 << 10) + (1 << 9) /* the reducer's: its index, and as little else as may be */
};

/* ---- making a file ---------------------------------------------------------------------- */

/* Emits each word with its length as the value. */
static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
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
static int reduce(const void *state, struct mr_key *key, uint64_t *value,
                  struct mr_context *context)
{
    const unsigned char *bytes;
    size_t size;
    int more;
    (void)context, (void)state, (void)value;
    while ((more = mr_key_next(key, &bytes, &size)) > 0)
        ;
    return more < 0 ? -1 : 1;
}

static int map_values(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    for (size_t at = 0, end, cut; at < chunk->size; at = end + 1) {
        for (end = at; end < chunk->size && chunk->data[end] != ' '; end++)
            ;
        for (cut = at; cut < end && chunk->data[cut] != '='; cut++)
            ;
        size_t value = cut + (cut < end);
        if (mr_emit_value(out, chunk->data + at, cut - at, chunk->data + value, end - value) < 0)
            return -1;
    }
    return 0;
}

/* Puts the values one behind the other: so that of a key with values is one record. */
static int join(const void *state, struct mr_key *key, struct mr_value_list *values,
                struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int more, pieces = 0;
    (void)state;
    while ((more = mr_key_next(key, &bytes, &size)) > 0)
        free(copy_of(bytes, size));
    if (more < 0 || mr_result_begin(out, NULL, 0) < 0)
        return -1;
    while ((more = mr_values_next(values)) > 0) {
        uint64_t left = mr_values_size(values);
        while ((pieces = mr_values_read(values, &bytes, &size)) > 0) {
            hold(size > 0 && size <= left);
            left -= size;
            if (mr_result_add(out, bytes, size) < 0)
                return -1;
        }
        if (pieces < 0)
            return -1;
        hold(left == 0);
    }
    return more < 0 ? -1 : mr_result_end(out);
}

static const struct mr_job number_job = { .name = "fuzz", .map = map, .reduce = reduce };
static const struct mr_job value_job = { .name = "fuzz", .values = MR_BYTES, .map = map_values,
                                         .reduce_values = join };
static const struct mr_job fold_job = { .name = "fuzz", .values = MR_BYTES, .map = map_values,
                                        .combine_values = join, .reduce_values = join };

static const struct mr_job bundle_job = { .name = "fuzz", .values = MR_BYTES, .map = map_values,
                                          .reduce_values = join };

static void make_shuffle(struct mr_spool *spool, const struct mr_job *job,
                         const struct choices *text, uint32_t buckets, bool compress)
{
    struct mr_records records = { { { [' '] = 1 } } };
    unsigned char *bytes = get_memory(text->left + MR_CHUNK_PAD);
    if (text->left > 0)
        memcpy(bytes, text->at, text->left);
    struct mr_map_plan plan = {
        .buckets = buckets, .bucket_payload = BUCKET_ROOM, .key_max = KEY_MAX, .key_payload = ROOM,
        .short_sets = 1, .long_sets = 1, .arena = 4 * KEY_MAX, .fold = 1 << 16, .chunk = 4096,
        .compress = compress, .kernel = mr_scan_choose(NULL, &failure),
        .cells = job->values == MR_NUMBERS ? CELLS : 0,
        .bundles = job == &bundle_job ? BUNDLES : 0,
    };
    struct mr_source source = { .stream = true, .records = &records };
    struct mr_slot slot = { .holder = TASK, .ends_file = true, .size = text->left,
                            .source = &source, .data = bytes };
    struct mr_feed feed = { .slots = &slot, .count = 1, .share = 1 };
    struct mr_map_input input = { .feed = &feed, .feed_task = TASK };
    struct mr_map_result result;
    _Atomic uint64_t progress = 0;
    mr_spool_create(spool, &store, "fuzz", 1);
    must(mr_map_run(job, NULL, &plan, &input, TASK, spool, &store, &result, &progress, &failure));
    must(mr_spool_commit(spool, &store, &failure));
    free(bytes);
}

/* ---- reading it plainly ----------------------------------------------------------------- */

struct reading {
    const struct mr_spool *spool;
    struct mr_block_reader blocks, keys;
    bool values;
    uint64_t sum, digest; /* of values: how many */
};

/* Reads what is out-of-line to its end. */
static bool read_key(struct reading *r, const struct mr_value *stored)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size;
    uint64_t left = mr_locator_get(stored->bytes).size;
    int more;
    mr_value_open(&key, stored, (struct mr_key_place){ r->spool, TASK, &r->keys }, &failure);
    while (may(more = mr_key_next(&key, &bytes, &size)) && more > 0) {
        hold(size > 0 && size <= left && size <= ROOM);
        free(copy_of(bytes, size));
        left -= size;
    }
    hold(more < 0 || left == 0);
    return more == 0;
}

/* Reads a value of a key with this hash. Returns the byte after it, or NULL. */
static const unsigned char *read_value(struct reading *r, uint64_t hash, const unsigned char *at,
                                       const unsigned char *end)
{
    struct mr_value value;
    const unsigned char *next = mr_value_get(at, end, &value);
    if (next == NULL || value.size > KEY_MAX)
        return NULL;
    hold(next > at && next <= end && value.bytes + value.size == next);
    if (value.out_of_line && !read_key(r, &value))
        return NULL;
    r->sum++;
    r->digest += mr_record_digest(hash, &value);
    return next;
}

/* Reads a list of values. Returns the same. */
static const unsigned char *read_list(struct reading *r, uint64_t hash, const unsigned char *at,
                                      const unsigned char *end)
{
    struct mr_value list;
    const unsigned char *next = mr_value_get(at, end, &list);
    if (next == NULL || list.out_of_line || list.size == 0)
        return NULL;
    for (at = list.bytes; at != NULL && at < next;) {
        const uint64_t before = r->digest;
        uint32_t repeats;
        at = read_value(r, hash, at, next);
        if (at == NULL)
            break;
        at = mr_value_get_repeats(at, next, &repeats);
        r->sum += repeats;
        r->digest += repeats * (r->digest - before);
    }
    return at;
}

/* Reads what a record has behind its key. Returns the same. */
static const unsigned char *read_values(struct reading *r, const struct mr_record *record,
                                        const unsigned char *at, const unsigned char *end)
{
    const uint64_t hash = mr_record_hash(record);
    return record->value == MR_LISTED ? read_list(r, hash, at, end) : read_value(r, hash, at, end);
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
        struct mr_value key = { record.key, record.size, record.out_of_line };
        if (record.out_of_line && !read_key(r, &key))
            at = NULL;
        else if (r->values)
            at = read_values(r, &record, at, end);
        else
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

static bool read_shuffle(const struct mr_spool *spool, uint32_t buckets, bool values, bool cells,
                         uint64_t *sum, uint64_t *digest)
{
    uint64_t sums[CELLS * BUCKETS_MAX] = { 0 };
    struct reading r = { .spool = spool, .values = values };
    struct mr_block_link links[BUCKETS_MAX];
    mr_block_reader_init(&r.blocks, &store, BUCKET_ROOM);
    mr_block_reader_init(&r.keys, &store, ROOM);
    bool good = may(mr_shuffle_table(&r.blocks, spool, TASK, buckets, 0, buckets, links, &failure));
    for (uint32_t b = 0; b < buckets && good; b++)
        good = read_bucket(&r, b, links[b]);
    if (good && cells)
        good = may(mr_shuffle_cells(&r.blocks, spool, TASK, buckets, CELLS, 0, buckets, sums,
                                    &failure));
    mr_block_reader_release(&r.blocks);
    mr_block_reader_release(&r.keys);
    *sum = r.sum;
    *digest = r.digest;
    return good;
}

/* ---- the fuzzer ------------------------------------------------------------------------- */

/* A digest of what the job has made of all keys: of values, the bytes of the result. */
static uint64_t digest_of(struct mr_spool *spool, const struct mr_reduce_plan *plan,
                          const struct mr_reduce_result *result)
{
    struct mr_runs runs;
    struct mr_merge m;
    struct mr_run_reader *next;
    struct mr_block_reader reader;
    uint64_t digest = 0;
    int more;
    mr_block_reader_init(&reader, &store, ROOM);
    must(mr_runs_read(&runs, spool, &store, 1, result->runs, &failure));
    must(mr_merge_init(&m, runs.count, ROOM, &store, plan->order, &failure));
    for (size_t i = 0; i < runs.count; i++)
        must(mr_merge_add(&m, &runs, &runs.at[i], 0, NULL));
    while ((more = mr_merge_next(&m, &next)) > 0) {
        struct mr_value value = mr_record_value(&next->current.record);
        digest += mr_record_digest(mr_record_hash(&next->current.record), &value);
    }
    must(more);
    mr_merge_release(&m);
    mr_block_reader_release(&reader);
    free(runs.at);
    return digest;
}

/* With top, only so many keys are wanted, and others may be pruned. */
static bool reduce_shuffle(struct mr_spool *shuffle, const struct mr_job *job,
                           uint32_t buckets, bool compress, uint64_t top,
                           struct mr_reduce_result *result, uint64_t *digest)
{
    bool values = job->values == MR_BYTES;
    struct mr_reduce_plan plan = {
        .buckets = buckets, .count = buckets, .bucket_payload = BUCKET_ROOM, .run_payload = ROOM,
        .key_max = KEY_MAX, .key_payload = ROOM, .table = TABLE, .fan_in = 2, .runs_max = 2,
        .order = { .by_value = !values, .values = values }, .top = top > 0 ? top : MR_ALL,
        .compress = compress, .links = 1 << 10, .cells = top > 0 ? CELLS : 0, .prune_top = top,
    };
    struct mr_spool spool;
    _Atomic uint64_t progress = 0;
    mr_spool_create(&spool, &store, "runs", 1);
    struct mr_shuffles shuffles = { .files = shuffle, .count = 1 };
    bool good = may((values ? mr_reduce_values_run : mr_reduce_run)(
        job, NULL, &plan, &shuffles, 1, &spool, &store, result, &progress, &failure));
    if (good && values) {
        must(mr_spool_commit(&spool, &store, &failure));
        *digest = digest_of(&spool, &plan, result);
    }
    mr_spool_drop(&spool, &store);
    return good;
}

/* Folded or bundled by the mapper, the same text must become the same result. */
static void check_other(const struct mr_job *job, const struct choices *text, uint32_t buckets,
                        bool compress, uint64_t wanted)
{
    struct mr_spool spool;
    struct mr_reduce_result result;
    uint64_t digest = 0;
    make_shuffle(&spool, job, text, buckets, compress);
    hold(reduce_shuffle(&spool, job, buckets, compress, 0, &result, &digest));
    hold(digest == wanted);
    mr_spool_drop(&spool, &store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = { data, size };
    unsigned what = choose(&c);
    bool seal = what & 1, raw = what & 2, compress = what & 4, values = what & 32, differs = false;
    uint32_t buckets = 1 + (what >> 3) % BUCKETS_MAX;
    const struct mr_job *job = !values ? &number_job : what & 64 ? &bundle_job : &value_job;
    struct mr_spool spool;
    struct mr_reduce_result result;
    uint64_t sum, digest, made = 0;
    if (raw) {
        unsigned char *bytes = copy_of(c.at, c.left);
        if (seal)
            seal_blocks(bytes, c.left);
        make_spool(&spool, bytes, c.left);
        free(bytes);
    } else {
        struct choices changes = choose_list(&c);
        make_shuffle(&spool, job, &c, buckets, compress);
        differs = damage(&spool, changes, seal);
    }
    bool good = read_shuffle(&spool, buckets, values, !values && !raw, &sum, &digest);
    bool reduced = reduce_shuffle(&spool, job, buckets, compress, 0, &result, &made);
    hold(!good || (reduced && result.sum == sum && (!values || result.digest == digest)));
    hold(!good || seal || !differs);
    hold(good || raw || differs);
    if (values && !raw && !differs) {
        check_other(&fold_job, &c, buckets, compress, made);
        check_other(job == &bundle_job ? &value_job : &bundle_job, &c, buckets, compress, made);
    }
    if (!values && !raw && reduce_shuffle(&spool, job, buckets, compress, 1, &result, &made))
        hold(differs || result.sum == sum);
    else
        hold(values || raw || differs);
    mr_spool_drop(&spool, &store);
    return 0;
}
