/* The plan of a job's memory and sizes. */
#include "control/plan.h"

#include "base/error.h"
#include "input/split.h"
#include "write/format.h"
#include "write/pair.h"

#include <string.h>

#define KB ((uint64_t)1 << 10)
#define MB ((uint64_t)1 << 20)

enum {
    PROCESSES_MAX = 1024,
    PARTITIONS_MAX = 4096,
    BUCKETS_USUAL = 256,  /* of all partitions; each one more costs a mapper some of its cache */
    BUCKETS_MAX = 2048,
    BUCKET_BYTES = 8 << 20, /* of input; with more, a bucket's keys are too many for a cache */
    PAYLOAD_MIN = 4 << 10,   /* payload of a block at least */
    PAYLOAD_MAX = 16 << 10,
    SEQUENCE_PAYLOAD_MAX = 64 << 10, /* where each partition has one bucket: fewer calls */
    RUNS_MAX = 512,       /* that a reducer leaves */
    WORTH_A_PROCESS = 256 << 10, /* bytes of input: with less, starting one takes longer */
    REDUCER_MIN = 5 << 18, /* bytes of a reducer, besides the places of its blocks */
    RANGE_USUAL = 4 << 20, /* bytes of runs that a merge task reads, */
    RANGE_MIN = 1 << 20,   /* and at least: where ranges meet, both read a block of each run */
    WHOLE_MIN = 4 << 20,  /* bytes of a mapper whose records are whole: enough for one of 10^6 */
    DECODE_MIN = 10 << 20, /* what files that were compressed as usual take */
    TASK_MEMORY = 256,    /* bytes of the supervisor's for a map task, about */
    SORT_MIN = 16 << 20,  /* bytes that map tasks sort together: few, which caches hold, as long as
                             that does not make too many runs */
    LONGS_MAX = 256 << 10, /* bytes of a mapper's slots of long keys, */
    ARENA_MAX = 512 << 10, /* and of these keys: more would not stay in the nearer cache */
    CELLS_EACH = 16,      /* in which a bucket's values are summed, at most, */
    CELLS_MAX = 4096,     /* and all buckets': few enough for the nearest cache */
    CELL_INPUT = 512,     /* bytes of a map task's input for each, at least, and for each reducer,
                             as each reads all of them: it takes 8 */
    CELLS_A_KEY = 8       /* for each key that is wanted, at least: of fewer, hardly any has too
                             little */
};

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t at_least(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t within(uint64_t low, uint64_t value, uint64_t high)
{
    return at_least(low, at_most(value, high));
}

/* The largest power of two that is not above n, at least 1. */
static uint64_t power_of_two(uint64_t n)
{
    return n < 2 ? 1 : (uint64_t)1 << (63 - __builtin_clzll(n));
}

static unsigned cpus(const struct mr_plan *p)
{
    return (unsigned)at_most(p->machine.cpus, PROCESSES_MAX);
}

/* A partition is one bucket, so that its keys come in their order. */
static void plan_sequence(struct mr_plan *p, uint64_t memory)
{
    const uint64_t each = memory / p->reducers;
    p->map.buckets = p->reducers;
    p->map.bucket_payload = (uint32_t)at_least(within(PAYLOAD_MIN, each, PAYLOAD_MAX),
                                               at_most(each / 16, SEQUENCE_PAYLOAD_MAX));
}

/* The shuffle's buckets: enough that each one's keys fit in a cache, but buffers for all of
 * them must fit in the mapper's memory. */
static void plan_buckets(struct mr_plan *p, uint64_t memory, uint64_t bytes, bool streams)
{
    uint64_t usual = streams ? BUCKETS_USUAL : within(1, bytes / MB, BUCKETS_USUAL);
    uint64_t wanted = within(usual, bytes / BUCKET_BYTES, BUCKETS_MAX);
    uint64_t fit = at_least(1, memory / PAYLOAD_MIN / p->reducers);
    uint64_t each = within(1, (wanted + p->reducers - 1) / p->reducers, fit);
    p->map.buckets = (uint32_t)(each * p->reducers);
    p->map.bucket_payload = (uint32_t)within(PAYLOAD_MIN, memory / p->map.buckets, PAYLOAD_MAX);
}

static void plan_mapper(struct mr_plan *p, uint64_t memory, uint64_t bytes, bool streams)
{
    struct mr_map_plan *m = &p->map;
    /* Tables larger than a split could fill would only cost page faults, and time to empty. */
    uint64_t split = at_most(bytes / p->mappers, p->split_size);
    uint64_t input = streams ? UINT64_MAX : at_least(4 * KB, split);
    uint64_t shorts = at_most(at_most(memory / 4, 4 * MB), input * 4);
    uint64_t longs = at_most(at_most(memory / 16, LONGS_MAX), input * 4);
    /* A slot's place takes about half as much as the slot. */
    const uint64_t each = m->by_place ? 2 : 1;
    m->short_sets = power_of_two(shorts / each / sizeof(struct mr_short_set));
    m->long_sets = power_of_two(longs / each / sizeof(struct mr_long_set));
    m->arena = (size_t)within(64 * KB, memory / 8, ARENA_MAX);
    m->chunk = (size_t)within(64 * KB, memory / 8, 256 * KB);
    p->map_memory = memory;
}

/* What each mapper's buffers and each reducer's table need at least. */
static uint64_t least_share(const struct mr_plan *p)
{
    return at_least(5 * MB / 4, (uint64_t)4 * p->reducers * PAYLOAD_MIN);
}

bool mr_layout_is_possible(const struct mr_layout *l)
{
    return l->reducers >= 1 && l->reducers <= PARTITIONS_MAX && l->buckets >= l->reducers &&
           l->buckets <= BUCKETS_MAX + PARTITIONS_MAX && l->buckets % l->reducers == 0 &&
           l->bucket_payload >= PAYLOAD_MIN && l->bucket_payload <= SEQUENCE_PAYLOAD_MAX &&
           l->run_payload >= PAYLOAD_MIN && l->run_payload <= PAYLOAD_MAX &&
           l->runs_max >= 1 && l->runs_max <= RUNS_MAX && l->split_size >= 1 &&
           l->made_for >= MR_MEMORY_MIN;
}

/* What a mapper, and a merger, need of memory with the layout of files that are there. */
static uint64_t least_to_map(const struct mr_layout *l)
{
    return l->direct ? 0 : (uint64_t)4 * l->buckets * l->bucket_payload;
}

static uint64_t least_to_merge(const struct mr_layout *l)
{
    uint64_t each = mr_merge_memory(l->run_payload, l->compress);
    return l->runs_max == 1 ? 0 : l->reducers * l->runs_max * each + MR_WRITE_MEMORY;
}

static int too_little(const struct mr_plan *p, uint64_t least, struct mr_error *err)
{
    mr_error_set(err, "cannot go on with %llu MB of memory (--memory): what was made needs at "
                      "least %lluM", (unsigned long long)(p->memory / MB),
                 (unsigned long long)((least + MB - 1) / MB));
    return mr_error_final(err);
}

/* Processes that work at once, at most, when there are tasks enough. */
static unsigned side_by_side(const struct mr_plan *p)
{
    return (unsigned)at_least(p->mappers, cpus(p));
}

/* The runs that reducers leave for the final merge. */
static void plan_runs(struct mr_plan *p, bool compress)
{
    uint64_t merging = p->memory / 2 / p->merge_at_once - MR_WRITE_MEMORY;
    /* Small blocks, so that many runs can be merged at once; larger ones where there is room. */
    uint64_t room = within(PAYLOAD_MIN, merging / p->reducers / 128, PAYLOAD_MAX);
    p->reduce.run_payload = (uint32_t)room;
    p->reduce.runs_max = (size_t)within(1, merging / mr_merge_memory((size_t)room, compress) /
                                               p->reducers, RUNS_MAX);
}

int mr_plan_reducers(struct mr_plan *p, uint64_t map_tasks, struct mr_error *err)
{
    struct mr_reduce_plan *r = &p->reduce;
    uint64_t links = map_tasks * sizeof(struct mr_block_link), workers = p->memory / 2;
    uint64_t least = at_least(least_share(p), 8 * links);
    /* Only a run that goes on with the files of one that had far more memory can come to this. */
    if (links + REDUCER_MIN > workers)
        return too_little(p, 2 * (links + REDUCER_MIN), err);
    const uint64_t most = at_most(p->reducers, side_by_side(p));
    p->reduce_at_once = (unsigned)within(1, workers / least, most);
    r->memory_alone = most > 1 ? p->memory / p->reduce_at_once + 1 : 0;
    r->memory = p->memory * most / p->reduce_at_once + 1;
    uint64_t memory = workers / p->reduce_at_once - 256 * KB;
    uint64_t each = mr_merge_memory(r->run_payload, r->compress);
    /* Places of one bucket's chains must fit; with more, the shuffle files' tables are read less
     * often. */
    r->links = (size_t)at_least(links, memory / 32);
    memory -= r->links;
    r->table = (size_t)(memory - at_most(memory / 3, 32 * MB + each));
    r->fan_in = (size_t)within(2, (memory - r->table) / each, 512);
    return 0;
}

static int check(const struct mr_plan *p, struct mr_error *err)
{
    if (p->mappers > PROCESSES_MAX)
        return mr_error_set(err, "cannot run %u mappers (--mappers): at most %d", p->mappers,
                            PROCESSES_MAX);
    if (p->reducers > PARTITIONS_MAX)
        return mr_error_set(err, "cannot make %u partitions (--reducers): at most %d", p->reducers,
                            PARTITIONS_MAX);
    if (p->memory < MR_MEMORY_MIN)
        return mr_error_set(err, "cannot work with %llu bytes of memory (--memory): at least 16M",
                            (unsigned long long)p->memory);
    uint64_t needed = (uint64_t)8 * p->reducers * PAYLOAD_MIN;
    if (p->memory < needed)
        return mr_error_set(err, "cannot make %u partitions (--reducers) with %llu MB of memory "
                                 "(--memory): at least %lluM", p->reducers,
                            (unsigned long long)(p->memory / MB),
                            (unsigned long long)((needed + MB - 1) / MB));
    return 0;
}

/* The slots of streams: a share for each task, and one to be filled meanwhile. A smaller slot is
 * signalled too often, a smaller share makes too many tasks. */
static void plan_slots(struct mr_plan *p, uint64_t memory)
{
    uint64_t share = at_most(memory / (p->map_at_once + 1), 24 * MB);
    p->slot_size = (size_t)within(64 * KB, share / 16, 512 * KB);
    p->slot_share = (size_t)at_least(1, share / p->slot_size);
    p->slots = p->slot_share * (p->map_at_once + 1);
}

/* The figures that are asked for, or come from the layout of files that are there, or are usual. */
static void choose(struct mr_plan *p, const struct mr_config *config, const struct mr_given *given)
{
    const struct mr_layout *kept = given->kept;
    unsigned useful = given->streams
                          ? cpus(p)
                          : (unsigned)within(1, given->bytes / WORTH_A_PROCESS, cpus(p));
    uint64_t allowed = at_least(p->machine.memory, MR_MEMORY_MIN);
    uint64_t usual = kept ? kept->made_for : at_least(allowed / 4, MR_MEMORY_MIN);
    p->mappers = config->mappers ? config->mappers : useful;
    p->reducers = config->reducers ? config->reducers : kept ? kept->reducers : useful;
    p->memory = at_most(config->memory ? config->memory : usual, allowed);
    p->made_for = kept ? kept->made_for : p->memory;
    p->map.by_place = config->order == MR_BY_FIRST && !config->no_reduce;
    p->split_size = config->split_size ? config->split_size
                    : kept             ? kept->split_size
                                       : mr_split_size(given->bytes, p->mappers);
}

/* What a mapper's combine table takes, with the places of its slots. */
static uint64_t table_memory(const struct mr_map_plan *m)
{
    const uint64_t place = m->by_place ? sizeof(uint64_t) : 0;
    return m->short_sets * (sizeof(struct mr_short_set) + MR_SHORT_WAYS * place) +
           m->long_sets * (sizeof(struct mr_long_set) + MR_LONG_WAYS * place) + m->arena;
}

/* A record, the job, or decompression may have what of a mapper's memory has no other use. */
static void plan_records(struct mr_plan *p)
{
    struct mr_map_plan *m = &p->map;
    uint64_t taken = table_memory(m) + m->task + m->fold + m->bundles + m->chunk;
    taken += m->result.sorter.memory / 3 * 4; /* with what it merges its runs in */
    if (!m->direct)
        taken += (uint64_t)m->buckets * m->bucket_payload;
    uint64_t left = p->map_memory - at_most(taken, p->map_memory);
    m->record_max = mr_gather_max((size_t)left);
    m->job_memory = (size_t)(left / 2);
    p->decode_memory = at_least(left, DECODE_MIN);
}

/* Where numbers are in parts, their records have what these are united to as a value of bytes; the
 * record's own number is the key's place where that is its order. */
static void plan_parts(struct mr_plan *p)
{
    p->reduce.places = p->map.by_place;
    p->reduce.partials = p->reduce.order.values = p->map.by_source || p->map.by_place;
    if (!p->map.by_place)
        return;
    p->reduce.order.by_value = true;
    p->reduce.order.reverse = !p->reduce.order.reverse; /* the first is the least */
}

/* What stages are told, once sizes are known: what they agree on, and what is asked for. */
static void plan_stages(struct mr_plan *p, const struct mr_config *config)
{
    uint32_t smallest = (uint32_t)at_most(p->map.bucket_payload, p->reduce.run_payload);
    p->map.key_max = p->reduce.key_max = smallest / 4;
    p->map.key_payload = p->reduce.key_payload = p->reduce.run_payload;
    mr_seed_draw(&p->map.seed);
    p->reduce.seed = p->map.seed;
    p->map.compress = p->reduce.compress = config->compress;
    p->no_reduce = config->no_reduce;
    p->reduce.buckets = p->map.buckets;
    p->reduce.count = p->map.buckets / p->reducers;
    p->reduce.bucket_payload = p->map.bucket_payload;
    p->reduce.top = config->top == 0 ? MR_ALL : config->top == MR_NONE ? 0 : config->top;
    p->reduce.order = (struct mr_ordering){ .by_value = config->order == MR_BY_VALUE,
                                             .reverse = config->reverse,
                                             .by_group = config->by_file };
    p->map.by_group = config->by_file;
    p->map.group_totals = config->by_file && (config->percent || config->others);
    p->reduce.group_totals = p->map.group_totals;
    p->map.by_source = config->documents;
    p->map.reversed = config->reverse;
    p->reduce.min_sources = config->min_documents;
    p->reduce.max_sources = config->max_documents;
    plan_parts(p);
    p->write.order = p->reduce.order;
    p->write.format = config->format;
    p->map.format = p->reduce.format = config->result == NULL ? config->format : MR_LINES;
    p->write.scale = (struct mr_scale){ mr_format_size, config->format, NULL };
    p->parts = config->output_dir != NULL;
    p->ordered_parts = config->ordered_parts;
    p->kept = config->work_dir != NULL;
    p->percent = config->percent;
    p->others = config->others;
    p->handed_over = config->result != NULL;
    p->prunes = config->skip_distinct && !config->ranking && !p->kept;
    p->write.run_payload = p->reduce.run_payload;
}

/* What is emitted goes where it belongs as it comes. */
static void plan_direct(struct mr_plan *p)
{
    p->no_reduce = p->in_sequence = p->map.direct = true;
    p->map.short_sets = p->map.long_sets = p->map.arena = 1; /* nothing is combined */
    p->map.result = (struct mr_direct_plan){ .run_payload = p->reduce.run_payload,
                                             .top = p->reduce.top };
}

/* Whether keys may be left out that the result can do without: all that is known of them is what
 * they add to the sum of all values. */
static bool may_prune(const struct mr_plan *p, const struct mr_job *job)
{
    bool shares = p->percent || p->others; /* these are not of what reduce drops */
    return p->prunes && !p->no_reduce && !p->map.by_group && !p->reduce.partials &&
           !mr_makes_bytes(job) && job->combine == NULL &&
           (job->reduce == NULL || (job->reduce_only_lowers && !shares));
}

/* Has values be summed in cells where keys can be left out by these. */
static void plan_cells(struct mr_plan *p, const struct mr_job *job)
{
    struct mr_reduce_plan *r = &p->reduce;
    uint64_t share = p->slots > 0 ? (uint64_t)p->slot_share * p->slot_size : UINT64_MAX;
    uint64_t all = at_most(at_most(share, p->split_size) / CELL_INPUT / p->reducers, CELLS_MAX);
    if (all < p->map.buckets || !may_prune(p, job))
        return;
    uint64_t each = power_of_two(at_most(all / p->map.buckets, CELLS_EACH));
    bool first = r->order.by_value && !r->order.reverse &&
                 r->top <= each * p->map.buckets / CELLS_A_KEY;
    r->prune_top = first ? r->top : 0;
    r->prune_least = job->reduce ? job->least : 0;
    if (r->prune_top > 0 || r->prune_least > 1)
        p->map.cells = r->cells = (uint32_t)each;
}

/* Whether the result is what map emits, in the order of keys: a reduce would have nothing to do but
 * to sort. Numbers of a key would have to be added up, but for lines, which are as many in one
 * record as in two. Parts that are no ranges are what reducers have of the keys. */
static bool only_sorts(const struct mr_plan *p, const struct mr_job *job)
{
    if (p->no_reduce || job->no_reduce || job->in_sequence || job->reduce || job->reduce_values ||
        job->combine || job->combine_values || job->reduce_begin || job->reduce_end)
        return false;
    if (p->reduce.partials || p->map.by_group || p->percent || p->others ||
        (p->parts && !p->ordered_parts))
        return false;
    return job->values == MR_BYTES ||
           (!p->reduce.order.by_value && job->format == MR_LINES &&
            p->write.format == MR_LINES && !p->handed_over);
}

/* Fits a plan to a job. */
static void fit(struct mr_plan *p, const struct mr_job *job)
{
    p->reduce.order.reverse ^= job->reverse;
    p->map.reversed ^= job->reverse;
    p->ordered_parts |= job->ordered_parts;
    p->write.order = p->reduce.order;
    if (p->no_reduce || job->no_reduce)
        plan_direct(p);
    plan_cells(p, job);
    p->may_sort = only_sorts(p, job);
    if (job->values == MR_NUMBERS && (p->map.direct || !mr_makes_bytes(job))) {
        p->write.limit_lines = job->format == MR_LINES && p->write.format == MR_LINES &&
                               p->reduce.top != MR_ALL;
        return;
    }
    if (job->values == MR_BYTES) /* nothing is combined there */
        p->map.short_sets = p->map.long_sets = p->map.arena = 1;
    if (job->combine_values && !p->map.direct)
        p->map.fold = (size_t)at_most(p->map_memory / 8, 2 * MB);
    bool in_order = job->values == MR_BYTES && job->value_order == MR_AS_EMITTED;
    if (in_order && job->combine_values == NULL && !p->map.direct)
        p->map.bundles = (size_t)at_most(p->map_memory / 8, 12 * MB);
    plan_records(p);
    p->map.result.pack_lines = p->reduce.pack_lines =
        p->in_sequence && !p->handed_over && !p->others && p->reduce.top == MR_ALL &&
        p->write.format == MR_LINES;
    p->reduce.order.by_value = false;
    p->reduce.order.values = true;
    p->reduce.order.by_bytes = job->reduce_values == NULL &&
                               job->value_order == MR_BY_VALUE_BYTES;
    p->write.order = p->reduce.order;
    p->write.scale.weigh = mr_pair_size;
    p->write.pairs = true;
}

int mr_plan_make(struct mr_plan *p, const struct mr_job *job, const struct mr_config *config,
                 const struct mr_given *given, struct mr_error *err)
{
    const struct mr_layout *kept = given->kept;
    const uint64_t bytes = given->bytes;
    const bool streams = given->streams;
    memset(p, 0, sizeof *p);
    p->machine = given->machine;
    choose(p, config, given);
    p->map.kernel = mr_scan_choose(config->kernel, err);
    if (p->map.kernel == NULL || check(p, err) < 0)
        return mr_error_final(err);
    if (kept && (kept->reducers != p->reducers || kept->compress != config->compress))
        kept = NULL; /* another layout; its files will be refused */
    p->spool_memory = p->memory / 8 * 3 - 2 * MB;
    /* The lists of tasks, too, have a bound. */
    p->split_size = at_least(p->split_size, bytes / (p->made_for / 16 / TASK_MEMORY));

    uint64_t workers = p->memory / 2, mapping = streams ? workers / 2 : workers;
    uint64_t merge_least = least_share(p);
    uint64_t map_least = at_least(merge_least, job->whole_records ? WHOLE_MIN : 0);
    map_least = at_least(map_least, merge_least + job->task_size);
    if (kept) {
        map_least = at_least(map_least, least_to_map(kept));
        merge_least = at_least(merge_least, least_to_merge(kept));
    }
    if (kept && workers < at_least(map_least, merge_least))
        return too_little(p, 2 * at_least(map_least, merge_least), err);
    p->map_at_once = (unsigned)within(1, mapping / map_least, p->mappers);
    p->merge_at_once = (unsigned)within(1, workers / merge_least, cpus(p));
    if (streams)
        plan_slots(p, mapping);
    uint64_t share = mapping / p->map_at_once - 256 * KB;
    p->in_sequence = job->in_sequence && !job->no_reduce && !config->no_reduce;
    if (p->in_sequence)
        plan_sequence(p, share / 4);
    else
        plan_buckets(p, share / 4, bytes, streams);
    plan_runs(p, config->compress);
    if (kept) {
        p->map.buckets = kept->buckets;
        p->map.bucket_payload = kept->bucket_payload;
        p->reduce.run_payload = kept->run_payload;
        p->reduce.runs_max = kept->runs_max;
    }
    p->map.task = job->task_size;
    plan_mapper(p, share, bytes, streams);
    plan_records(p);
    plan_stages(p, config);
    fit(p, job);
    return mr_plan_reducers(p, bytes / p->split_size, err);
}

/* Half of what a mapper's table and chunk leave of its memory is for records to be sorted, and to
 * merge their runs in should these be too many. */
static void plan_sorter(struct mr_plan *p, uint64_t runs_max)
{
    struct mr_sorter_plan *s = &p->map.result.sorter;
    struct mr_run_plan *r = &s->runs;
    uint64_t taken = table_memory(&p->map) + p->map.task + p->map.chunk;
    uint64_t memory = (p->map_memory - at_most(taken, p->map_memory)) / 2;
    uint64_t each = mr_merge_memory(p->reduce.run_payload, p->map.compress);
    *r = (struct mr_run_plan){ .run_payload = p->reduce.run_payload,
                               .key_payload = p->map.key_payload, .runs_max = (size_t)runs_max,
                               .order = p->write.order, .top = p->reduce.top };
    r->fan_in = (size_t)within(2, memory / 4 / each, 512);
    s->memory = (size_t)(memory / 4 * 3);
    s->much = (size_t)at_most(at_least(SORT_MIN, 2 * p->split_size / runs_max), s->memory);
}

void mr_plan_map_tasks(struct mr_plan *p, uint64_t tasks)
{
    uint64_t runs = (uint64_t)p->reduce.runs_max * p->reducers;
    if (!p->may_sort || tasks == 0 || tasks > runs)
        return;
    p->no_reduce = p->map.direct = true;
    p->map.fold = p->map.bundles = 0;
    p->map.result.run_payload = p->reduce.run_payload;
    p->map.result.top = p->reduce.top;
    plan_sorter(p, runs / tasks);
    plan_records(p);
}

bool mr_plan_is_ordered(const struct mr_plan *p, const struct mr_job *job)
{
    return job->values == MR_BYTES || p->no_reduce || p->map.by_place;
}

bool mr_plan_parts_by_maker(const struct mr_plan *p)
{
    bool as_mapped = p->no_reduce && p->in_sequence;
    return p->parts && (as_mapped || !p->ordered_parts);
}

bool mr_plan_makers_write(const struct mr_plan *p)
{
    bool numbered = !p->no_reduce || p->slots == 0; /* in the order of the input */
    bool by_parts = mr_plan_parts_by_maker(p) && numbered;
    bool by_one = p->to_file && !p->no_reduce && p->reducers == 1;
    return (by_parts || by_one) && p->in_sequence && p->reduce.top == MR_ALL &&
           !p->percent && !p->others && !p->handed_over && !p->kept;
}

size_t mr_plan_ranges(const struct mr_plan *p, uint64_t bytes)
{
    /* As many for each process, or else some would idle at the end. */
    uint64_t each = within(1, (bytes / p->merge_at_once + RANGE_USUAL - 1) / RANGE_USUAL, 8);
    return (size_t)within(1, bytes / RANGE_MIN, each * p->merge_at_once);
}
