/* The collector. */
#include "map/collector.h"

#include "base/error.h"
#include "partition/digest.h"
#include "store/partial.h"

#include <string.h>

/* Collects a number as a part that says which source it is of. */
static int collect_partial(struct mr_collector *c, const struct mr_record *key)
{
    unsigned char bytes[MR_PARTIAL_MAX];
    const struct mr_partial part = { c->source, c->by_place ? c->first : 0, key->value };
    const struct mr_value value = mr_partial_put(bytes, &part);
    return mr_collect_record(c, key, &value);
}

int mr_collect_written(struct mr_collector *c, uint64_t value)
{
    struct mr_locator locator;
    unsigned char bytes[MR_LOCATOR_SIZE];
    if (mr_key_writer_end(&c->keys, &locator, c->err) < 0)
        return -1;
    mr_locator_put(bytes, &locator);
    const struct mr_record r = { bytes, sizeof bytes, true, value };
    if (c->direct)
        return mr_direct_add(c->direct, &r);
    if (c->as_partials)
        return collect_partial(c, &r);
    return mr_shuffle_add(&c->shuffle, locator.hash, bytes, sizeof bytes, true, value, c->err);
}

/* Has the job rewrite bytes of a key; `to` has room for 3 times as many. Returns how many it has
 * written. */
static size_t rewrite(const struct mr_collector *c, const unsigned char *bytes, size_t size,
                      unsigned char *to)
{
    if (c->job->rekey != NULL && size > 0)
        return c->job->rekey(c->state, bytes, size, to);
    memcpy(to, bytes, size);
    return size;
}

int mr_collect_rekey(struct mr_collector *c, bool begins, const unsigned char **bytes,
                     size_t *size)
{
    const size_t head = begins && c->by_group ? MR_GROUP_SIZE : 0;
    if (head == 0 && (c->job->rekey == NULL || *size == 0))
        return 0;
    c->rekeyed.size = 0;
    unsigned char *to = mr_buffer_reserve(&c->rekeyed, MR_GROUP_SIZE + 3 * *size);
    if (to == NULL)
        return mr_error_memory(c->err, 3 * *size, "a key");
    if (head > 0)
        mr_group_put(to, mr_group_make(c->source, MR_GROUP_KEYS));
    *size = head + rewrite(c, *bytes, *size, to + head);
    *bytes = to;
    return 0;
}

int mr_collect_piece(struct mr_collector *c, const unsigned char *bytes, size_t size, bool last,
                     uint64_t value)
{
    c->taken += last;
    return c->standalone->take(c->standalone->arg, bytes, size, last, value, c->err);
}

int mr_collect_rewritten(struct mr_collector *c, const unsigned char *key, size_t size,
                         uint64_t value)
{
    if (c->standalone)
        return mr_collect_piece(c, key, size, true, value);
    const struct mr_record r = { key, (uint32_t)size, false, value };
    if (c->direct)
        return mr_direct_add(c->direct, &r);
    if (c->as_partials)
        return collect_partial(c, &r);
    return mr_shuffle_add(&c->shuffle, mr_hash(key, size), key, (uint32_t)size, false, value,
                          c->err);
}

int mr_collect_key(struct mr_collector *c, const unsigned char *key, size_t size, uint64_t value)
{
    if (mr_collect_rekey(c, true, &key, &size) < 0)
        return -1;
    if (size <= c->key_max || c->standalone)
        return mr_collect_rewritten(c, key, size, value);
    if (mr_key_writer_add(&c->keys, key, size, c->err) < 0)
        return -1;
    return mr_collect_written(c, value);
}

int mr_collect_group(struct mr_collector *c, enum mr_group_kind kind, uint64_t value)
{
    unsigned char key[MR_GROUP_PART_SIZE + MR_BLOCK_SLACK];
    mr_group_put(key, mr_group_make(c->source, kind));
    mr_put64(key + MR_GROUP_SIZE, (uint64_t)c->blocks.task << 32 | c->parts++);
    return mr_collect_rewritten(c, key, MR_GROUP_PART_SIZE, value);
}

static int collect_bytes(struct mr_collector *c, const struct mr_short_record *r)
{
    unsigned char key[sizeof r->key];
    memcpy(key, &r->key, sizeof key);
    return mr_collect_key(c, key, mr_short_size(r->key), r->value);
}

static int collect_short(struct mr_collector *c, const struct mr_short_record *r)
{
    uint32_t size = mr_short_size(r->key);
    if (c->rewrites)
        return collect_bytes(c, r);
    return mr_shuffle_add_short(&c->shuffle, mr_hash_short(r->key), r->key, size, r->value, c->err);
}

