/* What is emitted without a reducer, as a run. */
#include "sort/direct.h"

#include "base/error.h"

#include <string.h>

static bool is_sorted(const struct mr_direct *d)
{
    return d->plan->sorter.memory > 0;
}

/* Whether a record is one of the result's, as far as that is known. */
static bool is_wanted(struct mr_direct *d)
{
    return d->records++ < d->plan->top || is_sorted(d);
}

/* The run begins with its first record: what was written to the spool before is none of it. */
static void begin(struct mr_direct *d)
{
    if (!d->begun)
        mr_run_begin(&d->run, 0);
    d->begun = true;
}

static int add(struct mr_direct *d, const struct mr_record *r)
{
    struct mr_key_place place = { d->blocks->spool, d->blocks->task, &d->reader };
    uint64_t weight;
    if (is_sorted(d))
        return mr_sorter_add(&d->sorter, r, NULL);
    if (d->plan->sink != NULL)
        return d->plan->sink->record(d->plan->sink, r, &place, d->err);
    begin(d);
    if (mr_weigh(&d->plan->scale, r, &place, &weight, d->err) < 0)
        return -1;
    return mr_run_add(&d->run, r, weight, d->err);
}

/* Adds a record whose value is to stand behind its key. */
static int add_pair(struct mr_direct *d, const struct mr_record *key, const struct mr_value *value)
{
    struct mr_record r = *key;
    if (is_sorted(d))
        return mr_sorter_add(&d->sorter, key, value);
    size_t size = r.size + MR_VALUE_HEAD_MAX + (size_t)value->size;
    d->record.size = 0;
    unsigned char *to = mr_buffer_reserve(&d->record, size);
    if (to == NULL)
        return mr_error_memory(d->err, size, "a record");
    memcpy(to, r.key, r.size);
    mr_value_put(to + r.size, value);
    r.key = to;
    return add(d, &r);
}

/* Takes a value that is assembled. */
static int keep(struct mr_assembly *out, const struct mr_value *value)
{
    struct mr_direct *d = (struct mr_direct *)(void *)out;
    return add_pair(d, &d->key, value);
}

int mr_direct_init(struct mr_direct *d, const struct mr_direct_plan *plan, bool values,
                   uint32_t value_max, struct mr_block_writer *blocks, struct mr_key_writer *keys,
                   struct mr_error *err)
{
    memset(d, 0, sizeof *d);
    d->plan = plan;
    d->blocks = blocks;
    d->err = err;
    d->out = (struct mr_assembly){ .context = { .emits = MR_EMITS_RESULT, .err = err },
                                   .value_max = value_max, .keys = keys, .keep = keep };
    mr_block_reader_init(&d->reader, blocks->store, plan->run_payload);
    if (is_sorted(d))
        return mr_sorter_init(&d->sorter, &plan->sorter, blocks, err);
    if (plan->sink != NULL)
        return 0;
    if (mr_run_writer_init(&d->run, blocks, plan->run_payload, err) < 0)
        return -1;
    d->run.values = values;
    d->run.gaps = true;
    return 0;
}

int mr_direct_add(struct mr_direct *d, const struct mr_record *r)
{
    return is_wanted(d) ? add(d, r) : 0;
}

int mr_direct_add_value(struct mr_direct *d, const struct mr_record *key, const void *value,
                        size_t size)
{
    if (!is_wanted(d))
        return 0;
    d->key = *key;
    return mr_emit_result(&d->out.context, NULL, 0, value, size);
}

int mr_direct_add_pair(struct mr_direct *d, const struct mr_record *key,
                       const struct mr_value *value)
{
    return is_wanted(d) ? add_pair(d, key, value) : 0;
}

/* ---- lines ------------------------------------------------------------------------------ */

/* Counts LFs; those of many bytes at once in one byte, which has room for them: with a wider one a
 * vector would have fewer. */
static uint64_t count_ends(const unsigned char *lines, size_t size)
{
    enum { STEP = 240 }; /* whole vectors of 16 bytes, and no more than a byte can count */
    uint64_t count = 0;
    for (; size >= STEP; lines += STEP, size -= STEP) {
        uint8_t few = 0;
        for (size_t i = 0; i < STEP; i++)
            few = (uint8_t)(few + (lines[i] == '\n'));
        count += few;
    }
    for (size_t i = 0; i < size; i++)
        count += lines[i] == '\n';
    return count;
}

