/* Memory that a job's options take is out: the system's failure, and no wrong use. */
#ifndef OUT_OF_MEMORY_H
#define OUT_OF_MEMORY_H

#include "mapreduce.h"

#include <errno.h>

/* Says what it was for. Returns -1. */
static inline int out_of_memory(struct mr_error *err, const char *what)
{
    mr_error_set(err, "cannot get memory for %s", what);
    err->code = ENOMEM; /* by this the program knows which it is */
    return -1;
}

#endif
