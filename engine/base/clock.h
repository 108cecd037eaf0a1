/* Time that has passed, by the clock that nobody sets. */
#ifndef MR_BASE_CLOCK_H
#define MR_BASE_CLOCK_H

#include <time.h>

static inline struct timespec mr_clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now;
}

static inline double mr_clock_seconds_since(struct timespec then)
{
    struct timespec now = mr_clock_now();
    return (double)(now.tv_sec - then.tv_sec) + (double)(now.tv_nsec - then.tv_nsec) / 1e9;
}

#endif
