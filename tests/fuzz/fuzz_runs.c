/*
 * Fuzzes sorted runs: sort/run.c with its points, sort/ranges.c and sort/merge.c.
 *
 * Holds true: records written as runs and merged again, in one range or in several side by side,
 * are the records in order, each once, and a range knows the weight of all before it. Any bytes as
 * a file of runs are an error or records that lie within their blocks; reading them ends. A file
 * changed in any byte that is read, its checksums not made good, is an error or makes no difference.
 *
 * An input: what to do, and the file; or in how many ranges, how often each record is repeated, a
 * list of changes (damage.h), and records: lines of a byte that is the value and of the key. An
 * empty line begins another run. The list of runs is a file's last block. Where values are to be
 * bytes, those of a record are its key as often as the byte says, and its number where it stands.
 */
#include "damage.h"
#include "sort/merge.h"
#include "sort/ranges.h"

enum {
    TASK = 3,
    ROOM = 128,   /* payload of all blocks */
    KEY_MAX = 64, /* larger keys are out-of-line */
    RECORDS_MAX = 600,
    RUNS_MAX = 64,
    RANGES_MAX = 8,
    TIMES_MAX = 4,   /* that a key is its value */
    VALUE_MAX = 32   /* larger values are out-of-line */
};

struct line {
    const unsigned char *key;
    size_t size;
    uint64_t value; /* or number */
    size_t times;   /* that the key is the value, where that is bytes */
};

struct lines {
    struct line at[RECORDS_MAX];
    size_t count;
};

static struct mr_ordering ordering;

/* ---- the plain reference ---------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int result = 0;
    if (ordering.by_value && x->value != y->value)
        result = x->value > y->value ? -1 : 1;
    if (result == 0)
        result = memcmp(x->key, y->key, x->size < y->size ? x->size : y->size);
    if (result == 0)
        result = (x->size > y->size) - (x->size < y->size);
    if (result == 0 && ordering.values)
        return (x->value > y->value) - (x->value < y->value);
    return ordering.reverse ? -result : result;
}

/* ---- making a file ---------------------------------------------------------------------- */

struct maker {
    struct mr_block_writer blocks;
    struct mr_key_writer keys;
    struct mr_run_writer writer;
    struct mr_run runs[RUNS_MAX];
    uint32_t count;
};

/* A line's weight is what it is long, with its value. */
static uint64_t weight_of(const struct line *line)
{
    return line->size + line->value;
}

static int weigh(const struct mr_scale *scale, const struct mr_record *r,
                 const struct mr_key_place *place, uint64_t *weight, struct mr_error *err)
{
    (void)scale, (void)place, (void)err;
    *weight = (r->out_of_line ? mr_locator_get(r->key).size : r->size) + r->value;
    return 0;
}

/* Puts a key, as often as is said, where it fits, or its locator. Returns the bytes that it takes. */
static uint32_t put_bytes(struct maker *m, unsigned char *to, const struct line *line, size_t times,
                          size_t max)
{
    struct mr_locator l;
    if (line->size * times <= max) {
        for (size_t i = 0; i < times; i++, to += line->size)
            memcpy(to, line->key, line->size);
        return (uint32_t)(line->size * times);
    }
    for (size_t i = 0; i < times; i++)
        must(mr_key_writer_add(&m->keys, line->key, line->size, &failure));
    must(mr_key_writer_end(&m->keys, &l, &failure));
    mr_locator_put(to, &l);
    return MR_LOCATOR_SIZE;
}

/* Stores a line's key, and behind it its value if that is to be bytes. */
static struct mr_record store_line(struct maker *m, unsigned char *to, const struct line *line)
{
    struct mr_record r = { to, put_bytes(m, to, line, 1, KEY_MAX), line->size > KEY_MAX,
                           line->value };
    unsigned char bytes[VALUE_MAX];
    if (!ordering.values)
        return r;
    struct mr_value value = { bytes, put_bytes(m, bytes, line, line->times, VALUE_MAX),
                              line->size * line->times > VALUE_MAX };
    mr_value_put(to + r.size, &value);
    return r;
}

