/* The writer: ranges merged to text, one behind the other, or each file of runs to its own. */
#include "write/writer.h"

#include "runs.h"
#include "texts.h"

TestSuite(writer, .init = make_store, .fini = remove_store);

/* The text of pairs in the plainest format, to be freed. */
static char *text_of(const struct pairs *p, size_t *size)
{
    size_t room = 1;
    for (size_t i = 0; i < p->count; i++)
        room += p->at[i].size + 24;
    char *text = malloc(room);
    *size = 0;
    for (size_t i = 0; i < p->count; i++) {
        memcpy(text + *size, p->at[i].key, p->at[i].size);
        *size += p->at[i].size;
        *size += (size_t)sprintf(text + *size, "\t%llu\n", (unsigned long long)p->at[i].value);
    }
    return text;
}

/* Writes a range; returns the text of its spools in a row, to be freed. */
static char *write_range(struct mr_write_range *range, struct mr_ordering order, size_t *size,
                         struct mr_write_result *result)
{
    struct mr_write_plan plan = { .order = order, .format = MR_TSV, .run_room = RUN_ROOM };
    _Atomic uint64_t progress = 0;
    size_t count = range->apart ? range->file_count : 1;
    struct mr_spool spools[RUN_FILES];
    range->spools = spools;
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "text-%zu", i);
        mr_spool_create(&spools[i], store, name, 0);
    }
    must(mr_write_run(&plan, range, store, result, &progress, &err));
    *size = 0;
    char *text = malloc(result->bytes + 1), *to = text;
    for (size_t i = 0; i < count; i++) {
        size_t part;
        must(mr_spool_commit(&spools[i], store, &err));
        char *one = read_text(&spools[i], range->number + (uint32_t)i, &part);
        *size += part;
        check(*size <= result->bytes);
        memcpy(to, one, part);
        to += part;
        free(one);
        mr_spool_drop(&spools[i], store);
    }
    check(result->bytes == *size);
    return text;
}

static void check_text(char *got, size_t got_size, const struct pairs *p)
{
    size_t size;
    char *wanted = text_of(p, &size);
    check_for(got_size == size, "%zu bytes, not %zu", got_size, size);
    check(memcmp(got, wanted, size) == 0);
    free(wanted);
    free(got);
}

Test(writer, all_runs_are_one_text_in_order)
{
    for (int round = 0; round < 12; round++) {
        struct run_files f;
        struct mr_write_result result;
        size_t size;
        make_runs(&f, all_orderings[round % 4], 4, round < 4 ? 8000 : 300, 100, round % 2, true);
        struct mr_write_range range = { .files = f.runs, .file_count = RUN_FILES,
                                        .limit = MR_ALL };
        char *text = write_range(&range, f.order, &size, &result);
        check(result.records == f.all.count);
        check_text(text, size, &f.all);
        free_runs(&f);
    }
}

Test(writer, a_limit_ends_the_text_there)
{
    struct run_files f;
    make_runs(&f, all_orderings[0], 4, 300, 100, false, false);
    for (uint64_t limit = 0; limit < f.all.count + 50; limit += 37) {
        struct mr_write_result result;
        size_t size, count = limit < f.all.count ? (size_t)limit : f.all.count;
        struct mr_write_range range = { .files = f.runs, .file_count = RUN_FILES, .limit = limit };
        char *text = write_range(&range, f.order, &size, &result);
        struct pairs first = { f.all.at, count, 0 };
        check(result.records == count);
        check_text(text, size, &first);
    }
    free_runs(&f);
}

Test(writer, apart_each_file_of_runs_gets_its_own_share_of_the_first)
{
    struct run_files f;
    struct mr_write_result result;
    struct pairs wanted = { NULL, 0, 0 };
    size_t size, limit = 200;
    make_runs(&f, all_orderings[0], 4, 300, 1000000, false, false);
    check(f.all.count > limit);
    /* The first of all, in the order of the files they are of. */
    for (uint32_t file = 0; file < RUN_FILES; file++) {
        struct pairs own = { NULL, 0, 0 };
        struct mr_merge m;
        struct mr_run_reader *next;
        must(mr_merge_init(&m, f.runs[file].count, RUN_ROOM, store, f.order, &err));
        for (size_t i = 0; i < f.runs[file].count; i++)
            must(mr_merge_add(&m, &f.runs[file], &f.runs[file].at[i], 0, NULL));
        while (mr_merge_next(&m, &next) > 0)
            add_record(&own, &next->current.record, (struct mr_key_place){ NULL, 0, NULL });
        mr_merge_release(&m);
        plain_order = f.order;
        for (size_t i = 0; i < own.count; i++)
            if (compare_pairs(&own.at[i], &f.all.at[limit]) < 0)
                add_pair(&wanted, own.at[i].key, own.at[i].size, own.at[i].value);
        free_pairs(&own);
    }
    struct mr_write_range range = { .files = f.runs, .file_count = RUN_FILES, .limit = limit,
                                    .apart = true };
    char *text = write_range(&range, f.order, &size, &result);
    cr_assert_eq(result.records, limit);
    check_text(text, size, &wanted);
    free_pairs(&wanted);
    free_runs(&f);
}
