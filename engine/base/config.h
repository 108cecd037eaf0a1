/* A run's configuration by itself: what is wrong with it whatever the job and its inputs are, be it
 * a command line's or a program's. */
#ifndef MR_BASE_CONFIG_H
#define MR_BASE_CONFIG_H

#include "mapreduce.h"

/* Checks that nothing is asked for without what it is about. Returns 0, or -1 with what is wrong
 * named in err. */
int mr_config_check(const struct mr_config *c, struct mr_error *err);

#endif