/* Adds several lines, which a record has room for, as one: behind the head that says that they have
 * no key of their own (assembly.h). */
static int add_packed(struct mr_direct *d, const unsigned char *lines, size_t size)
{
    static const unsigned char no_key = 0;
    struct mr_record r = { .value = count_ends(lines, size) };
    struct mr_value value = { lines, (uint32_t)size + 1, false };
    d->records += 1 + r.value;
    d->record.size = 0;
    unsigned char *to = mr_buffer_reserve(&d->record, MR_VALUE_HEAD_MAX + 1 + size);
    if (to == NULL)
        return mr_error_memory(d->err, size, "some lines");
    r.key = to;
    to = mr_value_put_head(to, &value);
    *to++ = no_key;
    memcpy(to, lines, size);
    return add(d, &r);
}

/* Where the lines end that are added next: at the end, or at an LF. */
static const unsigned char *next_end(const struct mr_direct *d, const unsigned char *lines,
                                     const unsigned char *end)
{
    size_t size = (size_t)(end - lines), room = d->out.value_max - 1;
    const unsigned char *stop = NULL;
    if (d->plan->pack_lines && size <= room)
        return end;
    if (d->plan->pack_lines)
        stop = memrchr(lines, '\n', room + 1);
    if (stop == NULL)
        stop = memchr(lines, '\n', size);
    return stop ? stop : end;
}

/* Has all be taken as they are. */
static int hand_over(struct mr_direct *d, const unsigned char *lines, size_t size)
{
    const uint64_t count = 1 + count_ends(lines, size);
    d->records += count;
    return d->plan->sink->lines(d->plan->sink, lines, size, count, d->err);
}

int mr_direct_add_lines(struct mr_direct *d, const unsigned char *lines, size_t size)
{
    static const struct mr_record no_key = { (const unsigned char *)"", 0, false, 0 };
    const unsigned char *end = lines + size, *stop;
    if (d->plan->sink != NULL && d->plan->pack_lines)
        return hand_over(d, lines, size);
    do {
        stop = next_end(d, lines, end);
        size = (size_t)(stop - lines);
        bool pack = d->plan->pack_lines && size < d->out.value_max;
        if (pack ? add_packed(d, lines, size) < 0
                 : mr_direct_add_value(d, &no_key, lines, size) < 0)
            return -1;
        lines = stop + 1;
    } while (stop < end);
    return 0;
}

/* ---- values in parts -------------------------------------------------------------------- */

int mr_direct_begin(struct mr_direct *d, const struct mr_record *key)
{
    d->key = *key;
    return mr_result_begin(&d->out.context, NULL, 0);
}

int mr_direct_extend(struct mr_direct *d, const void *bytes, size_t size)
{
    return mr_result_add(&d->out.context, bytes, size);
}

/* What is not wanted has been written where it does not matter. */
int mr_direct_end(struct mr_direct *d)
{
    return is_wanted(d) ? mr_result_end(&d->out.context) : mr_assembly_drop(&d->out);
}

int mr_direct_finish(struct mr_direct *d, struct mr_block_link *runs)
{
    struct mr_run run;
    if (is_sorted(d))
        return mr_sorter_finish(&d->sorter, runs);
    *runs = (struct mr_block_link){ 0, 0 };
    if (d->plan->sink != NULL)
        return 0;
    begin(d);
    if (mr_run_end(&d->run, &run, d->err) < 0)
        return -1;
    return mr_runs_write(d->blocks, &run, 1, runs, d->err);
}

uint64_t mr_direct_kept(const struct mr_direct *d)
{
    return is_sorted(d) ? mr_sorter_kept(&d->sorter) : d->records;
}

void mr_direct_release(struct mr_direct *d)
{
    mr_assembly_release(&d->out);
    mr_run_writer_release(&d->run);
    mr_sorter_release(&d->sorter);
    mr_block_reader_release(&d->reader);
    mr_buffer_free(&d->record);
}
