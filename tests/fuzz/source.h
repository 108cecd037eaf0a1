/* A file that a decoder is given in steps. */
#ifndef SOURCE_H
#define SOURCE_H

#include "fuzz.h"

struct source {
    struct choices left;
    size_t step; /* bytes given at a time */
};

HELPER ssize_t give(void *arg, unsigned char *to, size_t size, struct mr_error *e)
{
    struct source *s = arg;
    size_t n = s->left.left < s->step ? s->left.left : s->step;
    (void)e;
    if (n > size)
        n = size;
    if (n > 0)
        memcpy(to, s->left.at, n);
    s->left.at += n;
    s->left.left -= n;
    return (ssize_t)n;
}

#endif
