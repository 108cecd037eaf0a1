/* The writer: one merge task. */
#include "write/writer.h"

#include "base/error.h"
#include "store/partial.h"
#include "write/format.h"
#include "write/pair.h"

#include <stdlib.h>
#include <string.h>

enum {
    GATHER = 1 << 18,    /* text of all parts together before it is written */
    GATHER_MIN = 1 << 9, /* of one */
    LISTEN = 1 << 8,     /* records handed over between two times of listening */
    WHOLE_SHARE = 16     /* of the run's memory, for a key that is handed over, and for a value */
};

static int add_runs(struct mr_merge *m, const struct mr_write_range *range)
{
    if (range->until != NULL)
        mr_merge_until(m, range->until);
    for (size_t f = 0; f < range->file_count; f++)
        for (size_t i = 0; i < range->files[f].count; i++)
            if (mr_merge_add(m, &range->files[f], &range->files[f].at[i], (uint32_t)f,
                             range->from) < 0)
                return -1;
    return 0;
}

/* What one of so many texts, all written side by side, gathers. */
static size_t gather_of(size_t texts)
{
    return GATHER / texts > GATHER_MIN ? GATHER / texts : GATHER_MIN;
}

/* What a task of this file works with. */
struct writing {
    const struct mr_write_plan *plan;
    const struct mr_write_range *range;
    const struct mr_store *store;
    struct mr_text *texts;
    const struct mr_receiver *receiver; /* of the records, in the place of texts; or NULL */
    struct mr_key_room keys, values;    /* for what it wants whole */
    uint64_t records; /* counted here: in the shared memory around the result, others count */
    uint64_t lines;   /* that may still be written, where they are what is limited */
    mr_total sum;     /* of their values; of a file's, where it is told how much there is: */
    mr_total all;
    uint64_t source, others; /* the file, and how many records were written of others */
    _Atomic uint64_t *progress;
    struct mr_error *err;
};

static uint64_t number_of(const struct writing *w, const struct mr_record *r)
{
    return mr_format_number(w->plan->scale.columns, r);
}

/* Hands a record over to the receiver. */
static int hand_over(struct writing *w, struct mr_merge *m, const struct mr_file_record *record)
{
    const struct mr_receiver *to = w->receiver;
    struct mr_key_place first = { record->spool, record->task, &m->readers.first };
    struct mr_key_place second = { record->spool, record->task, &m->readers.second };
    const struct mr_record *r = &record->record;
    struct mr_key key, value;
    bool bytes = w->plan->pairs;
    if (w->records % LISTEN == 0 && to->listen && to->listen(to->listen_arg, w->err) < 0)
        return -1;
    if (!bytes)
        mr_key_open(&key, r, first, w->err);
    else if (mr_pair_open(r, &first, &second, &key, &value, w->err) < 0)
        return -1;
    key.room = &w->keys;
    value.room = &w->values;
    int took = to->take(to->arg, &key, bytes ? 0 : number_of(w, r), bytes ? &value : NULL, w->err);
    const bool refused = mr_key_room_refused(&w->keys, &w->values);
    if (took == 0) {
        if (refused) /* it has read piece by piece, then: that is no reason of a later failure */
            *w->err = (struct mr_error){ .code = 0 };
        return 0;
    }
    if (w->err->text[0] == '\0')
        mr_error_set(w->err, "the program that ran the job took no more of its result");
    if (refused) {
        mr_key_open(&key, r, first, w->err);
        mr_key_tell(&key, w->err);
    }
    return mr_error_final(w->err);
}

int mr_write_record(const struct mr_write_plan *plan, struct mr_text *text,
                    const struct mr_record *r, const struct mr_key_place *place,
                    struct mr_error *err)
{
    return plan->pairs ? mr_pair_write(text, plan->format, r, place, err)
                       : mr_format_record(text, plan->format, r, place, err);
}

/* Writes a record to its text. */
static int write_record(struct writing *w, struct mr_merge *m, const struct mr_run_reader *from)
{
    const struct mr_write_plan *plan = w->plan;
    const struct mr_record *r = &from->current.record;
    const uint64_t number = number_of(w, r);
    struct mr_key_place place = { from->current.spool, from->current.task, &m->readers.first };
    struct mr_text *text = &w->texts[w->range->part_a_file ? from->source : 0];
    if (plan->limit_lines) {
        text->unwanted = number > w->lines ? number - w->lines : 0;
        w->lines -= number - text->unwanted;
    }
    w->sum += number - text->unwanted;
    return mr_write_record(plan, text, r, &place, m->err);
}

