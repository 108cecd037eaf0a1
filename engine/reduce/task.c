/* A reduce task as the job sees it. */
#include "reduce/task.h"

#include "base/error.h"
#include "partition/digest.h"
#include "store/group.h"

#include <string.h>

/* Calls one of the two functions, if the job has it. */
static int call(struct mr_context *c, const void *state,
                int (*hook)(const void *state, void *task, struct mr_context *context),
                const char *function)
{
    if (hook == NULL || hook(state, c->task, c) == 0)
        return 0;
    return mr_context_failed(c, function);
}

int mr_reduce_task_begin(struct mr_context *c, const struct mr_job *job, const void *state,
                         const struct mr_shuffles *shuffles, struct mr_error *err)
{
    *c = (struct mr_context){ .job = job, .counters = shuffles->counters,
                              .input_name = shuffles->input_name, .inputs = shuffles->inputs,
                              .mark = shuffles->mark, .bad = shuffles->bad,
                              .key_head = shuffles->key_head, .err = err };
    if (mr_context_init(c, job->reduce_task_size) < 0)
        return -1;
    return call(c, state, job->reduce_begin, "reduce_begin");
}

int mr_reduce_task_end(struct mr_context *c, const void *state)
{
    if (call(c, state, c->job->reduce_end, "reduce_end") < 0)
        return -1;
    return c->counters ? mr_counters_check(c->counters, c->err) : 0;
}

/* Begins to read a key as the job knows it. */
static void open_key(const struct mr_context *c, struct mr_key *key,
                     const struct mr_record *record, struct mr_key_place place)
{
    mr_key_open(key, record, place, c->err);
    if (c->key_head > 0)
        mr_key_window(key, c->key_head, mr_key_left(key) - c->key_head);
}

int mr_reduce_fingerprint(const struct mr_context *c, struct mr_fingerprint *print,
                          const struct mr_record *record, struct mr_key_place place)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size;
    open_key(c, &key, record, place);
    print->hash = mr_record_hash(record);
    print->size = mr_key_left(&key);
    print->shown = 0;
    int more = mr_key_next(&key, &bytes, &size);
    if (more <= 0)
        return more;
    print->shown = size < MR_KEY_SHOWN ? (uint32_t)size : MR_KEY_SHOWN;
    memcpy(print->bytes, bytes, print->shown);
    return 0;
}

/* Gives a key the hash by which the job names it (mr_blame_key), which knows of no group. Returns 0
 * or -1. */
static int hash_without_group(const struct mr_context *c, struct mr_fingerprint *print,
                              const struct mr_record *record, struct mr_key_place place)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size;
    int more;
    if (!record->out_of_line) {
        print->hash = mr_hash(record->key + c->key_head, record->size - c->key_head);
        return 0;
    }
    XXH3_state_t *hash = XXH3_createState();
    if (hash == NULL)
        return mr_error_memory(c->err, sizeof *hash, "the hash of a key");
    XXH3_64bits_reset(hash);
    open_key(c, &key, record, place);
    while ((more = mr_key_next(&key, &bytes, &size)) > 0)
        XXH3_64bits_update(hash, bytes, size);
    print->hash = XXH3_64bits_digest(hash);
    XXH3_freeState(hash);
    return more;
}

/* Whether a key is bad: 1, 0, or -1. */
static int is_bad(const struct mr_context *c, const struct mr_fingerprint *print,
                  const struct mr_record *record, struct mr_key_place place)
{
    struct mr_fingerprint ungrouped = *print;
    if (c->bad == NULL || c->bad->count == 0)
        return 0;
    if (mr_bad_has_key(c->bad, print))
        return 1;
    if (c->key_head == 0)
        return 0;
    return hash_without_group(c, &ungrouped, record, place) < 0
               ? -1
               : mr_bad_has_key(c->bad, &ungrouped);
}

/* Marks the current key, with its first bytes where it may be passed over. Returns 0 or -1. */
static int mark_key(struct mr_context *c, const struct mr_fingerprint *print,
                    const struct mr_record *record, struct mr_key_place place)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size;
    int more = 1;
    if (c->mark == NULL)
        return 0;
    c->mark->key = *print;
    c->mark->exact = true;
    c->mark->excerpt_size = 0;
    if (!mr_may_skip(c))
        return 0;
    open_key(c, &key, record, place);
    while (c->mark->excerpt_size < MR_EXCERPT_MAX && (more = mr_key_next(&key, &bytes, &size)) > 0)
        mr_mark_excerpt(c->mark, false, bytes, size);
    return more < 0 ? -1 : 0;
}

int mr_reduce_may_have(struct mr_context *c, const struct mr_shuffles *shuffles,
                       const struct mr_record *key, struct mr_key_place place)
{
    struct mr_fingerprint print;
    if (!shuffles->one_by_one)
        return 1;
    mr_mark_enter(c->mark, MR_IN_ENGINE);
    if (mr_reduce_fingerprint(c, &print, key, place) < 0)
        return -1;
    int bad = is_bad(c, &print, key, place);
    if (bad != 0)
        return bad < 0 ? -1 : 0;
    if (mark_key(c, &print, key, place) < 0)
        return -1;
    mr_mark_enter(c->mark, MR_IN_REDUCE);
    return 1;
}

int mr_reduce_rank(const struct mr_context *c, const struct mr_shuffles *shuffles,
                   const struct mr_record *record, struct mr_key_place place)
{
    struct mr_ranking *ranking = shuffles->ranking;
    const size_t head = c->key_head;
    struct mr_fingerprint print;
    mr_ranking_count(ranking, record->value);
    if (!mr_ranking_may_be_first(ranking, record->value) ||
        mr_ranking_is_behind(ranking, record->value,
                             record->out_of_line ? NULL : record->key + head, record->size - head))
        return 0;
    if (mr_reduce_fingerprint(c, &print, record, place) < 0)
        return -1;
    mr_ranking_put(ranking, record->value, &print,
                   head > 0 ? mr_group_source(mr_group_of(record)) : 0);
    return 0;
}

int mr_reduce_failed(struct mr_context *c, const char *function, const struct mr_record *record,
                     struct mr_key_place place)
{
    struct mr_key key;
    struct mr_fingerprint print;
    struct mr_error other;
    struct mr_context naming = *c;
    naming.err = &other;
    (void)mr_context_failed(c, function);
    /* It may say: not the key; or which. */
    bool blamed = c->mark == NULL || (c->mark->running != MR_IN_ENGINE && !c->mark->chosen);
    if (!c->job_failed || !blamed || mr_reduce_fingerprint(&naming, &print, record, place) < 0)
        return -1;
    open_key(c, &key, record, place);
    mr_key_tell(&key, c->err);
    (void)mark_key(&naming, &print, record, place); /* else it has no bytes */
    return -1;
}

int mr_reduce_decide(struct mr_context *c, const void *state, const struct mr_record *record,
                     struct mr_key_place place, uint64_t *number)
{
    struct mr_key key;
    if (c->job->reduce == NULL)
        return 1;
    mr_mark_enter(c->mark, MR_IN_REDUCE);
    open_key(c, &key, record, place);
    int keep = c->job->reduce(state, &key, number, c);
    if (keep < 0)
        return mr_reduce_failed(c, "reduce", record, place);
    mr_mark_enter(c->mark, MR_IN_ENGINE);
    return keep;
}
