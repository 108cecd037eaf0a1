/* The intake: a buffer that is filled up from its source. */
#include "input/intake.h"

#include <string.h>

void mr_intake_init(struct mr_intake *i, mr_coded_source *source, void *arg,
                    const unsigned char *taken, size_t size)
{
    i->source = source;
    i->arg = arg;
    i->taken = i->size = size;
    i->drained = false;
    i->at = 0;
    memcpy(i->in, taken, size);
}

int mr_intake_refill(struct mr_intake *i, size_t want, struct mr_error *err)
{
    if (mr_intake_left(i) >= want || i->drained)
        return 0;
    memmove(i->in, i->in + i->at, mr_intake_left(i));
    i->size -= i->at;
    i->at = 0;
    while (i->size < want && !i->drained) {
        ssize_t got = i->source(i->arg, i->in + i->size, MR_INTAKE_ROOM - i->size, err);
        if (got < 0)
            return -1;
        i->drained = got == 0;
        i->size += (size_t)got;
        i->taken += (uint64_t)got;
    }
    return 0;
}