/* The same one by one, where they have no buckets, or have places. */
static int collect_each(struct mr_collector *c, const struct mr_short_record *records,
                        const uint64_t *places, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        c->first = places[i];
        if (collect_bytes(c, &records[i]) < 0)
            return -1;
    }
    return 0;
}

int mr_collect_shorts(struct mr_collector *c, const struct mr_short_record *records,
                      const uint64_t *places, size_t count)
{
    if (c->standalone || c->by_place || c->direct)
        return collect_each(c, records, places, count);
    for (size_t i = 0; i < count; i++)
        if (collect_short(c, &records[i]) < 0)
            return -1;
    return 0;
}

int mr_collect_long(struct mr_collector *c, uint64_t hash, const unsigned char *key, uint32_t size,
                    uint64_t value)
{
    if (c->rewrites || c->standalone || c->direct)
        return mr_collect_key(c, key, size, value);
    return mr_shuffle_add(&c->shuffle, hash, key, size, false, value, c->err);
}

/* Writes bytes out-of-line where they are more than a record holds: *bytes and *size are then those
 * of their locator, in room. Returns 1 if so, 0, or -1. */
static int make_room(struct mr_collector *c, const unsigned char **bytes, size_t *size,
                     unsigned char room[MR_LOCATOR_SIZE])
{
    struct mr_locator locator;
    if (*size <= c->key_max)
        return 0;
    if (mr_key_writer_add(&c->keys, *bytes, *size, c->err) < 0 ||
        mr_key_writer_end(&c->keys, &locator, c->err) < 0)
        return -1;
    mr_locator_put(room, &locator);
    *bytes = room;
    *size = MR_LOCATOR_SIZE;
    return 1;
}

int mr_collect_record(struct mr_collector *c, const struct mr_record *r, const struct mr_value *v)
{
    if (c->bundler.shuffle && !r->out_of_line && !c->has_partition_hash)
        return mr_bundler_add(&c->bundler, r->key, r->size, v);
    uint64_t hash = mr_record_hash(r);
    if (c->bundler.shuffle && c->has_partition_hash && mr_bundler_flush(&c->bundler) < 0)
        return -1;
    uint64_t by = c->has_partition_hash ? c->partition_hash : hash;
    uint32_t bucket = mr_bucket(by, c->shuffle.buckets);
    c->has_partition_hash = false;
    if (c->job->combine_values && !mr_shuffle_fits(&c->shuffle, bucket, r->size + v->size) &&
        mr_fold_bucket(&c->fold, bucket) < 0)
        return -1;
    c->digest += mr_record_digest(hash, v);
    return mr_shuffle_add_value(&c->shuffle, bucket, r, v, c->err);
}

int mr_collect_value(struct mr_collector *c, const unsigned char *key, size_t size,
                     const unsigned char *value, size_t value_size)
{
    unsigned char key_room[MR_LOCATOR_SIZE], value_room[MR_LOCATOR_SIZE];
    const bool inlines = size <= c->key_max && value_size <= c->key_max;
    if (inlines && c->bundler.shuffle && !c->rewrites && !c->has_partition_hash) /* mostly */
        return mr_bundler_add(&c->bundler, key, (uint32_t)size,
                              &(struct mr_value){ value, (uint32_t)value_size, false });
    if (mr_collect_rekey(c, true, &key, &size) < 0)
        return -1;
    int key_moved = make_room(c, &key, &size, key_room);
    if (c->direct && key_moved >= 0)
        return mr_direct_add_value(c->direct,
                                   &(struct mr_record){ key, (uint32_t)size, key_moved, 0 },
                                   value, value_size);
    int value_moved = key_moved < 0 ? -1 : make_room(c, &value, &value_size, value_room);
    if (value_moved < 0)
        return -1;
    return mr_collect_record(c, &(struct mr_record){ key, (uint32_t)size, key_moved, 0 },
                             &(struct mr_value){ value, (uint32_t)value_size, value_moved });
}

int mr_collector_finish(struct mr_collector *c)
{
    for (uint32_t i = 0; c->job->combine_values && i < c->shuffle.buckets; i++)
        if (mr_fold_bucket(&c->fold, i) < 0)
            return -1;
    if (c->bundler.shuffle && mr_bundler_flush(&c->bundler) < 0)
        return -1;
    c->digest += c->fold.digest + c->bundler.digest;
    return mr_shuffle_writer_finish(&c->shuffle, c->err);
}

void mr_collector_release(struct mr_collector *c)
{
    mr_fold_release(&c->fold);
    mr_bundler_release(&c->bundler);
    mr_shuffle_writer_release(&c->shuffle);
    mr_key_writer_release(&c->keys);
    mr_block_writer_release(&c->blocks);
    mr_buffer_free(&c->rekeyed);
}