/* How many records of the result a record is: in a sequence several lines may be one
 * (sort/direct.h). */
static uint64_t count_of(const struct writing *w, const struct mr_record *r)
{
    return w->range->in_sequence && w->plan->pairs ? 1 + r->value : 1;
}

/* How many lines were written. */
static uint64_t lines_of(const struct writing *w)
{
    return mr_write_repeats(w->plan) ? mr_total_clamp(w->sum) : w->records + w->others;
}

/* Writes a record for others. */
static int write_sum_of_others(struct writing *w, struct mr_text *text, mr_total others)
{
    static const char name[] = "(others)";
    unsigned char key[MR_GROUP_SIZE + sizeof name + MR_VALUE_HEAD_MAX + MR_UNITED_MAX +
                      MR_BLOCK_SLACK], *to = key;
    unsigned char bytes[MR_UNITED_MAX];
    if (others > UINT64_MAX) {
        mr_error_set(w->err, "the others together are more than 64 bits hold: do without --others");
        return mr_error_final(w->err);
    }
    if (w->plan->order.by_group) {
        mr_group_put(to, mr_group_make(w->source, MR_GROUP_KEYS));
        to += MR_GROUP_SIZE;
    }
    memcpy(to, name, sizeof name - 1);
    to += sizeof name - 1;
    const struct mr_united united = { 0, (uint64_t)others };
    const struct mr_value value = mr_united_put(bytes, &united);
    mr_value_put(to, &value);
    const struct mr_record r = { key, (uint32_t)(to - key), false, (uint64_t)others };
    const struct mr_key_place nowhere = { NULL, 0, NULL };
    w->others++;
    text->unwanted = 0;
    return mr_format_record(text, w->plan->format, &r, &nowhere, w->err);
}

/* A file's records end. */
static int end_group(struct writing *w)
{
    mr_total others = w->all - w->sum;
    w->all = w->sum = 0;
    return w->range->others_of_groups && others > 0
               ? write_sum_of_others(w, &w->texts[0], others)
               : 0;
}

/* Takes what a record tells of a file, where they do. Returns 1 if it is no more than that, 0, or
 * -1. */
static int take_group(struct writing *w, const struct mr_record *r)
{
    uint64_t group = mr_group_of(r), source = mr_group_source(group);
    enum mr_group_kind kind = mr_group_kind(group);
    if (source != w->source && end_group(w) < 0)
        return -1;
    w->source = source;
    if (kind == MR_GROUP_KEYS)
        return 0;
    w->all += kind == MR_GROUP_ALL ? number_of(w, r) : 0;
    w->all -= kind == MR_GROUP_DROPPED ? number_of(w, r) : 0;
    if (w->range->shares_of_groups)
        w->texts[0].shares_of = w->all;
    return 1;
}

/* Writes a merge's records, or hands them over, until there are as many as the range's limit. */
static int write_records(struct writing *w, struct mr_merge *m)
{
    struct mr_run_reader *next;
    int more = 1;
    const bool by_group = w->plan->order.by_group;
    const bool of_groups = w->range->shares_of_groups || w->range->others_of_groups;
    struct mr_quota quota = { .limit = w->range->limit };
    while ((by_group || w->records < quota.limit) && (more = mr_merge_next(m, &next)) > 0) {
        int told = of_groups ? take_group(w, &next->current.record) : 0;
        if (told < 0)
            return -1;
        if (told > 0 || (by_group && !mr_quota_take(&quota, &next->current.record)))
            continue;
        if ((w->receiver ? hand_over(w, m, &next->current) : write_record(w, m, next)) < 0)
            return -1;
        w->records += count_of(w, &next->current.record);
    }
    return more < 0 ? -1 : of_groups ? end_group(w) : 0;
}

/* Writes a last record for what others there are. */
static int write_others(struct writing *w, struct mr_text *text)
{
    mr_total less = w->range->less_written ? w->sum : 0;
    return w->range->others <= less ? 0
                                    : write_sum_of_others(w, text, w->range->others - less);
}

