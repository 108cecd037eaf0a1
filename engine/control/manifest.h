/*
 * The manifest: what a kept work directory holds, so that a later run can go on with it.
 *
 * A file of blocks (store/block.h), each with its checksum and numbered by its owner field:
 * first the job's identity, a text of lines that must be the same for a run to go on; then, in
 * the order in which they were done, one block a task, and one a bad record (base/bad_records.h):
 *
 *     file head | identity ... | map 1 | bad | map 0 | reduce 0 | torn by a power cut
 *                                                               \__ from here on nothing counts
 *
 *     a task's payload:  stage 4   task 8   size 8   result size 4   the result that the task left
 *                        what the job counted in it (base/counters.h)
 *     a bad record's:    in reduce 1   task 8   source 8   offset 8   size 8   of a key: hash 8
 *                        size 8   bytes shown 4   of its excerpt 4; both; why
 *
 * It is written under another name with all that is taken over, and renamed when it is on the
 * disk; what is added later is on the disk when mr_manifest_add returns.
 */
#ifndef MR_CONTROL_MANIFEST_H
#define MR_CONTROL_MANIFEST_H

#include "base/bad_records.h"
#include "base/counters.h"
#include "store/block.h"

/* A task that is done. */
struct mr_done {
    uint32_t stage;
    uint64_t task;
    uint64_t size; /* of its file */
    const void *result;
    size_t result_size; /* at most MR_RESULT_MAX */
    const unsigned char *counted;
    size_t counted_size; /* at most MR_COUNTERS_BYTES */
};

enum { MR_RESULT_MAX = 256 };

struct mr_manifest {
    struct mr_spool spool;
    struct mr_block_writer blocks;
    uint32_t count; /* of blocks */
    bool published;
};

/* Whether a name in a work directory is a manifest's; of one that was published. */
bool mr_manifest_is(const char *name);
bool mr_manifest_is_published(const char *name);

/* Whether the store has a manifest. */
bool mr_manifest_exists(const struct mr_store *store);

/* What is called with each task and each bad record of a manifest, until it returns false. Either
 * may be NULL. */
struct mr_manifest_visitor {
    bool (*task)(void *arg, const struct mr_done *done);
    bool (*bad)(void *arg, const struct mr_bad_record *record);
    void *arg;
};

/* Reads the store's manifest: its identity into identity (to be freed in either case), and the rest
 * to the visitor, if there is one. Returns 0, or -1 when the identity cannot be read; of the rest,
 * what is damaged and all behind it is left out. */
int mr_manifest_read(const struct mr_store *store, struct mr_buffer *identity,
                     const struct mr_manifest_visitor *visitor, struct mr_error *err);

/* Begins a new manifest, where none was left that was not published. Returns 0 or -1; close it in
 * either case. */
int mr_manifest_create(struct mr_manifest *m, struct mr_store *store,
                       const struct mr_buffer *identity, struct mr_error *err);

/* Adds a task. Returns 0 or -1. */
int mr_manifest_add(struct mr_manifest *m, const struct mr_done *done, struct mr_error *err);

/* Adds a bad record. Returns 0 or -1. */
int mr_manifest_add_bad(struct mr_manifest *m, const struct mr_bad_record *record,
                        struct mr_error *err);

/* Puts the new manifest in its place. Returns 0 or -1. */
int mr_manifest_publish(struct mr_manifest *m, struct mr_error *err);

void mr_manifest_close(struct mr_manifest *m);

#endif
