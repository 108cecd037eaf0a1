/*
 * A temporary file of the job. It starts as a part of a file in memory (store/memory_file.h); when
 * the memory that all spools may hold together is used up, it moves to the job's temporary
 * directory, same bytes at the same offsets, and goes on there. Small jobs so never touch a disk,
 * and large ones are bounded.
 *
 *     supervisor: mr_spool_create          worker: mr_spool_append ... mr_spool_finish
 *     supervisor: mr_spool_commit          later workers: mr_spool_read
 *                 or mr_spool_drop         supervisor: mr_spool_drop
 *
 * On disk it has no name while it is written, so that the kernel removes it when its writer dies;
 * the name "map-7.new" when its writer is done; and "map-7" once it is committed: whatever is found
 * under that name is whole. (On a file system without nameless files it is "map-7.new" from the
 * start.) In a store that is kept, spools are on disk from the start and synced before they get a
 * name, so that what is committed outlives a loss of power.
 *
 * What goes to the disk is gathered first: few large writes are cheaper. So a full disk may be
 * noticed by a later append, or when the writing ends.
 *
 * The struct stands in memory shared by supervisor and workers: what the worker does to it the
 * supervisor sees, even if the worker dies half-way. One process writes; until it is
 * committed, no other reads.
 */
#ifndef MR_STORE_SPOOL_H
#define MR_STORE_SPOOL_H

#include "mapreduce.h"
#include "base/progress.h"
#include "store/memory_file.h"

#include <sys/types.h>

enum { MR_SPOOL_GATHER = 128 << 10 }; /* bytes that go to the disk at once */

/* What every spool begins with, whoever writes it: by this its file is known as the program's. */
#define MR_SPOOL_MAGIC "mr-spool"
enum { MR_SPOOL_MAGIC_SIZE = sizeof MR_SPOOL_MAGIC - 1 };

/* Whether a name in a directory is that of a spool's file: 1 or 0, or -1 (errno). It is when the
 * file begins with the magic. If files have their names before they are whole (whole is false), it
 * also is when only a part of the magic was written, or zeros stand for it after a power cut. */
int mr_spool_is_file(int directory, const char *name, bool whole);

/* What all spools of a job stand in. In shared memory. */
struct mr_store {
    int fd;                     /* the directory of what does not fit in memory; -1: none */
    char directory[4096];       /* its path, for messages */
    bool nameless;              /* a file in it can get its name when it is whole */
    bool kept;                  /* it is to outlive this run */
    atomic_ullong memory;       /* bytes held in memory by all spools */
    unsigned long long allowed; /* at most so many */
    atomic_ullong disk;         /* bytes of spools that this run has written to the disk */
    int fd_limit;               /* descriptors from here on are not kept open */
    struct mr_memory_files files;
};

struct mr_spool {
    uint64_t id;                /* what an error says is damaged; the job's choice */
    char name[32];              /* in the store's directory, once it is there */
    int fd;                     /* the supervisor's, inherited by workers; -1: open by name */
    struct mr_memory_file *part_of; /* whose fd that is; NULL: a file on disk */
    unsigned long long begin;   /* where in part_of it begins; else 0 */
    bool on_disk, committed;
    atomic_bool damaged;        /* as a reader has found */
    bool named;                 /* there may be a file with its name, or that and ".new" */
    unsigned long long size;    /* bytes appended */
    unsigned long long counted; /* bytes of it that store->memory counts */
    unsigned long long written; /* and that store->disk does */
    unsigned long long covered; /* the size, in whole pages, up to which they were counted */
    int writer;                 /* the writing worker's descriptor; -1: none, or in memory */
    unsigned char *gathered;    /* the writer's own memory: what is yet to go to the disk */
    size_t pending;             /* bytes there, which size has */
    _Atomic uint64_t *progress; /* the writing task's, which it sets; or NULL */
};

/* Makes an empty spool (in the supervisor). name and id are unique in the job. */
void mr_spool_create(struct mr_spool *s, struct mr_store *store, const char *name, uint64_t id);

/* The same for a spool that is written rarely, and then much: on disk; no file is made before the
 * first append. */
void mr_spool_create_on_disk(struct mr_spool *s, const char *name, uint64_t id);

/* Takes a spool over that an earlier run committed to a store that was kept. False, and nothing
 * taken, when there is no file of that name and size. */
bool mr_spool_adopt(struct mr_spool *s, const struct mr_store *store, const char *name,
                    uint64_t id, unsigned long long size);

/* Appends n bytes (in one worker). Returns 0 or -1. */
int mr_spool_append(struct mr_spool *s, struct mr_store *store, const void *bytes, size_t n,
                    struct mr_error *err);

/* Frees the memory or disk space of bytes [from, to) (in the writing worker), which must not be
 * read again. */
void mr_spool_forget(struct mr_spool *s, struct mr_store *store, unsigned long long from,
                     unsigned long long to);

/* Syncs all that was appended to a spool on disk (in its writer). Returns 0 or -1. */
int mr_spool_sync(struct mr_spool *s, const struct mr_store *store, struct mr_error *err);

/* Gives the file of a spool on disk its name with ".new" (in its writer). Returns 0 or -1. */
int mr_spool_name(struct mr_spool *s, const struct mr_store *store, struct mr_error *err);

/* Ends the worker's writing. Returns 0 or -1. */
int mr_spool_finish(struct mr_spool *s, const struct mr_store *store, struct mr_error *err);

/* Ends the writing, and drops what was gathered but not written (in the writer). Harmless when done
 * twice. */
void mr_spool_abandon(struct mr_spool *s);

/* Takes over what the worker wrote (in the supervisor). Returns 0 or -1. */
int mr_spool_commit(struct mr_spool *s, struct mr_store *store, struct mr_error *err);

/* Reads n bytes at offset, all of them or it fails; the writing worker may, too. Returns 0 or
 * -1; a file that is missing, cut short or unreadable is reported as damaged. */
int mr_spool_read(const struct mr_spool *s, const struct mr_store *store, void *to, size_t n,
                  unsigned long long offset, struct mr_error *err);

/* Closes a spool: what is committed to a store that is kept stays there, all else is removed. */
void mr_spool_close(struct mr_spool *s, struct mr_store *store);

/* Reports that what stands at offset is not what was written there. Returns -1. */
int mr_spool_damaged(const struct mr_spool *s, unsigned long long offset, const char *what,
                     struct mr_error *err);

/* Marks a committed spool, in any process, if err says that it is damaged; the mark stays until it
 * is made again. An error tells of one damaged spool; by marks a reader tells of several. Returns
 * whether it is marked. */
static inline bool mr_spool_mark_damaged(struct mr_spool *s, const struct mr_error *err)
{
    if (err->damaged == s->id)
        atomic_store(&s->damaged, true);
    return err->damaged == s->id;
}

static inline bool mr_spool_is_marked(const struct mr_spool *s)
{
    return atomic_load(&s->damaged);
}

/* Closes a spool and removes its file. Harmless on a zeroed spool and when done twice. */
void mr_spool_drop(struct mr_spool *s, struct mr_store *store);

#endif
