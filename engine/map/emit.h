/*
 * Emitting: where a job's map puts its records.
 *
 *     key of at most key_max bytes -> the combine table -> the collector
 *     larger key, in parts         -> the collector
 *     key and value that are bytes -> the collector
 *     any, without a reducer       -> the collector
 *
 * emit.c takes one key, emit_parts.c a key and a value in parts, tokens.c all words or fields of a
 * chunk, words.c all words by Unicode's rules.
 */
#ifndef MR_MAP_EMIT_H
#define MR_MAP_EMIT_H

#include "base/bad_records.h"
#include "base/context.h"
#include "map/combine.h"
#include "map/gather.h"
#include "map/scan.h"

struct mr_map_plan;

/* What scans for words by a rule. */
struct mr_word_scan {
    const struct mr_records *records; /* what it is prepared for; NULL: nothing yet */
    enum mr_words rule;
    struct mr_scan_set runs;    /* bytes that no word has */
    struct mr_scan_set special; /* bytes of words whose characters must be looked at */
};

/* A set of bytes, and the scan that is prepared for it. */
struct mr_found_set {
    const struct mr_byteset *set; /* NULL: none */
    struct mr_scan_set scan;
};

/* A word of a record that comes in parts. */
struct mr_open_word {
    bool open;               /* some of it is emitted */
    unsigned char joiner;    /* bytes of a joiner behind that, which waits for a letter */
    unsigned char joined[4]; /* them */
};

/* The key or the value of a pair that is emitted in parts. */
struct mr_half {
    struct mr_buffer bytes; /* while it is small */
    bool out_of_line;       /* it has outgrown records: */
    unsigned char locator[MR_LOCATOR_SIZE];
};

struct mr_mapper {
    struct mr_context context;   /* of the job's functions; the first of all */
    const struct mr_map_plan *plan;
    struct mr_combiner table;
    struct mr_collector out;
    struct mr_direct direct;     /* where there is no reducer */
    struct mr_gatherer gatherer; /* where the job wants its records whole */
    const struct mr_bad_records *bad; /* what earlier attempts died at, or NULL */
    uint64_t record_offset;      /* of the record that comes in parts */
    mr_total emitted;
    mr_total emitted_before; /* of groups before the one at hand */
    struct mr_buffer part; /* of a key that is emitted in parts, while it is small */
    struct mr_half key, value; /* of a pair that is emitted in parts */
    bool passing_over;     /* the record that comes in parts is bad */
    bool in_value;         /* the value of a pair in parts has begun */
    bool out_of_line;      /* the key in parts has outgrown records */
    const struct mr_scan_kernel *kernel;
    struct mr_found_set found[2]; /* the sets last looked for, */
    bool last_found;              /* and which of them was the last */
    struct mr_word_scan word_scan;
    struct mr_open_word word;
};

/* Whether it matters which input, or which place in it, a key is of. */
static inline bool mr_has_places(const struct mr_mapper *m)
{
    return m->out.by_group || m->out.as_partials;
}

/* Whether a number may be emitted now: 0, or -1 where that is refused. */
static inline int mr_emit_may(const struct mr_context *c, const char *called)
{
    return c->emits == MR_EMITS_NUMBERS ? 0 : mr_context_refuse(c, called);
}

/* Looks, behind all of a task, whether what was begun in parts has ended: else it would be lost in
 * silence. Returns 0 or -1. */
int mr_emit_check_ended(const struct mr_mapper *m);

/* The mapper whose context may emit numbers, or a key's parts, or bytes. */
static inline struct mr_mapper *mr_mapper_of(struct mr_context *c)
{
    return (struct mr_mapper *)(void *)c;
}

#endif
