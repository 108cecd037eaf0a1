/*
 * Drawing a seed: from the bytes that the kernel gives each program that it starts, which cost no
 * call that could fail, and which processes that are forked later share.
 */
#include "partition/hash.h"

#include "base/endian.h"

#include <sys/auxv.h>

void mr_seed_draw(struct mr_seed *seed)
{
    enum { RANDOM = 16 };
    const unsigned char none[RANDOM] = { 0 };
    /* The C library takes guards from these bytes: only hashes of them are used here. */
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel gives addresses as numbers */
    const void *given = (const void *)getauxval(AT_RANDOM);
    const void *bytes = given != NULL ? given : none;
    seed->shorts = (struct mr_short){ XXH64(bytes, RANDOM, 1), XXH64(bytes, RANDOM, 2) };
    seed->tails = (struct mr_short){ XXH64(bytes, RANDOM, 3), XXH64(bytes, RANDOM, 4) };
    for (size_t at = 0; at < sizeof seed->longs; at += 8)
        mr_put64(seed->longs + at, XXH64(bytes, RANDOM, 5 + at));
}
