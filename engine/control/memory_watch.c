/* Memory of processes, as the kernel tells it in /proc/PID/status. */
#include "control/memory_watch.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The figure behind a label, in bytes. */
static uint64_t figure(const char *text, const char *label)
{
    const char *at = strstr(text, label);
    return at ? strtoull(at + strlen(label), NULL, 10) * 1024 : 0;
}

void mr_memory_add(struct mr_memory_sum *sum, pid_t pid)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return; /* it has just ended */
    ssize_t n = mr_read_full(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return;
    text[n] = '\0';
    sum->private += figure(text, "RssAnon:");
    uint64_t shared = figure(text, "RssShmem:");
    if (shared > sum->shared)
        sum->shared = shared;
}
