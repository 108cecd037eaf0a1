/*
 * Sorted runs in a test: random records cut into runs of one or more files, and what the runs
 * hold in all, in order.
 */
#ifndef RUNS_H
#define RUNS_H

#include "sort/merge.h"
#include "sort/run.h"
#include "support.h"

enum { RUN_FILES = 3, RUN_ROOM = 400, RUN_KEY_MAX = 100 };

struct run_files {
    struct mr_spool spools[RUN_FILES];
    struct mr_block_link lists[RUN_FILES];
    struct mr_runs runs[RUN_FILES];
    struct pairs all; /* in order */
    struct mr_ordering order;
};

HELPER struct mr_ordering plain_order;

HELPER int compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int order = plain_order.by_group ? memcmp(x->key, y->key, MR_GROUP_SIZE) : 0;
    if (order != 0)
        return order;
    if (plain_order.by_value && x->value != y->value)
        order = x->value > y->value ? -1 : 1;
    if (order == 0)
        order = compare_bytes(x->key, x->size, y->key, y->size);
    return plain_order.reverse ? -order : order;
}

HELPER void sort_pairs(struct pairs *p, struct mr_ordering order)
{
    plain_order = order;
    if (p->count > 0)
        qsort(p->at, p->count, sizeof *p->at, compare_pairs);
}

/* The weight of a pair: the bytes of its line in the plainest format. */
HELPER uint64_t weight_of(uint64_t size, uint64_t value)
{
    return size + (uint64_t)snprintf(NULL, 0, "\t%llu\n", (unsigned long long)value);
}

HELPER int weigh(const struct mr_scale *scale, const struct mr_record *r,
                 const struct mr_key_place *place, uint64_t *weight, struct mr_error *error)
{
    (void)scale, (void)place, (void)error;
    *weight = weight_of(r->out_of_line ? mr_locator_get(r->key).size : r->size, r->value);
    return 0;
}

/* Writes pairs, which are in order, as a run. */
HELPER void write_run(struct mr_run_writer *w, struct mr_key_writer *keys, const struct pairs *p,
                      uint32_t number, struct mr_run *run)
{
    /* Out-of-line keys come first: nothing else may be written within a run. */
    unsigned char(*locators)[MR_LOCATOR_SIZE] = malloc((p->count + 1) * sizeof *locators);
    for (size_t i = 0; i < p->count; i++) {
        struct mr_locator l;
        if (p->at[i].size <= RUN_KEY_MAX)
            continue;
        must(mr_key_writer_add(keys, p->at[i].key, p->at[i].size, &err));
        must(mr_key_writer_end(keys, &l, &err));
        mr_locator_put(locators[i], &l);
    }
    uint64_t weight = 0;
    mr_run_begin(w, number);
    for (size_t i = 0; i < p->count; i++) {
        struct mr_record r = record_of(&p->at[i]);
        if (r.size > RUN_KEY_MAX)
            r = (struct mr_record){ locators[i], MR_LOCATOR_SIZE, true, r.value };
        must(mr_run_add(w, &r, weight_of(p->at[i].size, p->at[i].value), &err));
        weight += weight_of(p->at[i].size, p->at[i].value);
    }
    must(mr_run_end(w, run, &err));
    check(run->records == p->count && run->weight == weight);
    free(locators);
}

/* Makes files of up to runs_max runs each, of up to records_max records each. With large, a few
 * keys are out-of-line. */
