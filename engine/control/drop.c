/* Dropping files by threads. */
#include "control/drop.h"

#include <pthread.h>

enum {
    WORTH_A_THREAD = 16 << 20, /* bytes in memory: with less, starting one takes longer */
    THREADS_MAX = 64
};

struct dropping {
    struct mr_spool *spools;
    size_t count;
    struct mr_store *store;
    bool keep;
    atomic_size_t next;
};

static void *drop_spools(void *arg)
{
    struct dropping *d = arg;
    for (size_t i; (i = atomic_fetch_add(&d->next, 1)) < d->count;)
        if (d->keep)
            mr_spool_close(&d->spools[i], d->store);
        else
            mr_spool_drop(&d->spools[i], d->store);
    return NULL;
}

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

void mr_spools_drop(struct mr_spool *spools, size_t count, struct mr_store *store,
                    unsigned threads, bool keep)
{
    struct dropping d = { .spools = spools, .count = count, .store = store, .keep = keep };
    size_t worth = atomic_load(&store->memory) / WORTH_A_THREAD, started = 0;
    size_t wanted = at_most(at_most(worth, threads), at_most(count, THREADS_MAX));
    pthread_t others[THREADS_MAX];
    /* This thread is one of them, and the only one where no other can be started. */
    while (started + 1 < wanted &&
           pthread_create(&others[started], NULL, drop_spools, &d) == 0)
        started++;
    drop_spools(&d);
    while (started > 0)
        pthread_join(others[--started], NULL);
}
