/*
 * Dropping a phase's spools, by several threads side by side.
 *
 * The kernel takes about a tenth of a millisecond to free a megabyte of a file in memory, and
 * when the reducers are done everybody waits for it: of nearly distinct keys that would be a
 * fifteenth of the run, and more of it the more processors there are. Each thread takes the next
 * spool until there is none left.
 */
#include "control/job.h"

#include <pthread.h>

enum {
    WORTH_A_THREAD = 16 << 20, /* bytes in memory: with less, starting one takes longer */
    THREADS_MAX = 64
};

struct dropping {
    struct mr_job_run *run;
    struct mr_spool *spools;
    size_t count;
    atomic_size_t next;
};

static void *drop_spools(void *arg)
{
    struct dropping *d = arg;
    for (size_t i; (i = atomic_fetch_add(&d->next, 1)) < d->count;)
        if (d->run->interrupted)
            mr_spool_leave(&d->spools[i], d->run->store);
        else
            mr_spool_drop(&d->spools[i], d->run->store);
    return NULL;
}

static size_t threads_for(const struct mr_job_run *r, size_t spools)
{
    size_t most = r->plan.reduce_at_once, worth = atomic_load(&r->store->memory) / WORTH_A_THREAD;
    if (most > spools)
        most = spools;
    if (most > THREADS_MAX)
        most = THREADS_MAX;
    return worth < most ? worth : most;
}

void mr_job_drop(struct mr_job_run *r, struct mr_spool *spools, size_t count)
{
    if (spools == NULL || r->store == NULL)
        return;
    struct dropping d = { .run = r, .spools = spools, .count = count };
    size_t wanted = threads_for(r, count), started = 0;
    pthread_t others[THREADS_MAX];
    /* This thread is one of them, and the only one where no other can be started. */
    while (started + 1 < wanted &&
           pthread_create(&others[started], NULL, drop_spools, &d) == 0)
        started++;
    drop_spools(&d);
    while (started > 0)
        pthread_join(others[--started], NULL);
}