HELPER void make_runs(struct run_files *f, struct mr_ordering order, size_t runs_max,
                      size_t records_max, uint64_t values, bool compress, bool large)
{
    memset(f, 0, sizeof *f);
    f->order = order;
    for (uint32_t file = 0; file < RUN_FILES; file++) {
        struct mr_block_writer blocks;
        struct mr_key_writer keys;
        struct mr_run_writer w;
        size_t count = draw_below(runs_max + 1);
        struct mr_run *runs = calloc(count + 1, sizeof *runs);
        char name[32];
        snprintf(name, sizeof name, "runs-%u", file);
        mr_spool_create(&f->spools[file], store, name, 0);
        must(mr_block_writer_init(&blocks, &f->spools[file], store, file, compress, &err));
        must(mr_key_writer_init(&keys, &blocks, RUN_ROOM, &err));
        must(mr_run_writer_init(&w, &blocks, RUN_ROOM, &err));
        for (size_t i = 0; i < count; i++) {
            struct pairs p = { NULL, 0, 0 };
            for (size_t n = draw_below(records_max + 1); n > 0; n--) {
                unsigned char key[1000];
                size_t size = draw_below(12);
                memset(key, 'k', sizeof key);
                if (draw_below(4) == 0) /* equal for longer than a point's key */
                    size += 60 + draw_below(20);
                if (large && draw_below(10) == 0)
                    size = RUN_KEY_MAX + 1 + draw_below(800);
                draw_bytes(key + size - size % 12, size % 12, "abc\xFF");
                if (order.by_group) {
                    size += size < MR_GROUP_SIZE ? MR_GROUP_SIZE : 0;
                    mr_group_put(key, draw_below(4) * 257);
                }
                add_pair(&p, key, size, draw_below(values));
                add_pair(&f->all, key, size, p.at[p.count - 1].value);
            }
            sort_pairs(&p, order);
            write_run(&w, &keys, &p, (uint32_t)i, &runs[i]);
            free_pairs(&p);
        }
        must(mr_runs_write(&blocks, runs, count, &f->lists[file], &err));
        mr_run_writer_release(&w);
        mr_key_writer_release(&keys);
        mr_block_writer_release(&blocks);
        must(mr_spool_finish(&f->spools[file], store, &err));
        must(mr_spool_commit(&f->spools[file], store, &err));
        must(mr_runs_read(&f->runs[file], &f->spools[file], store, file, f->lists[file], &err));
        check(f->runs[file].count == count);
        for (size_t i = 0; i < count; i++)
            check(f->runs[file].at[i].records == runs[i].records &&
                  f->runs[file].at[i].weight == runs[i].weight &&
                  f->runs[file].at[i].offset == runs[i].offset &&
                  f->runs[file].at[i].end == runs[i].end && f->runs[file].at[i].number == i);
        free(runs);
    }
    sort_pairs(&f->all, order);
}

HELPER void free_runs(struct run_files *f)
{
    for (int file = 0; file < RUN_FILES; file++) {
        free(f->runs[file].at);
        mr_spool_drop(&f->spools[file], store);
    }
    free_pairs(&f->all);
}

/* The weight of all pairs before a point. */
HELPER uint64_t weight_before(const struct run_files *f, const struct mr_point *point)
{
    struct mr_point copy = *point;
    struct pair at = { copy.key, copy.size, copy.value };
    uint64_t weight = 0;
    plain_order = f->order;
    for (size_t i = 0; i < f->all.count && compare_pairs(&f->all.at[i], &at) < 0; i++)
        weight += weight_of(f->all.at[i].size, f->all.at[i].value);
    return weight;
}

/* Adds to pairs what a merge of all files' runs gives from a point until another. */
HELPER void merge_all(struct pairs *p, const struct run_files *f, const struct mr_point *from,
                      const struct mr_point *until)
{
    struct mr_merge m;
    struct mr_run_reader *next;
    struct mr_block_reader keys;
    size_t count = 0;
    int more;
    for (int file = 0; file < RUN_FILES; file++)
        count += f->runs[file].count;
    mr_block_reader_init(&keys, store, RUN_ROOM);
    must(mr_merge_init(&m, count, RUN_ROOM, store, f->order, &err));
    m.scale.weigh = weigh;
    if (until != NULL)
        mr_merge_until(&m, until);
    for (uint32_t file = 0; file < RUN_FILES; file++)
        for (size_t i = 0; i < f->runs[file].count; i++)
            must(mr_merge_add(&m, &f->runs[file], &f->runs[file].at[i], file, from));
    check(m.before == (from ? weight_before(f, from) : 0));
    while ((more = mr_merge_next(&m, &next)) > 0) {
        check(next->current.spool == &f->spools[next->source]);
        add_record(p, &next->current.record,
                   (struct mr_key_place){ next->current.spool, next->current.task, &keys });
    }
    must(more);
    mr_merge_release(&m);
    mr_block_reader_release(&keys);
}

HELPER const struct mr_ordering all_orderings[] = { { .by_value = true },
                                                    { .by_value = true, .reverse = true },
                                                    { .by_value = false },
                                                    { .reverse = true },
                                                    { .by_value = true, .by_group = true },
                                                    { .by_value = true, .by_group = true,
                                                      .reverse = true },
                                                    { .by_group = true, .reverse = true } };
enum { UNGROUPED = 4, ORDERINGS = 7 }; /* without groups, and all */

#endif
