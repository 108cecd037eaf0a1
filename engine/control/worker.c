/* Workers as the supervisor knows them. */
#include "control/worker.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/progress.h"

#include <stdlib.h>

int mr_workers_open(struct mr_workers *all, unsigned count, struct mr_error *err)
{
    *all = (struct mr_workers){ .count = count };
    all->at = calloc(count, sizeof *all->at);
    all->attempts = mr_memory_get_shared(count * sizeof *all->attempts);
    if (all->at == NULL || all->attempts == NULL)
        return mr_error_memory(err, count * sizeof *all->attempts, "the workers' states");
    return 0;
}

struct mr_worker *mr_workers_idle(const struct mr_workers *all, bool last)
{
    for (unsigned i = 0; i < all->count; i++) {
        struct mr_worker *w = &all->at[last ? all->count - 1 - i : i];
        if (w->state == MR_WORKER_IDLE)
            return w;
    }
    return NULL;
}

unsigned mr_workers_running(const struct mr_workers *all)
{
    unsigned running = 0;
    for (unsigned i = 0; i < all->count; i++)
        running += all->at[i].state != MR_WORKER_IDLE;
    return running;
}

struct mr_attempt *mr_worker_attempt(const struct mr_workers *all, const struct mr_worker *w)
{
    return &all->attempts[w - all->at];
}

uint64_t mr_worker_read(const struct mr_workers *all, const struct mr_worker *w)
{
    return mr_progress_bytes(atomic_load(&mr_worker_attempt(all, w)->progress));
}

void mr_workers_close(struct mr_workers *all)
{
    mr_memory_release(all->attempts, all->count * sizeof *all->attempts);
    free(all->at);
    all->at = NULL;
    all->attempts = NULL;
}
