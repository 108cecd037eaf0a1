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

/* Puts this listener in front of the one that asked has: own, a copy of asked, is what events are
 * told by from now on. asked and the listener must stand as long as own is used. */
void mr_report_listen(struct mr_report_listener *listener, const struct mr_config *asked,
                      struct mr_config *own, struct mr_report *report);

#endif
