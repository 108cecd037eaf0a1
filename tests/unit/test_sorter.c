/* The sorter: what is added comes back in order, from any number of runs. */
#include "sort/sorter.h"

#include "sort/merge.h"
#include "values.h"

enum { ROOM = 400, HELD = 100, TASK = 7 };

static struct mr_block_writer blocks;
static struct mr_key_writer keys;
static struct mr_spool spool;
static struct mr_sorter sorter;
static struct mr_sorter_plan plan;
static struct mr_block_link list;

static void begin(struct mr_ordering order, size_t memory, size_t much)
{
    plan = (struct mr_sorter_plan){
        .memory = memory, .much = much,
        .runs = { .run_payload = ROOM, .key_payload = ROOM, .fan_in = 3, .runs_max = 4,
                  .order = order, .top = MR_ALL },
    };
    mr_spool_create(&spool, store, "sorted", 0);
    must(mr_block_writer_init(&blocks, &spool, store, TASK, false, &err));
    must(mr_key_writer_init(&keys, &blocks, ROOM, &err));
    must(mr_sorter_init(&sorter, &plan, &blocks, &err));
}

/* Ends the sorter's file; returns how many records it has. */
static uint64_t finish(void)
{
    must(mr_sorter_finish(&sorter, &list));
    uint64_t kept = mr_sorter_kept(&sorter);
    must(mr_spool_finish(&spool, store, &err));
    mr_sorter_release(&sorter);
    mr_key_writer_release(&keys);
    mr_block_writer_release(&blocks);
    must(mr_spool_commit(&spool, store, &err));
    return kept;
}

/* Merges the file's runs, and hands each record to take. */
static void read_back(void (*take)(void *to, const struct mr_record *r, struct mr_key_place place),
                      void *to)
{
    struct mr_block_reader reader;
    struct mr_runs runs;
    struct mr_merge m;
    struct mr_run_reader *next;
    int more;
    must(mr_runs_read(&runs, &spool, store, TASK, list, &err));
    check_for(runs.count <= plan.runs.runs_max, "%zu runs are left", runs.count);
    mr_block_reader_init(&reader, store, ROOM);
    must(mr_merge_init(&m, runs.count, ROOM, store, plan.runs.order, &err));
    for (size_t i = 0; i < runs.count; i++)
        must(mr_merge_add(&m, &runs, &runs.at[i], 0, NULL));
    while ((more = mr_merge_next(&m, &next)) > 0)
        take(to, &next->current.record, (struct mr_key_place){ &spool, TASK, &reader });
    must(more);
    mr_merge_release(&m);
    mr_block_reader_release(&reader);
    free(runs.at);
    mr_spool_drop(&spool, store);
}

TestSuite(sorter, .init = make_store, .fini = remove_store, .timeout = HANGS);

/* ---- values ----------------------------------------------------------------------------- */

static void take_value(void *to, const struct mr_record *r, struct mr_key_place place)
{
    check(r->value == 0); /* what is of another task may come between */
    take_entry(to, r, place);
}

static void add_value(const struct entry *e)
{
    unsigned char locators[2][MR_LOCATOR_SIZE];
    struct mr_value key = stored_bytes(e->key, e->key_size, HELD, &keys, locators[0]);
    struct mr_value value = stored_bytes(e->value, e->value_size, HELD, &keys, locators[1]);
    must(mr_sorter_add(&sorter, &(struct mr_record){ key.bytes, key.size, key.out_of_line, 0 },
                       &value));
}

static void check_values(struct mr_ordering order, size_t count, size_t much)
{
    struct entries wanted = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    unsigned char key[1000], value[1000];
    begin(order, 8000, much);
    for (size_t i = 0; i < count; i++) {
        size_t key_size = draw_below(30) ? draw_below(8) : draw_size(HELD, sizeof key);
        size_t value_size = draw_below(9) ? draw_below(4) : draw_size(HELD, sizeof value);
        draw_bytes(key, key_size, "ab");
        draw_bytes(value, value_size, "vw");
        add_value(add_entry(&wanted, key, key_size, value, value_size));
    }
    cr_assert_eq(finish(), count);
    read_back(take_value, &got);
    entries_by_bytes = order.by_bytes;
    sort_entries(&wanted, order.reverse);
    check_same_entries(&got, &wanted);
    free_entries(&wanted);
    free_entries(&got);
}

