/* The manifest: identity and done tasks, in blocks. */
#include "control/manifest.h"

#include "base/endian.h"
#include "base/error.h"
#include "base/file_name.h"
#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "manifest"

enum {
    PART = 32 << 10, /* of an identity, in one block */
    TASK_HEAD = 24,  /* of a task's payload, before its result */
    BAD_HEAD = 57    /* of a bad record's, before the key's bytes */
};

#define NEW_NAME NAME ".new"

bool mr_manifest_is_published(const char *name)
{
    return strcmp(name, NAME) == 0;
}

bool mr_manifest_is(const char *name)
{
    return mr_manifest_is_published(name) || strcmp(name, NEW_NAME) == 0;
}

bool mr_manifest_exists(const struct mr_store *store)
{
    struct stat st;
    return fstatat(store->fd, NAME, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- reading ---------------------------------------------------------------------------- */

/* Reads the identity's blocks. Returns 0 or -1; *at is then behind them, *count their number. */
static int read_identity(struct mr_block_reader *reader, const struct mr_spool *spool,
                         struct mr_buffer *identity, struct mr_block_link *at, uint32_t *count,
                         struct mr_error *err)
{
    struct mr_block block = { .size = PART };
    /* A part that is not full is the last, if need be an empty one. */
    while (block.size == PART) {
        if (mr_block_read(reader, spool, 0, MR_BLOCK_IDENTITY, *count, *at, &block, err) < 0)
            return -1;
        if (mr_buffer_add(identity, block.payload, block.size) < 0)
            return mr_error_memory(err, block.size, "a job's identity");
        at->offset += block.stored;
        ++*count;
    }
    return 0;
}

static bool read_task(const struct mr_block *block, struct mr_done *done)
{
    const unsigned char *from = block->payload, *result = from + TASK_HEAD;
    if (block->size < TASK_HEAD)
        return false;
    size_t result_size = mr_get32(from + 20), left = block->size - TASK_HEAD;
    if (result_size > left)
        return false;
    *done = (struct mr_done){ mr_get32(from), mr_get64(from + 4), mr_get64(from + 12),
                              result, result_size, result + result_size, left - result_size };
    return true;
}

static bool read_bad(const struct mr_block *block, struct mr_bad_record *r)
{
    const unsigned char *from = block->payload;
    if (block->size < BAD_HEAD)
        return false;
    size_t left = block->size - BAD_HEAD;
    *r = (struct mr_bad_record){ .in_reduce = from[0] & 1, .of_map = from[0] >> 1 & 1,
                                   .task = mr_get64(from + 1) };
    r->span = (struct mr_span){ mr_get64(from + 9), mr_get64(from + 17), mr_get64(from + 25) };
    r->key.hash = mr_get64(from + 33);
    r->key.size = mr_get64(from + 41);
    r->key.shown = mr_get32(from + 49);
    r->excerpt_size = mr_get32(from + 53);
    if (r->key.shown > MR_KEY_SHOWN || r->excerpt_size > MR_EXCERPT_MAX ||
        r->key.shown + r->excerpt_size > left)
        return false;
    r->excerpt = block->payload + BAD_HEAD + r->key.shown;
    memcpy(r->key.bytes, from + BAD_HEAD, r->key.shown);
    left -= r->key.shown + r->excerpt_size;
    if (left >= sizeof r->why)
        return false;
    memcpy(r->why, r->excerpt + r->excerpt_size, left);
    return true;
}

/* Gives a block's content to the visitor. Returns whether there may be more. */
static bool visit(const struct mr_manifest_visitor *visitor, const struct mr_block *block)
{
    struct mr_done done;
    struct mr_bad_record bad;
    if (block->kind == MR_BLOCK_TASK)
        return read_task(block, &done) &&
               (visitor->task == NULL || visitor->task(visitor->arg, &done));
    return block->kind == MR_BLOCK_BAD && read_bad(block, &bad) &&
           (visitor->bad == NULL || visitor->bad(visitor->arg, &bad));
}

static int read_all(struct mr_block_reader *reader, const struct mr_spool *spool,
                    struct mr_buffer *identity, const struct mr_manifest_visitor *visitor,
                    struct mr_error *err)
{
    struct mr_block_link at = { MR_FILE_HEAD, 0 };
    struct mr_block block;
    struct mr_error end;
    uint32_t count = 0;
    if (mr_block_check_file(spool, reader->store, 0, err) < 0 ||
        read_identity(reader, spool, identity, &at, &count, err) < 0)
        return -1;
    while (visitor != NULL && at.offset < spool->size &&
           mr_block_read_any(reader, spool, 0, at, &block, &end) == 0 &&
           block.owner == count++ && visit(visitor, &block))
        at.offset += block.stored;
    return 0;
}

int mr_manifest_read(const struct mr_store *store, struct mr_buffer *identity,
                     const struct mr_manifest_visitor *visitor, struct mr_error *err)
{
    struct mr_spool spool;
    struct stat st;
    if (fstatat(store->fd, NAME, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        mr_error_system(err, "cannot read '%s/" NAME "'", store->directory);
        return mr_error_final(err);
    }
    if (!S_ISREG(st.st_mode) ||
        !mr_spool_adopt(&spool, store, NAME, 0, (unsigned long long)st.st_size)) {
        mr_error_set(err, "cannot read '%s/" NAME "': it is no file that can be read",
                     store->directory);
        return mr_error_final(err);
    }
    struct mr_block_reader reader;
    mr_block_reader_init(&reader, store, PART);
    int result = read_all(&reader, &spool, identity, visitor, err);
    mr_block_reader_release(&reader);
    mr_close(&spool.fd);
    if (result == 0)
        return 0;
    mr_error_prefix(err, "cannot resume from '%s' (remove it to begin anew)", store->directory);
    return mr_error_final(err);
}

/* ---- writing ---------------------------------------------------------------------------- */

static int add_block(struct mr_manifest *m, enum mr_block_kind kind, const void *payload,
                     uint32_t size, struct mr_error *err)
{
    unsigned char block[MR_BLOCK_HEAD + PART];
    struct mr_block_link at = { 0, 0 };
    memcpy(block + MR_BLOCK_HEAD, payload, size);
    return mr_block_write(&m->blocks, kind, m->count++, block, size, &at, err);
}

int mr_manifest_create(struct mr_manifest *m, struct mr_store *store,
                       const struct mr_buffer *identity, struct mr_error *err)
{
    memset(m, 0, sizeof *m);
    mr_spool_create_on_disk(&m->spool, NAME, 0);
    if (mr_block_writer_init(&m->blocks, &m->spool, store, 0, false, err) < 0)
        return -1;
    uint32_t part = PART;
    for (size_t at = 0; part == PART; at += part) {
        part = identity->size - at < PART ? (uint32_t)(identity->size - at) : PART;
        if (add_block(m, MR_BLOCK_IDENTITY, identity->at + at, part, err) < 0)
            return -1;
    }
    return 0;
}

static int sync_manifest(struct mr_manifest *m, struct mr_error *err)
{
    return mr_spool_sync(&m->spool, m->blocks.store, err) < 0 ? mr_error_final(err) : 0;
}

int mr_manifest_add(struct mr_manifest *m, const struct mr_done *done, struct mr_error *err)
{
    unsigned char payload[TASK_HEAD + MR_RESULT_MAX + MR_COUNTERS_BYTES];
    unsigned char *counted = payload + TASK_HEAD + done->result_size;
    mr_put32(payload, done->stage);
    mr_put64(payload + 4, done->task);
    mr_put64(payload + 12, done->size);
    mr_put32(payload + 20, (uint32_t)done->result_size);
    memcpy(payload + TASK_HEAD, done->result, done->result_size);
    if (done->counted_size > 0)
        memcpy(counted, done->counted, done->counted_size);
    uint32_t size = TASK_HEAD + (uint32_t)(done->result_size + done->counted_size);
    if (add_block(m, MR_BLOCK_TASK, payload, size, err) < 0)
        return -1;
    return m->published ? sync_manifest(m, err) : 0;
}

int mr_manifest_add_bad(struct mr_manifest *m, const struct mr_bad_record *r,
                        struct mr_error *err)
{
    unsigned char payload[BAD_HEAD + MR_KEY_SHOWN + MR_EXCERPT_MAX + sizeof r->why], *behind;
    size_t why = strlen(r->why);
    _Static_assert(sizeof payload <= PART, "a bad record fits in a block");
    payload[0] = (unsigned char)(r->in_reduce | r->of_map << 1);
    mr_put64(payload + 1, r->task);
    mr_put64(payload + 9, r->span.source);
    mr_put64(payload + 17, r->span.offset);
    mr_put64(payload + 25, r->span.size);
    mr_put64(payload + 33, r->key.hash);
    mr_put64(payload + 41, r->key.size);
    mr_put32(payload + 49, r->key.shown);
    mr_put32(payload + 53, r->excerpt_size);
    memcpy(payload + BAD_HEAD, r->key.bytes, r->key.shown);
    behind = payload + BAD_HEAD + r->key.shown;
    if (r->excerpt_size > 0)
        memcpy(behind, r->excerpt, r->excerpt_size);
    memcpy(behind + r->excerpt_size, r->why, why);
    uint32_t size = (uint32_t)(behind - payload) + r->excerpt_size + (uint32_t)why;
    if (add_block(m, MR_BLOCK_BAD, payload, size, err) < 0)
        return -1;
    return m->published ? sync_manifest(m, err) : 0;
}

int mr_manifest_publish(struct mr_manifest *m, struct mr_error *err)
{
    const struct mr_store *store = m->blocks.store;
    if (sync_manifest(m, err) < 0)
        return -1;
    if (mr_spool_name(&m->spool, store, err) < 0)
        return mr_error_final(err);
    if (renameat(store->fd, NEW_NAME, store->fd, NAME) < 0 || mr_sync_names(store->fd) < 0) {
        mr_error_system(err, "cannot put '%s/" NAME "' in its place", store->directory);
        return mr_error_final(err);
    }
    m->published = true;
    return 0;
}

void mr_manifest_close(struct mr_manifest *m)
{
    if (m->blocks.store == NULL)
        return;
    /* What counts was synced when it was added. */
    mr_spool_abandon(&m->spool);
    mr_block_writer_release(&m->blocks);
    memset(m, 0, sizeof *m);
}
