/*
 * The machine as this process may use it (struct mr_machine): less than all of it in a container,
 * a batch job, under taskset or ulimit.
 *
 * A control group's limits are those of all groups above it, too. Where its files are is told by
 * two files of the kernel's, of which these are the lines that matter:
 *
 *     /proc/self/cgroup       0::/user/job                                  (version 2)
 *                             4:memory:/user/job                            (version 1)
 *     /proc/self/mountinfo    41 31 0:38 / /sys/fs/cgroup rw - cgroup2 ...
 *                             35 31 0:32 /user /mnt/memory rw - cgroup ... rw,memory
 *
 * In the first mount the group is /sys/fs/cgroup/user/job, and /sys/fs/cgroup/user is above it. The
 * second one has /user for its root, so there it is /mnt/memory/job. Both versions may be there at
 * once; the smallest limit counts.
 */
#ifndef MR_BASE_MACHINE_H
#define MR_BASE_MACHINE_H

#include "mapreduce.h"

/* The limits of this process's control groups; UINT64_MAX: none. */
struct mr_group_limits {
    uint64_t memory; /* bytes */
    uint64_t cpus;   /* a part of one counts as one */
};

/* Finds them, all paths being taken below root ("" but in tests). What cannot be read has none. */
struct mr_group_limits mr_group_limits_find(const char *root);

#endif
