/*
 * A ranking: what is kept of the values of a result that are numbers, to show its largest, and how
 * rank and value go together, however many keys there are: the first ones by name, and how many
 * keys have values of about one size.
 *
 *     a=9 b=1 c=9 d=70 e=1      first   d=70 a=9 c=9 b=1 e=1
 *                               steps   70..71: 1, the least 70     9: 2     1: 2
 *     so there is known of      rank    1   3   5
 *                               value  70   9   1
 *
 * A step has the values that have their first four binary digits and their size in common: its
 * least one is off by an eighth at most, and is one that is there. Each reduce task fills in one of
 * its own, and adding them gives that of the whole result.
 */
#ifndef MR_BASE_RANKING_H
#define MR_BASE_RANKING_H

#include "base/bad_records.h"

enum {
    MR_RANKING_FIRST = 20,
    MR_RANKING_STEPS = 496,
    MR_RANKING_FILE = 160 /* bytes of a file's name that are shown */
};

struct mr_ranked {
    uint64_t value;
    uint64_t source;           /* where each file is counted apart: which it is of, */
    char file[MR_RANKING_FILE]; /* and its name, in the whole result's */
    struct mr_fingerprint key;
};

struct mr_ranking {
    struct mr_ranked first[MR_RANKING_FIRST]; /* value descending, then as the keys compare */
    uint32_t first_count;
    uint32_t missing; /* tasks of which nothing is known, as an earlier run had done them */
    uint64_t all;     /* keys */
    uint64_t keys[MR_RANKING_STEPS], least[MR_RANKING_STEPS];
};

/* The step that a value falls into; larger values have larger ones, or the same. */
static inline unsigned mr_ranking_step(uint64_t value)
{
    if (value < 8)
        return (unsigned)value;
    unsigned top = 63 - (unsigned)__builtin_clzll(value);
    return (top - 2) * 8 + (unsigned)(value >> (top - 3) & 7);
}

/* Counts a key's value. */
static inline void mr_ranking_count(struct mr_ranking *r, uint64_t value)
{
    unsigned step = mr_ranking_step(value);
    if (r->keys[step]++ == 0 || value < r->least[step])
        r->least[step] = value;
    r->all++;
}

/* Whether a key with this value, which was counted, may be one of the first. */
static inline bool mr_ranking_may_be_first(const struct mr_ranking *r, uint64_t value)
{
    return r->first_count < MR_RANKING_FIRST || value >= r->first[MR_RANKING_FIRST - 1].value;
}

/* Whether that key is none of them, nevertheless, since its bytes come behind; NULL: it is not
 * known which it has. */
bool mr_ranking_is_behind(const struct mr_ranking *r, uint64_t value, const unsigned char *bytes,
                          size_t size);

/* Puts the key in its place among the first, if it is one of them. */
void mr_ranking_put(struct mr_ranking *r, uint64_t value, const struct mr_fingerprint *key,
                    uint64_t source);

/* Adds all of another one. */
void mr_ranking_add(struct mr_ranking *to, const struct mr_ranking *from);

/* A point of the curve: the key of this rank, from 1, has this value. */
struct mr_rank {
    uint64_t rank, value;
};

enum { MR_RANKS_MAX = MR_RANKING_FIRST + MR_RANKING_STEPS };

/* Gives the points that are known, by rank; at has room for MR_RANKS_MAX. Returns how many. */
size_t mr_ranking_curve(const struct mr_ranking *r, struct mr_rank *at);

#endif
