/* How large gzip members are that say so: those of bgzip. */
#ifndef MR_INPUT_BGZF_H
#define MR_INPUT_BGZF_H

#include "input/decode.h"

/* As struct mr_coding's measure. */
int mr_bgzf_measure(struct mr_look *look, uint64_t at, struct mr_member *member,
                    struct mr_error *err);

#endif
