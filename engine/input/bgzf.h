/* How large gzip members are that say so: those of bgzip. */
#ifndef MR_INPUT_BGZF_H
#define MR_INPUT_BGZF_H

#include "input/members.h"

/* Are struct mr_coding's ends_empty and measure. */
bool mr_bgzf_begins(const unsigned char *head, size_t size);
int mr_bgzf_measure(struct mr_members *m, struct mr_error *err);

#endif