Test(sorter, values_of_a_key_stay_in_the_order_of_the_input_or_are_in_that_of_their_bytes)
{
    for (int i = 0; i < 40; i++) {
        const struct mr_ordering order = { .values = true, .by_bytes = i % 2, .reverse = i / 2 % 2 };
        check_values(order, draw_below(i % 5 ? 300 : 6000), i % 3 ? SIZE_MAX : 1000);
    }
}

Test(sorter, only_the_first_records_of_a_run_are_written)
{
    struct entries got = { NULL, 0, 0 };
    begin((struct mr_ordering){ .values = true }, 8000, 1000);
    plan.runs.top = 3;
    mr_sorter_release(&sorter);
    must(mr_sorter_init(&sorter, &plan, &blocks, &err));
    for (unsigned char i = 200; i > 0; i--)
        add_value(&(struct entry){ .key = &i, .key_size = 1, .value = &i, .value_size = 1 });
    check(finish() < 100);
    read_back(take_value, &got);
    for (unsigned char i = 0; i < 3; i++)
        check(got.at[i].key[0] == i + 1 && got.at[i].value[0] == i + 1);
    free_entries(&got);
}

/* ---- numbers ---------------------------------------------------------------------------- */

enum { NUMBERS = 50 };

struct sums {
    uint64_t of[NUMBERS], last;
};

static void take_number(void *to, const struct mr_record *r, struct mr_key_place place)
{
    struct sums *s = to;
    (void)place;
    cr_assert_eq(r->size, 9);
    uint64_t key = be64toh(mr_get64(r->key));
    check(key >= s->last && key < NUMBERS);
    s->of[key] += r->value;
    s->last = key;
}

Test(sorter, numbers_of_a_key_combine_where_they_meet)
{
    struct sums wanted = { .last = 0 }, got = { .last = 0 };
    begin((struct mr_ordering){ .values = false }, 16000, 4000);
    for (int i = 0; i < 20000; i++) {
        unsigned char key[9] = "";
        uint64_t which = draw_below(NUMBERS);
        mr_put64(key, htobe64(which));
        must(mr_sorter_add(&sorter, &(struct mr_record){ key, sizeof key, false, 1 + which }, NULL));
        wanted.of[which] += 1 + which;
    }
    check(finish() <= NUMBERS * plan.runs.runs_max);
    read_back(take_number, &got);
    for (int i = 0; i < NUMBERS; i++)
        cr_assert_eq(got.of[i], wanted.of[i]);
}

Test(sorter, a_sum_of_more_than_64_bits_stays_in_two_records)
{
    begin((struct mr_ordering){ .values = false }, 16000, SIZE_MAX);
    for (int i = 0; i < 2; i++)
        must(mr_sorter_add(&sorter, &(struct mr_record){ (const unsigned char *)"k", 1, false,
                                                         UINT64_MAX - 1 }, NULL));
    cr_assert_eq(finish(), 2);
    mr_spool_drop(&spool, store);
}

Test(sorter, nothing_makes_no_run)
{
    begin((struct mr_ordering){ .values = true }, 8000, 1000);
    struct entries got = { NULL, 0, 0 };
    cr_assert_eq(finish(), 0);
    read_back(take_value, &got);
    cr_assert_eq(got.count, 0);
}

Test(sorter, a_record_larger_than_all_memory_is_refused)
{
    unsigned char key[HELD] = "";
    begin((struct mr_ordering){ .values = true }, 64, 64);
    struct mr_value value = { key, sizeof key, false };
    must_fail(mr_sorter_add(&sorter, &(struct mr_record){ key, sizeof key, false, 0 }, &value),
              "does not fit in a mapper's memory");
    (void)finish();
    mr_spool_drop(&spool, store);
}
