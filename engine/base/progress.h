/*
 * Progress: a task's counter, by which the supervisor tells one that works from one that hangs.
 *
 * Whatever reads or writes files for a task raises it for each block, so that nothing that takes
 * long can look hung, whatever it is for: readers of blocks and of input have the counter, and so
 * has the file that the task writes. It is given to each once, when the task begins.
 *
 * Who reads what the task is for, input or files of the stage before, says how many bytes that was,
 * so that a person can be told how far it is. Both are one number, whose lower 16 bits count:
 *
 *     made   + 1        300 bytes read   + (300 << 16) + 1        bytes   number >> 16
 *
 * Where the first count overflows, it adds one to the bytes: little, compared with those of the
 * blocks that it counted.
 */
#ifndef MR_BASE_PROGRESS_H
#define MR_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { MR_PROGRESS_BYTES = 16 }; /* where in the number they begin */

/* Raises a counter; NULL: nobody watches. */
static inline void mr_progress_made(_Atomic uint64_t *progress)
{
    if (progress != NULL)
        atomic_fetch_add_explicit(progress, 1, memory_order_relaxed);
}

/* The same for bytes that were read of what the task is for. */
static inline void mr_progress_read(_Atomic uint64_t *progress, size_t bytes)
{
    if (progress != NULL)
        atomic_fetch_add_explicit(progress, ((uint64_t)bytes << MR_PROGRESS_BYTES) + 1,
                                  memory_order_relaxed);
}

/* How many bytes were read. */
static inline uint64_t mr_progress_bytes(uint64_t progress)
{
    return progress >> MR_PROGRESS_BYTES;
}

#endif
