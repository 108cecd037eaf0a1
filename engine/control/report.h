/* A run's own listener: times each event, counts it in the report, and hands it on. */
#ifndef MR_CONTROL_REPORT_H
#define MR_CONTROL_REPORT_H

#include "mapreduce.h"

#include <time.h>

struct mr_report_listener {
    const struct mr_config *asked; /* whose listener is the next */
    struct mr_report *report;
    struct timespec began;
};

/* Has what is told by own, a copy of the configuration that was asked for, heard here first. Both
 * must stand as long as own is used. */
void mr_report_listen(struct mr_report_listener *listener, const struct mr_config *asked,
                      struct mr_config *own, struct mr_report *report);

#endif
