/* Sorting by one number: each way of it, as qsort has it, for any numbers and any count. */
#include "sort/numbers.h"

#include "support.h"

enum { GUARD = 8 }; /* entries on either side that must stay as they are */

static const enum mr_number fields[] = { MR_BY_VALUE_DOWN, MR_BY_VALUE_UP, MR_BY_SLICE_UP,
                                         MR_BY_SLICE_DOWN };
static mr_number_sort *ways[8];
static size_t way_count;

static void find_ways(void)
{
    way_count = 0;
    ways[way_count++] = mr_sort_by;
    for (size_t i = 0; mr_sort_way(i) != NULL; i++)
        ways[way_count++] = mr_sort_way(i);
}

TestSuite(numbers, .init = find_ways);

static uint64_t number(const struct mr_entry *e, enum mr_number field)
{
    switch (field) {
    case MR_BY_VALUE_DOWN: return UINT64_MAX - e->value;
    case MR_BY_VALUE_UP: return e->value;
    case MR_BY_SLICE_UP: return e->slice;
    case MR_BY_SLICE_DOWN: return UINT64_MAX - e->slice;
    }
    return 0;
}

static int compare_numbers(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* An entry with this number in one field, another in the other, and its place. */
static struct mr_entry entry(uint64_t x, size_t place, enum mr_number field)
{
    bool slice = field == MR_BY_SLICE_UP || field == MR_BY_SLICE_DOWN;
    uint64_t other = draw();
    return (struct mr_entry){ .value = slice ? other : x, .slice = slice ? x : other,
                              .at = (uint32_t)place, .size = place % 1000,
                              .out_of_line = place % 3 == 0 };
}

static bool same(const struct mr_entry *a, const struct mr_entry *b)
{
    return a->value == b->value && a->slice == b->slice && a->at == b->at && a->size == b->size &&
           a->out_of_line == b->out_of_line;
}

/* Sorts n entries one way: the first wanted must have the first numbers, and each is still there. */
static void check_way(mr_number_sort *sort, const struct mr_entry *entries, size_t n,
                      size_t wanted, enum mr_number field, const uint64_t *sorted)
{
    struct mr_entry *room = malloc((n + 2 * GUARD) * sizeof *room), *e = room + GUARD;
    bool *seen = calloc(n + 1, sizeof *seen);
    memset(room, 0x5A, (n + 2 * GUARD) * sizeof *room);
    memcpy(e, entries, n * sizeof *e);
    sort(e, n, wanted, field);
    for (size_t i = 0; i < n; i++) {
        check_for(i >= wanted || number(&e[i], field) == sorted[i],
                  "number %zu of %zu, wanted %zu, field %d", i, n, wanted, (int)field);
        check_for(e[i].at < n && !seen[e[i].at] && same(&e[i], &entries[e[i].at]),
                  "entry %zu of %zu, wanted %zu, field %d", i, n, wanted, (int)field);
        seen[e[i].at] = true;
    }
    for (size_t i = 0; i < GUARD * sizeof *e; i++)
        check(((unsigned char *)room)[i] == 0x5A && ((unsigned char *)(e + n))[i] == 0x5A);
    free(seen);
    free(room);
}

/* Each way, for n entries with these numbers, in all fields. */
static void check_numbers(const uint64_t *numbers, size_t n)
{
    struct mr_entry *entries = malloc((n + 1) * sizeof *entries);
    uint64_t *sorted = malloc((n + 1) * sizeof *sorted);
    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
        for (size_t i = 0; i < n; i++) {
            entries[i] = entry(numbers[i], i, fields[f]);
            sorted[i] = number(&entries[i], fields[f]);
        }
        qsort(sorted, n, sizeof *sorted, compare_numbers);
        size_t wanted[] = { n, n / 2, draw_below(n + 1), n < 10 ? n : 10 };
        for (size_t way = 0; way < way_count; way++)
            for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
                check_way(ways[way], entries, n, wanted[i], fields[f], sorted);
    }
    free(sorted);
    free(entries);
}

enum { KINDS = 11 };

