/* What tests of outputs share: one that is open to be written. */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "support.h"
#include "write/output.h"

/* Finds, opens and makes the output that config asks for, as a run does. */
HELPER int make_output(struct mr_output *o, const struct mr_config *config)
{
    if (mr_output_find(o, config, &err) < 0 || mr_output_open(o, &err) < 0)
        return -1;
    return mr_output_make(o, &err);
}

#endif