/* Writes lines as a run, in order. */
static void make_run(struct maker *m, struct line *lines, size_t count)
{
    static unsigned char stored[RECORDS_MAX][KEY_MAX + MR_VALUE_HEAD_MAX + VALUE_MAX];
    static struct mr_record records[RECORDS_MAX];
    if (count > 0)
        qsort(lines, count, sizeof *lines, compare);
    /* What is out-of-line comes first: nothing else may be written within a run. */
    for (size_t i = 0; i < count; i++)
        records[i] = store_line(m, stored[i], &lines[i]);
    mr_run_begin(&m->writer, m->count);
    for (size_t i = 0; i < count; i++)
        must(mr_run_add(&m->writer, &records[i], weight_of(&lines[i]), &failure));
    must(mr_run_end(&m->writer, &m->runs[m->count], &failure));
    hold(m->runs[m->count].records == count);
    m->count++;
}

/* Takes the lines of one run from the text, each so many times. */
static void take_lines(struct lines *lines, struct choices *text, unsigned times)
{
    while (text->left > 0 && lines->count + times <= RECORDS_MAX) {
        const uint8_t *start = text->at, *end = memchr(start, '\n', text->left);
        size_t size = end ? (size_t)(end - start) : text->left;
        text->at += size + (end != NULL);
        text->left -= size + (end != NULL);
        if (size == 0)
            return;
        for (unsigned i = 0; i < times; i++) {
            uint64_t number = ordering.values ? lines->count : start[0];
            lines->at[lines->count++] = (struct line){ start + 1, size - 1, number,
                                                       start[0] % (TIMES_MAX + 1) };
        }
    }
    text->left = 0;
}

static void make_runs(struct mr_spool *spool, struct choices text, unsigned times, bool compress,
                      struct lines *lines)
{
    static struct maker m;
    struct mr_block_link list = { 0, 0 };
    m.count = 0;
    mr_spool_create(spool, &store, "fuzz", 1);
    must(mr_block_writer_init(&m.blocks, spool, &store, TASK, compress, &failure));
    must(mr_key_writer_init(&m.keys, &m.blocks, ROOM, &failure));
    must(mr_run_writer_init(&m.writer, &m.blocks, ROOM, &failure));
    m.writer.values = ordering.values;
    while (text.left > 0 && m.count < RUNS_MAX) {
        size_t from = lines->count;
        take_lines(lines, &text, times);
        make_run(&m, lines->at + from, lines->count - from);
    }
    must(mr_runs_write(&m.blocks, m.runs, m.count, &list, &failure));
    must(mr_spool_finish(spool, &store, &failure));
    must(mr_spool_commit(spool, &store, &failure));
    mr_run_writer_release(&m.writer);
    mr_key_writer_release(&m.keys);
    mr_block_writer_release(&m.blocks);
}

/* ---- reading it ------------------------------------------------------------------------- */

/* Where the last block is. */
static struct mr_block_link find_list(const struct mr_spool *spool)
{
    size_t size = (size_t)spool->size, at;
    unsigned char *bytes = get_memory(size);
    must(mr_spool_read(spool, &store, bytes, size, 0, &failure));
    for (at = size < 4 ? 0 : size - 4; at > 0 && memcmp(bytes + at, "mrbk", 4) != 0; at--)
        ;
    free(bytes);
    return (struct mr_block_link){ at, 0 };
}

/* Reads a key or value, and compares it with what a line's key is so often, where there is one. */
static bool read_bytes(struct mr_key *from, const struct line *line, size_t times)
{
    const unsigned char *bytes;
    size_t size, done = 0;
    int more;
    while (may(more = mr_key_next(from, &bytes, &size)) && more > 0) {
        free(copy_of(bytes, size));
        for (size_t i = 0; i < size && line != NULL; i++, done++)
            hold(done < line->size * times && bytes[i] == line->key[done % line->size]);
    }
    hold(more < 0 || line == NULL || done == line->size * times);
    return more == 0;
}

/* Reads a record's key, and its value if that is bytes. */
static bool read_record(const struct mr_run_reader *r, struct mr_block_reader *keys,
                        const struct line *line)
{
    const struct mr_record *record = &r->current.record;
    struct mr_key_place place = { r->current.spool, r->current.task, keys };
    struct mr_key from;
    mr_key_open(&from, record, place, &failure);
    bool good = read_bytes(&from, line, 1);
    if (!good || !ordering.values)
        return good;
    struct mr_value value = mr_record_value(record);
    mr_value_open(&from, &value, place, &failure);
    return read_bytes(&from, line, line ? line->times : 0);
}

struct merging {
    const struct mr_runs *runs;
    struct mr_block_reader keys;
    const struct lines *wanted; /* what must come; NULL: whatever comes */
    size_t done;
    uint64_t weight; /* of what is done */
};