static uint64_t number_of_kind(int kind, uint64_t i, uint64_t n)
{
    switch (kind) {
    case 0: return draw();
    case 1: return draw_below(2) * UINT64_MAX;          /* none and all bits */
    case 2: return draw_below(5);                       /* few numbers */
    case 3: return draw() >> draw_below(64);            /* many small ones */
    case 4: return 7;                                   /* all equal */
    case 5: return i + 1 == n ? 6 : 7;                  /* but for the last */
    case 6: return i == 0 ? 8 : 7;                      /* or the first */
    case 7: return i;                                   /* sorted */
    case 8: return n - i;                               /* reversed */
    case 9: return i < n / 2 ? i : n - i;               /* organ pipe */
    default: return UINT64_MAX - draw_below(1 + n / 4); /* many equal to the largest */
    }
}

static void check_kind(int kind, size_t n)
{
    uint64_t *numbers = malloc((n + 1) * sizeof *numbers);
    for (size_t i = 0; i < n; i++)
        numbers[i] = number_of_kind(kind, i, n);
    check_numbers(numbers, n);
    free(numbers);
}

Test(numbers, any_count_of_any_numbers_is_sorted_each_way)
{
    for (size_t n = 0; n <= 300; n++)
        for (int kind = 0; kind < KINDS; kind++)
            check_kind(kind, n);
}

Test(numbers, many_are_sorted_each_way)
{
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t n = 1000; n < 30000; n = n * 3 + 1)
            check_kind(kind, n);
}

/* All zeros and ones of so few entries: whatever their comparisons give. */
Test(numbers, every_order_of_two_numbers_is_sorted_each_way)
{
    uint64_t numbers[11];
    for (unsigned bits = 0; bits < 1u << 11; bits++) {
        for (size_t i = 0; i < 11; i++)
            numbers[i] = bits >> i & 1;
        check_numbers(numbers, 11);
    }
}

Test(numbers, what_is_not_wanted_is_left_unsorted)
{
    enum { COUNT = 20000 };
    struct mr_entry *e = malloc(COUNT * sizeof *e);
    for (size_t way = 0; way < way_count; way++) {
        size_t falls = 0;
        for (size_t i = 0; i < COUNT; i++)
            e[i] = entry(draw(), i, MR_BY_VALUE_UP);
        ways[way](e, COUNT, 100, MR_BY_VALUE_UP);
        for (size_t i = 1; i < COUNT; i++)
            falls += e[i - 1].value > e[i].value;
        cr_assert_gt(falls, COUNT / 10);
    }
    free(e);
}

/* Where entries stand decides which become pivots, so numbers can be made here for which all of
 * these are bad: of eight that are looked at the fifth is one, and these five become the least of
 * all that are left. Those are equal meanwhile, so that sorting leaves them as they stand when the
 * next pivot is chosen. */
Test(numbers, bad_pivots_come_to_an_end)
{
    enum { COUNT = 4000, SAMPLE = 8, LEAST = 5, ROUNDS = 60 };
    if (way_count < 3)
        cr_skip_test("no wide instructions here");
    struct mr_entry *e = malloc(COUNT * sizeof *e), *entries = malloc(COUNT * sizeof *e);
    uint64_t *sorted = malloc(COUNT * sizeof *sorted), next = 0;
    for (size_t i = 0; i < COUNT; i++)
        entries[i] = entry(UINT64_MAX, i, MR_BY_SLICE_UP);
    memcpy(e, entries, COUNT * sizeof *e);
    for (size_t from = 0; from < ROUNDS * LEAST; from += LEAST) {
        size_t step = (COUNT - from) / SAMPLE, first = mr_sort_draw(e + from, step);
        for (size_t i = 0; i < LEAST; i++)
            entries[e[from + first + i * step].at].slice = next++;
        memcpy(e, entries, COUNT * sizeof *e);
        ways[2](e, COUNT, COUNT, MR_BY_SLICE_UP);
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (entries[i].slice == UINT64_MAX)
            entries[i].slice -= i;
        sorted[i] = entries[i].slice;
    }
    memcpy(e, entries, COUNT * sizeof *e);
    ways[2](e, COUNT, COUNT, MR_BY_SLICE_UP);
    qsort(sorted, COUNT, sizeof *sorted, compare_numbers);
    for (size_t i = 0; i < COUNT; i++)
        check(e[i].slice == sorted[i]);
    free(sorted);
    free(entries);
    free(e);
}
