/*
 * Progress: a task's counter, by which the supervisor tells one that works from one that hangs.
 *
 * Whatever reads or writes files for a task raises it for each block, so that nothing that takes
 * long can look hung, whatever it is for: readers of blocks and of input have the counter, and so
 * has the file that the task writes. It is given to each once, when the task begins.
 */
#ifndef MR_BASE_PROGRESS_H
#define MR_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Raises a counter; NULL: nobody watches. */
static inline void mr_progress_made(_Atomic uint64_t *progress)
{
    if (progress != NULL)
        atomic_fetch_add_explicit(progress, 1, memory_order_relaxed);
}

#endif
