/* Uniting partial numbers. */
#include "reduce/partials.h"

#include "base/error.h"
#include "reduce/task.h"
#include "store/group.h"
#include "store/partial.h"

/* Whether a key has none, but tells how much there is of a file. */
static bool tells_of_group(const struct mr_partials *p, const struct mr_record *key)
{
    return p->plan->group_totals && mr_group_kind(mr_group_of(key)) != MR_GROUP_KEYS;
}

/* Adds up all partials of the key. */
static int unite(const struct mr_partials *p, struct mr_key_values *k, struct mr_united *u)
{
    struct mr_partial partial = { 0, 0, 0 };
    uint64_t last = 0;
    int more;
    *u = (struct mr_united){ 0, 0 };
    while ((more = mr_values_next(&k->values)) > 0) {
        struct mr_value value = mr_value_at(k->bucket->value);
        if (!mr_partial_get(&value, &partial))
            return mr_error_set(k->values.err, "internal error: a value is no partial number");
        if (u->sources == 0)
            u->number = partial.number;
        else if (!mr_combine(p->job->combine, &u->number, partial.number))
            return mr_record_overflow(&k->key, p->shuffles->key_head, k->values.err);
        u->sources += u->sources == 0 || partial.source != last;
        last = partial.source;
    }
    return more;
}

/* Whether a key stands in no fewer inputs than are asked for, and no more. */
static bool stands_in_enough(const struct mr_partials *p, const struct mr_united *u)
{
    const struct mr_reduce_plan *plan = p->plan;
    return u->sources >= plan->min_sources &&
           (plan->max_sources == 0 || u->sources <= plan->max_sources);
}

/* Adds a record of the current key to the result; place is that of its first partial. */
static int put_united(struct mr_partials *p, const struct mr_united *u, uint64_t place)
{
    unsigned char bytes[MR_UNITED_MAX];
    const struct mr_value value = mr_united_put(bytes, u);
    return mr_result_put(p->out, p->plan->places ? place : u->number, &value);
}

/* Has the result tell how much of the key's file was dropped, where that is asked for. */
static int tell_dropped(struct mr_partials *p, const struct mr_united *u)
{
    const struct mr_record key = { p->group, MR_GROUP_SIZE, false, 0 };
    if (!p->plan->group_totals)
        return 0;
    mr_group_put(p->group, mr_group_make(mr_group_source(mr_group_of(&p->out->key)),
                                         MR_GROUP_DROPPED));
    mr_result_key(p->out, &key);
    p->told++;
    return put_united(p, u, 0);
}

int mr_partials_reduce(struct mr_partials *p, struct mr_key_values *k)
{
    struct mr_key_place where = mr_sorted_key_place(k->bucket);
    struct mr_context *context = &p->out->out.context;
    const uint64_t place = k->bucket->current.value;
    struct mr_united all, kept;
    if (unite(p, k, &all) < 0)
        return -1;
    if (tells_of_group(p, &k->key)) {
        p->told++;
        return put_united(p, &all, 0);
    }
    p->result->distinct++;
    p->result->sum += all.number;
    int may = mr_reduce_may_have(context, p->shuffles, &k->key, where);
    if (may <= 0)
        return may;
    kept = all;
    int keep = mr_reduce_decide(context, p->state, &k->key, where, &kept.number);
    if (keep < 0)
        return -1;
    if (keep == 1 && !stands_in_enough(p, &all))
        keep = MR_OTHERS;
    p->result->dropped += keep == 0 ? all.number : 0;
    p->result->others += keep == MR_OTHERS ? all.number : 0;
    if (keep != 1)
        return keep == 0 ? tell_dropped(p, &all) : 0;
    k->key.value = kept.number;
    if (p->shuffles->ranking != NULL &&
        mr_reduce_rank(context, p->shuffles, &k->key, where) < 0)
        return -1;
    return put_united(p, &kept, place);
}
