/*
 * Recurrence: how often keys come again, of a sample.
 *
 * Keys are sampled by their hashes, so that of a sampled key each record is seen. A table has the
 * last one that fell into each of its slots:
 *
 *     a b c a d b a b    sampled: a, b    seen 6, met 4
 *
 * What comes again after 60,000 others is found so with a table of few of these.
 */
#ifndef MR_MAP_RECURRENCE_H
#define MR_MAP_RECURRENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    MR_SAMPLED_OF = 64, /* one of so many keys is sampled */
    MR_SAMPLE_SLOTS = 1 << 11, /* so that of far more keys than bundles hold few are met */
    MR_SAMPLE_LEAST = 1 << 12 /* records of the sample that the first answer is from */
};

struct mr_recurrence {
    uint16_t tags[MR_SAMPLE_SLOTS]; /* of sampled keys' hashes */
    uint32_t seen, met; /* records of the sample; of them, those whose key was in its slot */
    uint32_t least;     /* records that the next answer is from */
};

static inline void mr_recurrence_init(struct mr_recurrence *r)
{
    memset(r, 0, sizeof *r);
    r->least = MR_SAMPLE_LEAST;
}

/* Notes a record of the sample. Returns whether enough are seen, and half of them have met their
 * like. Each answer is from twice as many as the one before it. */
static inline bool mr_recurrence_note(struct mr_recurrence *r, uint64_t hash)
{
    uint16_t *tag = &r->tags[(uint32_t)hash / MR_SAMPLED_OF % MR_SAMPLE_SLOTS];
    r->met += *tag == (uint16_t)(hash >> 48);
    *tag = (uint16_t)(hash >> 48);
    if (++r->seen < r->least)
        return false;
    bool often = r->met >= r->seen / 2;
    r->seen = r->met = 0;
    if (r->least < UINT32_MAX / 2)
        r->least *= 2;
    return often;
}

/* Sees a record of a key with this hash. Returns as above; false of most. */
static inline bool mr_recurrence_see(struct mr_recurrence *r, uint64_t hash)
{
    return (uint32_t)hash % MR_SAMPLED_OF == 0 && mr_recurrence_note(r, hash);
}

#endif