/* Merges the records from a point until another. */
static bool merge_range(struct merging *g, const struct mr_point *from,
                        const struct mr_point *until)
{
    struct mr_merge m;
    struct mr_run_reader *next = NULL;
    int more = 0;
    must(mr_merge_init(&m, g->runs->count, ROOM, &store, ordering, &failure));
    m.scale.weigh = weigh;
    if (until != NULL)
        mr_merge_until(&m, until);
    for (size_t i = 0; i < g->runs->count && more == 0; i++)
        if (!may(mr_merge_add(&m, g->runs, &g->runs->at[i], 0, from)))
            more = -1;
    hold(more < 0 || g->wanted == NULL || m.before == g->weight);
    while (more >= 0 && may(more = mr_merge_next(&m, &next)) && more > 0) {
        const struct mr_record *r = &next->current.record;
        const struct line *line = NULL;
        if (g->wanted != NULL) {
            hold(g->done < g->wanted->count);
            line = &g->wanted->at[g->done++];
            hold(r->value == line->value);
            g->weight += weight_of(line);
        }
        if (!read_record(next, &g->keys, line))
            more = -1;
    }
    mr_merge_release(&m);
    return more == 0;
}

/* Looks at the runs' points, which are in order if the file is as it was written. */
static bool read_points(const struct mr_runs *runs, bool written)
{
    static struct mr_point points[MR_POINTS];
    struct mr_block_reader reader;
    mr_block_reader_init(&reader, &store, MR_INDEX_MAX);
    int count = 0;
    for (size_t i = 0; i < runs->count && count >= 0; i++) {
        count = mr_run_points(&reader, runs->spool, runs->task, &runs->at[i], points, &failure);
        hold(count <= MR_POINTS);
        for (int p = 0; p < count; p++)
            hold(points[p].size <= MR_POINT_KEY);
        for (int p = 1; p < count && written; p++)
            hold(mr_points_compare(&points[p - 1], &points[p], ordering) <= 0);
    }
    mr_block_reader_release(&reader);
    return count >= 0;
}

static bool merge(struct mr_spool *spool, size_t ranges, const struct lines *wanted)
{
    struct mr_runs runs;
    struct mr_point bounds[RANGES_MAX];
    struct merging g = { .runs = &runs, .wanted = wanted };
    mr_block_reader_init(&g.keys, &store, ROOM);
    bool good = may(mr_runs_read(&runs, spool, &store, TASK, find_list(spool), &failure)) &&
                read_points(&runs, wanted != NULL);
    int found = -1;
    if (good)
        found = mr_ranges_find(bounds, ranges, &runs, 1, ROOM, &store, ordering, &failure);
    hold(found < (int)ranges);
    for (int i = 1; i < found; i++)
        hold(mr_points_compare(&bounds[i - 1], &bounds[i], ordering) < 0);
    good = found >= 0;
    for (int i = 0; i <= found && good; i++)
        good = merge_range(&g, i > 0 ? &bounds[i - 1] : NULL, i < found ? &bounds[i] : NULL);
    hold(wanted == NULL || !good || g.done == wanted->count);
    free(runs.at);
    mr_block_reader_release(&g.keys);
    return good;
}

/* ---- the fuzzer ------------------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lines lines;
    struct choices c = { data, size };
    unsigned what = choose(&c), ranges = 1 + choose(&c) % RANGES_MAX;
    bool seal = what & 1, raw = what & 2, differs = false;
    struct mr_spool spool;
    ordering = (struct mr_ordering){ .by_value = what & 8 && !(what & 32), .reverse = what & 16,
                                     .values = what & 32 };
    lines.count = 0;
    if (raw) {
        unsigned char *bytes = copy_of(c.at, c.left);
        if (seal)
            seal_blocks(bytes, c.left);
        make_spool(&spool, bytes, c.left);
        free(bytes);
    } else {
        unsigned times = 1 + choose(&c) / 16;
        struct choices changes = choose_list(&c);
        make_runs(&spool, c, times, what & 4, &lines);
        differs = damage(&spool, changes, seal);
        if (lines.count > 0)
            qsort(lines.at, lines.count, sizeof *lines.at, compare);
    }
    /* A change that is noticed is an error; one that is not may not matter. */
    bool known = !raw && !(differs && seal);
    bool good = merge(&spool, ranges, known ? &lines : NULL);
    hold(!known || differs || good);
    mr_spool_drop(&spool, &store);
    return 0;
}
