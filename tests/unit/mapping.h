/*
 * Running map tasks in a test: a file is mapped with a plan as the engine makes it for little
 * memory, and the shuffle file is read back into pairs.
 */
#ifndef MAPPING_H
#define MAPPING_H

#include "control/plan.h"
#include "map/mapper.h"
#include "partition/shuffle.h"
#include "support.h"

HELPER const struct mr_records white_space = {
    { { ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1, [' '] = 1 } }
};
HELPER const struct mr_records commas = { { { ['\n'] = 1, ['\r'] = 1, [','] = 1 } } };

HELPER const struct mr_records *white_records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &white_space;
}

HELPER const struct mr_records *comma_records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &commas;
}

HELPER int map_words(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    return mr_emit_words(out, chunk);
}

HELPER int map_fields(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    return mr_emit_fields(out, chunk);
}

/* That of all plans, whatever machine the tests run on: sizes depend on it. */
HELPER const struct mr_machine machine = { .cpus = 2, .cpus_there = 2,
                                           .memory = UINT64_C(1) << 36,
                                           .memory_there = UINT64_C(1) << 36 };

/* A plan for so many bytes of input: for few, the tables are small, so that much must leave
 * them early. */
HELPER struct mr_plan make_plan_of(const struct mr_job *job, uint64_t bytes, unsigned reducers)
{
    struct mr_plan plan;
    struct mr_config config = { .mappers = 2, .reducers = reducers, .memory = MR_MEMORY_MIN };
    struct mr_given given = { machine, bytes, false, NULL };
    must(mr_plan_make(&plan, job, &config, &given, &err));
    return plan;
}

/* The same of a job that has nothing of its own. */
HELPER struct mr_plan make_plan(uint64_t bytes, unsigned reducers)
{
    static const struct mr_job plain = { .name = "plain" };
    return make_plan_of(&plain, bytes, reducers);
}

/* Adds all records of a shuffle file to pairs; each must be in the bucket of its key. */
HELPER void read_shuffle(struct pairs *p, const struct mr_spool *spool, uint32_t task,
                         const struct mr_map_plan *plan)
{
    struct mr_block_reader reader, keys;
    size_t table = (size_t)plan->buckets * 12;
    mr_block_reader_init(&reader, store, plan->bucket_payload > table ? plan->bucket_payload : table);
    mr_block_reader_init(&keys, store, plan->key_payload);
    struct mr_key_place place = { spool, task, &keys };
    unsigned char *room = malloc(plan->key_max + (size_t)MR_BLOCK_SLACK);
    for (uint32_t b = 0; b < plan->buckets; b++) {
        struct mr_block_link link;
        must(mr_shuffle_table(&reader, spool, task, plan->buckets, b, 1, &link, &err));
        while (link.offset != 0) {
            struct mr_block block;
            must(mr_block_read(&reader, spool, task, MR_BLOCK_RECORDS, b, link, &block, &err));
            const unsigned char *at = block.payload, *end = at + block.size;
            struct mr_whole_key whole = { NULL, 0 };
            while (at < end) {
                struct mr_record r;
                at = mr_shuffle_get(at, end, &whole, room, plan->key_max, &r);
                check(at != NULL);
                add_record(p, &r, place);
                const struct pair *last = &p->at[p->count - 1];
                check(mr_bucket(mr_hash(last->key, last->size), plan->buckets) == b);
                check_for(r.out_of_line == (last->size > plan->key_max),
                          "a key of %zu bytes stands in the wrong place", last->size);
            }
            link = block.before;
        }
    }
    free(room);
    mr_block_reader_release(&reader);
    mr_block_reader_release(&keys);
}

/* Maps input of task and checks the result's figures against the shuffle's. */
HELPER void map_input(struct pairs *p, const struct mr_job *job, const struct mr_map_plan *plan,
                      const struct mr_map_input *input, uint32_t task,
                      struct mr_map_result *result)
{
    struct mr_spool spool;
    _Atomic uint64_t progress = 0;
    size_t before = p->count;
    mr_spool_create(&spool, store, "map", 0);
    must(mr_map_run(job, NULL, plan, input, task, &spool, store, result, &progress, &err));
    must(mr_spool_commit(&spool, store, &err));
    read_shuffle(p, &spool, task, plan);
    check(result->records == p->count - before);
    mr_spool_drop(&spool, store);
}

/* Maps a file in pieces of split bytes (0: whole), a task each; the pairs are as they left the
 * mappers. */
HELPER struct mr_map_result map_file(struct pairs *p, const struct mr_job *job,
                                     const struct mr_map_plan *plan, const char *path,
                                     uint64_t split)
{
    struct mr_sources sources;
    struct mr_config config = { .inputs = &path, .input_count = 1 };
    struct mr_map_result all = { .emitted = 0 };
    must(mr_sources_find(&sources, job, NULL, &config, &err));
    uint64_t size = sources.at[0].size;
    for (uint64_t at = 0, n = 0; n == 0 || at < size; at += split, n++) {
        uint64_t to = at + split < size ? at + split : size;
        struct mr_piece piece = { &sources.at[0], at, to, 0, 0 };
        if (split == 0)
            piece.end = UINT64_MAX;
        struct mr_map_input input = { .pieces = &piece, .count = 1 };
        struct mr_map_result one;
        map_input(p, job, plan, &input, (uint32_t)n, &one);
        all.bytes += one.bytes;
        all.emitted += one.emitted;
        all.records += one.records;
        if (split == 0)
            break;
    }
    mr_sources_free(&sources);
    return all;
}

/* ---- plain references ------------------------------------------------------------------- */

HELPER bool is_white(unsigned char b)
{
    return b == ' ' || (b >= 9 && b <= 13);
}

HELPER void plain_words(struct pairs *p, const unsigned char *text, size_t size)
{
    for (size_t at = 0, end; at < size; at = end) {
        for (; at < size && is_white(text[at]); at++)
            ;
        for (end = at; end < size && !is_white(text[end]); end++)
            ;
        if (end > at)
            add_pair(p, text + at, end - at, 1);
    }
}

HELPER void plain_fields(struct pairs *p, const unsigned char *text, size_t size)
{
    size_t start = 0;
    for (size_t at = 0; at < size; at++) {
        if (text[at] != ',' && text[at] != '\n' && text[at] != '\r')
            continue;
        add_pair(p, text + start, at - start, 1);
        if (text[at] == '\r' && at + 1 < size && text[at + 1] == '\n')
            at++;
        start = at + 1;
    }
    if (size > 0 && text[size - 1] != '\n' && text[size - 1] != '\r')
        add_pair(p, text + start, size - start, 1);
}

/* ---- keys whose hashes are alike -------------------------------------------------------- */

/* Makes words of size bytes which a table with this seed looks for in one place, whatever it takes
 * of the low 16 bits. */
HELPER void make_colliding(struct pairs *p, size_t count, size_t size, const struct mr_seed *seed)
{
    unsigned char key[64];
    check(size >= 10 && size <= sizeof key);
    memset(key, 'x', sizeof key);
    for (uint64_t i = 0; p->count < count; i++) {
        uint64_t number = i;
        for (int digit = 0; digit < 8; digit++, number /= 26)
            key[digit] = (unsigned char)('a' + number % 26);
        uint64_t lookup = size > MR_SHORT_KEY
                              ? mr_lookup_long(seed, key, size)
                              : mr_lookup_short(seed->shorts, mr_short_copy(key, size));
        if ((lookup & 0xFFFF) == 0x1234)
            add_pair(p, key, size, 0);
    }
}

#endif
