/* Chaos by dice. */
#include "control/chaos.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* The splitmix64 generator of Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014. */
static uint64_t draw(struct mr_chaos *c)
{
    uint64_t z = c->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

bool mr_chaos_strikes(struct mr_chaos *c)
{
    return c->percent > 0 && draw(c) % 100 < c->percent;
}

uint64_t mr_chaos_delay(struct mr_chaos *c)
{
    /* Each power of two is as likely as any other: tasks may take a millisecond or a minute. */
    return draw(c) % ((uint64_t)1 << (10 + draw(c) % 17));
}

bool mr_chaos_damage(struct mr_chaos *c, const struct mr_spool *spool,
                     const struct mr_store *store)
{
    int fd = spool->on_disk ? openat(store->fd, spool->name, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
                            : spool->fd;
    off_t at = spool->size ? (off_t)(draw(c) % spool->size) : 0, begin = (off_t)spool->begin;
    unsigned char byte;
    if (fd < 0)
        return false;
    bool cut = draw(c) % 4 == 0, done = false;
    if (cut && spool->part_of) { /* behind it there are others */
        done = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, begin + at,
                         (off_t)spool->size - at) == 0;
    } else if (cut) {
        done = ftruncate(fd, at) == 0;
    } else if (pread(fd, &byte, 1, begin + at) == 1) {
        byte ^= (unsigned char)(1 << draw(c) % 8);
        done = pwrite(fd, &byte, 1, begin + at) == 1;
    }
    if (spool->on_disk)
        close(fd);
    return done;
}
