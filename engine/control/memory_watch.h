/* How much memory the processes of a job hold together. */
#ifndef MR_CONTROL_MEMORY_WATCH_H
#define MR_CONTROL_MEMORY_WATCH_H

#include <stdint.h>
#include <sys/types.h>

/* Anonymous memory in bytes: private memory summed; of shared memory, which is the same for
 * all processes, the most that one has touched. */
struct mr_memory_sum {
    uint64_t private, shared;
};

/* Adds a process, if it is still there. */
void mr_memory_add(struct mr_memory_sum *sum, pid_t pid);

#endif