static int begin_merge(const struct writing *w, struct mr_merge *m, size_t runs)
{
    int result = mr_merge_init(m, runs, w->plan->run_payload, w->store, w->plan->order, w->err);
    m->scale = w->plan->scale;
    mr_merge_watch(m, w->progress);
    return result;
}

/* Merges all runs. */
static int write_merged(struct writing *w)
{
    struct mr_merge m;
    size_t runs = 0;
    for (size_t f = 0; f < w->range->file_count; f++)
        runs += w->range->files[f].count;
    int result = begin_merge(w, &m, runs);
    if (result == 0)
        result = add_runs(&m, w->range);
    if (w->texts[0].output->kind != MR_OUTPUT_DIRECTORY) /* each part has its own beginning */
        w->texts[0].from = m.before;
    if (result == 0)
        result = write_records(w, &m);
    mr_merge_release(&m);
    return result;
}

/* Writes a run as it is: a merge of it alone. */
static int write_run(struct writing *w, size_t file, const struct mr_run *run)
{
    struct mr_merge m;
    int result = begin_merge(w, &m, 1);
    m.gaps = true;
    if (result == 0)
        result = mr_merge_add(&m, &w->range->files[file], run, (uint32_t)file, NULL);
    if (result == 0)
        result = write_records(w, &m);
    mr_merge_release(&m);
    return result;
}

static int write_in_sequence(struct writing *w)
{
    w->texts[0].from = w->range->start;
    for (size_t f = 0; f < w->range->file_count; f++)
        for (size_t i = 0; i < w->range->files[f].count; i++)
            if (w->records < w->range->limit &&
                write_run(w, f, &w->range->files[f].at[i]) < 0)
                return -1;
    return 0;
}

static int finish_texts(struct mr_text *texts, size_t count, struct mr_write_result *result,
                        struct mr_error *err)
{
    result->from = texts[0].from;
    for (size_t i = 0; i < count; i++) {
        if (mr_text_finish(&texts[i], err) < 0)
            return -1;
        result->bytes += texts[i].bytes;
    }
    return 0;
}

int mr_write_run(const struct mr_write_plan *plan, const struct mr_write_range *range,
                 const struct mr_store *store, struct mr_output *output,
                 struct mr_write_result *result, _Atomic uint64_t *progress,
                 struct mr_error *err)
{
    size_t count = range->part_a_file ? range->file_count : 1;
    *result = (struct mr_write_result){ .from = 0 };
    /* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): there is a file at least */
    struct mr_text *texts = calloc(count, sizeof *texts);
    if (texts == NULL)
        return mr_error_memory(err, count * sizeof *texts, "the output's text");
    for (size_t i = 0; i < count; i++)
        texts[i] = (struct mr_text){ .gather = gather_of(count), .output = output,
                                     .part = range->part + (uint32_t)i, .progress = progress,
                                     .columns = plan->scale.columns,
                                     .shares_of = range->shares_of, .slack = true };
    struct writing w = { .plan = plan, .range = range, .store = store, .texts = texts,
                         .lines = range->limit, .progress = progress, .err = err };
    int status = range->in_sequence ? write_in_sequence(&w) : write_merged(&w);
    if (status == 0)
        status = write_others(&w, &texts[count - 1]);
    if (status == 0)
        status = finish_texts(texts, count, result, err);
    result->records = w.records;
    result->lines = lines_of(&w);
    for (size_t i = 0; i < count; i++)
        mr_text_release(&texts[i]);
    free(texts);
    return status;
}

int mr_write_hand_over(const struct mr_write_plan *plan, const struct mr_write_range *range,
                       const struct mr_store *store, const struct mr_receiver *receiver,
                       uint64_t *records, struct mr_error *err)
{
    struct mr_output nowhere = MR_OUTPUT_INIT;
    struct mr_text none = { .output = &nowhere };
    const uint64_t memory = receiver->memory;
    const size_t most = (size_t)(memory / WHOLE_SHARE);
    struct writing w = { .plan = plan, .range = range, .store = store, .texts = &none,
                         .receiver = receiver, .err = err,
                         .keys = { .max = most, .what = "key", .memory = memory },
                         .values = { .max = most, .what = "value", .memory = memory } };
    int status = range->in_sequence ? write_in_sequence(&w) : write_merged(&w);
    *records = w.records;
    mr_buffer_free(&w.keys.bytes);
    mr_buffer_free(&w.values.bytes);
    return status;
}
