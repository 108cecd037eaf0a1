/* The machine: the limits of control groups, in trees made for it, and those of the process. */
#include "base/machine.h"

#include "support.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

TestSuite(machine, .init = make_store, .fini = remove_store);

#define NONE UINT64_MAX
#define MB ((uint64_t)1 << 20)

/* Writes a file of the tree, with the directories above it. */
static void put(const char *path, const char *text)
{
    char whole[8192];
    snprintf(whole, sizeof whole, "%s%s", store->directory, path);
    for (char *at = whole + strlen(store->directory) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        check(mkdir(whole, 0700) == 0 || errno == EEXIST);
        *at = '/';
    }
    FILE *file = fopen(whole, "w");
    check(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void put_self(const char *groups, const char *mounts)
{
    put("/proc/self/cgroup", groups);
    put("/proc/self/mountinfo", mounts);
}

static void check_limits(uint64_t memory, uint64_t cpus)
{
    struct mr_group_limits found = mr_group_limits_find(store->directory);
    cr_assert(found.memory == memory && found.cpus == cpus, "memory %llu, not %llu; cpus %llu, "
              "not %llu", (unsigned long long)found.memory, (unsigned long long)memory,
              (unsigned long long)found.cpus, (unsigned long long)cpus);
}

#define MOUNT_2 "41 31 0:38 / /sys/fs/cgroup rw,relatime shared:5 - cgroup2 cgroup2 rw\n"
#define OTHERS "22 27 0:20 / /sys rw,nosuid - sysfs sysfs rw\n23 27 0:21 / /proc rw - proc proc rw\n"

Test(machine, without_control_groups_there_are_no_limits)
{
    check_limits(NONE, NONE);
    put_self("", "");
    check_limits(NONE, NONE);
    put_self("0::/\n", OTHERS);
    check_limits(NONE, NONE);
    put_self("0::/a\n", OTHERS MOUNT_2); /* mounted, but there is nothing */
    check_limits(NONE, NONE);
}

Test(machine, version_2_has_the_least_of_the_group_and_those_above_it)
{
    put_self("0::/user/job\n", OTHERS MOUNT_2);
    put("/sys/fs/cgroup/user/job/memory.max", "max\n");
    put("/sys/fs/cgroup/user/job/memory.high", "max\n");
    put("/sys/fs/cgroup/user/job/cpu.max", "max 100000\n");
    check_limits(NONE, NONE);
    put("/sys/fs/cgroup/user/memory.max", "1073741824\n");
    put("/sys/fs/cgroup/user/cpu.max", "350000 100000\n");
    check_limits(1024 * MB, 4);
    put("/sys/fs/cgroup/user/job/memory.high", "536870912\n");
    put("/sys/fs/cgroup/user/job/cpu.max", "50000 100000\n");
    check_limits(512 * MB, 1);
    put("/sys/fs/cgroup/user/job/memory.max", "268435456\n");
    put("/sys/fs/cgroup/user/job/cpu.max", "200000 100000\n");
    check_limits(256 * MB, 2);
    put("/sys/fs/cgroup/memory.max", "134217728\n"); /* a namespace's root has limits */
    check_limits(128 * MB, 2);
}

#define MOUNT_MEMORY "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
#define MOUNT_CPU "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"

Test(machine, version_1_has_a_hierarchy_for_each_controller)
{
    put_self("9:name=systemd:/\n8:cpuset:/sets\n4:memory:/batch/job\n2:cpu,cpuacct:/batch\n",
             OTHERS MOUNT_CPU MOUNT_MEMORY);
    put("/sys/fs/cgroup/memory/batch/job/memory.limit_in_bytes", "9223372036854771712\n");
    put("/sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_period_us", "100000\n");
    check_limits(UINT64_C(9223372036854771712), NONE);
    put("/sys/fs/cgroup/memory/batch/memory.limit_in_bytes", "1073741824\n");
    put("/sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_quota_us", "250000\n");
    check_limits(1024 * MB, 3);
    put("/sys/fs/cgroup/memory/batch/job/memory.stat",
        "cache 0\nrss 1\nhierarchical_memory_limit 268435456\ntotal_cache 0\n");
    check_limits(256 * MB, 3);
}

Test(machine, both_versions_may_be_mounted)
{
    put_self("4:memory:/old\n0::/new\n", MOUNT_MEMORY
             "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
    put("/sys/fs/cgroup/memory/old/memory.limit_in_bytes", "536870912\n");
    put("/sys/fs/cgroup/unified/new/cpu.max", "100000 100000\n");
    check_limits(512 * MB, 1);
    put("/sys/fs/cgroup/unified/new/memory.max", "268435456\n");
    check_limits(256 * MB, 1);
}

Test(machine, a_part_of_the_hierarchy_may_be_mounted_anywhere)
{
    put_self("4:memory:/docker/abc/sub\n", OTHERS
             "35 31 0:32 /docker/abc /a\\040place rw - cgroup cgroup rw,memory\n");
    put("/a place/memory.limit_in_bytes", "536870912\n");
    check_limits(512 * MB, NONE);
    put("/a place/sub/memory.limit_in_bytes", "268435456\n");
    check_limits(256 * MB, NONE);
    /* Seen from another namespace, the group is the mount's root. */
    put_self("0::/../../else\n", "41 31 0:38 /docker/abc /v2 rw - cgroup2 cgroup2 rw\n");
    put("/v2/memory.max", "134217728\n");
    check_limits(128 * MB, NONE);
    /* Of two mounts, the one that has the group. */
    put_self("0::/x/y\n", "41 31 0:38 /z /v2 rw - cgroup2 cgroup2 rw\n"
                          "42 31 0:38 /x /v3 rw - cgroup2 cgroup2 rw\n");
    put("/v3/y/memory.max", "67108864\n");
    check_limits(64 * MB, NONE);
}

Test(machine, what_makes_no_sense_is_no_limit)
{
    put_self("\n::\n0\n0:\n0::\nx:memory\n0::/a\n4:memory,:/a\n:cpu\n",
             "\n - \n1 2 3\n1 2 3 4\n1 2 3 4 5\n1 2 3 4 5 6 - \n1 2 3 / /x rw - cgroup2\n"
             MOUNT_2 MOUNT_MEMORY MOUNT_CPU);
    static const char *const wrong[] = { "", "\n", "max", "-1", "x", "max max max", "0x", " 5" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        put("/sys/fs/cgroup/a/memory.max", wrong[i]);
        put("/sys/fs/cgroup/a/cpu.max", wrong[i]);
        put("/sys/fs/cgroup/memory/a/memory.stat", wrong[i]);
        struct mr_group_limits found = mr_group_limits_find(store->directory);
        check(found.cpus == NONE && (found.memory == NONE || found.memory == 0));
    }
    put("/sys/fs/cgroup/a/memory.max", "max");
    static const char *const quotas[] = { "0 100000", "100000 0", "100000", "100000 ", "1 max" };
    for (size_t i = 0; i < sizeof quotas / sizeof *quotas; i++) {
        put("/sys/fs/cgroup/a/cpu.max", quotas[i]);
        check_limits(NONE, NONE);
    }
}

/* Runs look in a process of its own, whose limits are its own. */
static void apart(void (*look)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        look();
        _exit(0);
    }
    int status;
    check(pid > 0 && waitpid(pid, &status, 0) == pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", (unsigned)status);
}

static void look_with_one_cpu(void)
{
    cpu_set_t set;
    struct mr_machine m;
    check(sched_getaffinity(0, sizeof set, &set) == 0);
    int kept = -1;
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &set) && kept < 0)
            kept = i;
        else
            CPU_CLR(i, &set);
    check(sched_setaffinity(0, sizeof set, &set) == 0);
    mr_machine_detect(&m);
    if (m.cpus != 1 || (m.cpus_there > 1 && m.cpus_by == NULL))
        _exit(1);
}

Test(machine, affinity_counts)
{
    apart(look_with_one_cpu);
}

#ifndef SANITIZED /* their address space is larger than any limit */

static void look_with_little_memory(void)
{
    struct mr_machine m;
    struct rlimit limit = { 400 * MB, 400 * MB };
    check(setrlimit(RLIMIT_AS, &limit) == 0);
    mr_machine_detect(&m);
    if (m.memory > 400 * MB || m.memory_by == NULL || m.memory_there <= 400 * MB)
        _exit(1);
    limit.rlim_cur = 300 * MB;
    check(setrlimit(RLIMIT_DATA, &limit) == 0);
    mr_machine_detect(&m);
    _exit(m.memory > 300 * MB);
}

Test(machine, limits_of_the_process_count)
{
    apart(look_with_little_memory);
}

#endif

Test(machine, there_is_no_less_than_something)
{
    struct mr_machine m;
    mr_machine_detect(&m);
    cr_assert(m.cpus >= 1 && m.cpus <= m.cpus_there && m.memory > 0 && m.memory <= m.memory_there);
    cr_assert((m.cpus_by == NULL) == (m.cpus == m.cpus_there));
    cr_assert((m.memory_by == NULL) == (m.memory == m.memory_there));
}
