/* How large gzip members are that say so: those of bgzip. */
#ifndef MR_INPUT_BGZF_H
#define MR_INPUT_BGZF_H

#include "input/members.h"

/* Is struct mr_coding's measure. */
int mr_bgzf_measure(struct mr_members *m, struct mr_error *err);

#endif
