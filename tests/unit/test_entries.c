/* Sorting: entries end up as qsort by whole keys would have them, whatever they are. */
#include "sort/entries.h"

#include "written_keys.h"

TestSuite(entries, .init = begin, .fini = end);

static const struct mr_ordering orderings[] = { { .by_value = true },
                                                { .by_value = true, .reverse = true },
                                                { .by_value = false },
                                                { .reverse = true } };

static const struct mr_ordering groupings[] = { { .by_group = true, .by_value = true },
                                                { .by_group = true, .by_value = true,
                                                  .reverse = true },
                                                { .by_group = true },
                                                { .by_group = true, .reverse = true } };

static struct mr_ordering compared;

static int plain_compare(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int order = compared.by_group ? memcmp(x->key, y->key, MR_GROUP_SIZE) : 0;
    if (order != 0)
        return order;
    if (compared.by_value && x->value != y->value)
        order = x->value > y->value ? -1 : 1;
    if (order == 0)
        order = compare_bytes(x->key, x->size, y->key, y->size);
    if (order == 0 && compared.values) /* of one key: by number, whatever is reversed */
        return (x->value > y->value) - (x->value < y->value);
    return compared.reverse ? -order : order;
}

/* How many first bytes keys have in common, where none is longer than key_max. */
static size_t shared_by(const struct pairs *p, size_t key_max)
{
    size_t shared = p->count > 0 ? p->at[0].size : 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->at[i].size > key_max)
            return 0;
        shared = p->at[i].size < shared ? p->at[i].size : shared;
        while (memcmp(p->at[0].key, p->at[i].key, shared) != 0)
            shared--;
    }
    return shared;
}

/* Sorts pairs as entries, keys longer than key_max out-of-line, in one of the orderings; the
 * first of them must stand as qsort puts them. */
static void check_sorted(const struct pairs *p, struct mr_ordering order, size_t first,
                         size_t key_max)
{
    size_t bytes = 0;
    for (size_t i = 0; i < p->count; i++)
        bytes += p->at[i].size + MR_LOCATOR_SIZE;
    unsigned char *arena = malloc(bytes + 1);
    struct mr_entry *entries = malloc((p->count + 1) * sizeof *entries);
    struct pair *wanted = malloc((p->count + 1) * sizeof *wanted);
    uint32_t at = 0;
    for (size_t i = 0; i < p->count; i++) {
        struct mr_record r = record_of(&p->at[i]);
        if (p->at[i].size > key_max) {
            struct mr_locator l;
            must(mr_key_writer_add(&writer, r.key, r.size, &err));
            must(mr_key_writer_end(&writer, &l, &err));
            mr_locator_put(arena + at, &l);
            r = (struct mr_record){ arena + at, MR_LOCATOR_SIZE, true, r.value };
        } else {
            memcpy(arena + at, r.key, r.size);
            r.key = arena + at;
        }
        entries[i] = (struct mr_entry){ .value = r.value, .slice = mr_record_slice(&r), .at = at,
                                        .size = r.size & 0x7FFFFFFF, .out_of_line = r.out_of_line };
        at += r.size;
        wanted[i] = p->at[i];
    }
    compared = order;
    qsort(wanted, p->count, sizeof *wanted, plain_compare);
    struct mr_key_place place = { &spool, TASK, &readers.first };
    if (!order.by_value && !order.by_group && first >= p->count && draw_below(2) == 0)
        must(mr_sort_by_keys(entries, p->count, (uint32_t)draw_below(shared_by(p, key_max) + 1),
                             arena, order, place, &readers, &err));
    else
        must(mr_sort_entries(entries, p->count, first, arena, order, place, &readers, &err));
    struct pairs got = { NULL, 0, 0 };
    for (size_t i = 0; i < first && i < p->count; i++) {
        struct mr_record r = { arena + entries[i].at, entries[i].size, entries[i].out_of_line,
                               entries[i].value };
        add_record(&got, &r, place);
    }
    struct pairs some = { wanted, got.count, 0 };
    check_same_pairs(&got, &some);
    /* The others are still there, in any order: all values' sum is the same. */
    uint64_t left = 0;
    for (size_t i = 0; i < p->count; i++)
        left += entries[i].value + entries[i].at - wanted[i].value;
    for (size_t i = 0, from = 0; i < p->count; i++) {
        left -= from;
        from += p->at[i].size > key_max ? MR_LOCATOR_SIZE : p->at[i].size;
    }
    check(left == 0);
    free_pairs(&got);
    free(wanted);
    free(entries);
    free(arena);
}

/* The same keys in a few groups. */
static void check_groups(const struct pairs *p, size_t key_max)
{
    struct pairs grouped = { NULL, 0, 0 };
    for (size_t i = 0; i < p->count; i++) {
        unsigned char key[400];
        mr_group_put(key, draw_below(4) * 255);
        memcpy(key + MR_GROUP_SIZE, p->at[i].key, p->at[i].size);
        add_pair(&grouped, key, MR_GROUP_SIZE + p->at[i].size, p->at[i].value);
    }
    for (size_t i = 0; i < sizeof groupings / sizeof *groupings; i++)
        check_sorted(&grouped, groupings[i], p->count, key_max);
    free_pairs(&grouped);
}

static void check_all_orders(const struct pairs *p, size_t key_max)
{
    for (size_t i = 0; i < sizeof orderings / sizeof *orderings; i++) {
        size_t firsts[] = { p->count, p->count + 5, 0, 1, 10, p->count / 2,
                            draw_below(p->count + 1) };
        for (size_t f = 0; f < sizeof firsts / sizeof *firsts; f++)
            check_sorted(p, orderings[i], firsts[f], key_max);
    }
    check_groups(p, key_max);
}

/* Unique keys of a kind, as a table's are; few values, so that there are many ties. */
static void random_pairs(struct pairs *p, size_t count, int kind, uint64_t values)
{
    unsigned char key[100];
    for (size_t i = 0; i < count; i++) {
        size_t size = draw_below(kind == 4 ? 40 : 14);
        memset(key, 'p', sizeof key);
        switch (kind) {
        case 0: draw_bytes(key, size, "abcdefghijklmnopqrstuvwxyz"); break;
        case 1: draw_bytes(key, size, NULL); break;
        case 2: size += 50; draw_bytes(key + 47, size - 47, "ab"); break; /* long in common */
        case 3: memset(key, 0, sizeof key); draw_bytes(key, size / 2, "a"); break; /* NULs */
        default: break; /* prefixes of each other */
        }
        add_pair(p, key, size, 1 + draw_below(values));
    }
    combine_pairs(p, larger);
    for (size_t i = p->count; i-- > 1;) {
        size_t other = draw_below(i + 1);
        struct pair t = p->at[i];
        p->at[i] = p->at[other];
        p->at[other] = t;
    }
}

Test(entries, random_entries_with_many_ties_are_sorted_in_all_orders)
{
    for (int kind = 0; kind < 5; kind++)
        for (uint64_t values = 1; values < 10000; values *= 40)
            for (size_t count = 1; count < 3000; count *= 7) {
                struct pairs p = { NULL, 0, 0 };
                random_pairs(&p, count, kind, values);
                check_all_orders(&p, SIZE_MAX);
                free_pairs(&p);
            }
}

Test(entries, out_of_line_keys_are_sorted_among_the_others)
{
    for (int kind = 0; kind < 5; kind++) {
        struct pairs p = { NULL, 0, 0 };
        random_pairs(&p, 300, kind, 3);
        for (int i = 0; i < 20; i++) { /* some over several blocks, equal for most of them */
            unsigned char key[300];
            memset(key, 'p', sizeof key);
            key[draw_below(300)] = 'q';
            add_pair(&p, key, 200 + draw_below(100), draw_below(3));
        }
        combine_pairs(&p, larger);
        check_all_orders(&p, 16);
        free_pairs(&p);
    }
}

/* Keys that differ about where places are no longer told apart (long_keys.c). */
Test(entries, out_of_line_keys_alike_for_very_long_are_sorted)
{
    enum { ALIKE = 1 << 20 };
    unsigned char *key = malloc(ALIKE + 8);
    struct pairs p = { NULL, 0, 0 };
    for (size_t at = ALIKE - 3; at < ALIKE + 3; at++) {
        memset(key, 'p', ALIKE + 8);
        add_pair(&p, key, at, 1);
        key[at] = "aqz"[at % 3];
        add_pair(&p, key, at + 1, 1);
        add_pair(&p, key, ALIKE + 8, 1);
    }
    check_sorted(&p, orderings[1], p.count, 16);
    check_sorted(&p, orderings[2], p.count, 16);
    free_pairs(&p);
    free(key);
}

/* How often sorting reads n keys of one block each that kind makes. */
static double reads_of_a_key(int kind, size_t n)
{
    static _Atomic uint64_t reads;
    struct pairs p = { NULL, 0, 0 };
    for (size_t i = 0; i < n; i++) {
        unsigned char key[ROOM];
        memset(key, 'a', sizeof key);
        if (kind == 0) /* alike but for their ends */
            draw_bytes(key + ROOM - 8, 8, NULL);
        if (kind == 1) /* each shares a byte more with all before it */
            key[8 + i % (ROOM - 16)] = 'b';
        if (kind > 0)
            draw_bytes(key + ROOM - 7, 7, NULL);
        if (kind == 2) /* in groups, and these again */
            for (size_t at = 10, left = i; at < 40; at += 6, left /= 4)
                key[at] = (unsigned char)('a' + left % 4);
        add_pair(&p, key, sizeof key, 1);
    }
    readers.first.progress = readers.second.progress = &reads;
    reads = 0;
    check_sorted(&p, orderings[2], n, 16);
    readers.first.progress = readers.second.progress = NULL;
    free_pairs(&p);
    return (double)(uint16_t)reads / (double)n - 1; /* the check reads them, too */
}

Test(entries, out_of_line_keys_are_read_a_few_times_however_they_are_alike)
{
    cr_assert_lt(reads_of_a_key(0, 4000), 1.1);
    cr_assert_lt(reads_of_a_key(1, 4000), 6);
    cr_assert_lt(reads_of_a_key(2, 4000), 6);
}

Test(entries, no_entries_and_one_are_sorted)
{
    struct pairs p = { NULL, 0, 0 };
    check_all_orders(&p, SIZE_MAX);
    add_pair(&p, "one", 3, 1);
    check_all_orders(&p, SIZE_MAX);
    free_pairs(&p);
}

/* Where values are bytes a key may come any number of times: by number then. */
Test(entries, records_of_one_key_are_sorted_by_number)
{
    static const struct mr_ordering both[] = { { .values = true },
                                               { .values = true, .reverse = true } };
    for (int kind = 0; kind < 5; kind++)
        for (size_t count = 1; count < 3000; count = count * 4 + 1) {
            struct pairs p = { NULL, 0, 0 };
            for (size_t i = 0; i < count; i++) {
                unsigned char key[300];
                uint64_t number = draw_below(1 + count / 8), of = kind == 4 ? 1 : number;
                memset(key, 'p', sizeof key);
                size_t size = kind == 0 ? 0 : of % 7 * (kind == 1 ? 1 : 6) + (of == 3 ? 250 : 0);
                for (size_t at = size; at > 0 && of > 0; of /= 2)
                    key[--at] = of % 2 ? 'q' : '\0';
                add_pair(&p, key, size, i);
            }
            for (size_t i = count; i-- > 1;) { /* numbers come in any order */
                size_t other = draw_below(i + 1);
                struct pair t = p.at[i];
                p.at[i] = p.at[other];
                p.at[other] = t;
            }
            size_t firsts[] = { count, 0, 1, 10, draw_below(count + 1) };
            for (size_t f = 0; f < sizeof firsts / sizeof *firsts; f++)
                for (int o = 0; o < 2; o++)
                    check_sorted(&p, both[o], firsts[f], f % 2 ? SIZE_MAX : 16);
            free_pairs(&p);
        }
}

/* Patterns that are bad for one or another choice of pivot. */
static uint64_t pattern(int kind, uint64_t i, uint64_t n)
{
    switch (kind) {
    case 0: return i;                           /* sorted */
    case 1: return n - i;                       /* reversed */
    case 2: return i < n / 2 ? i : n - i;       /* organ pipe */
    case 3: return i < n / 2 ? n - i : i;       /* and upside down */
    case 4: return 7;                           /* all equal */
    case 5: return i % 2;                       /* two values in turn */
    case 6: return i % 2 ? i : n - i;           /* two ways at once */
    case 7: return i + 1 == n ? 0 : i;          /* sorted but the last */
    case 8: return i * (n / 2 + 1) % n;         /* even ones, then odd ones */
    default: return i % 17 * 1000 + i / 17;     /* saw teeth */
    }
}

Test(entries, patterns_that_are_hard_for_quicksort_are_sorted)
{
    enum { COUNT = 20000 };
    for (int kind = 0; kind < 10; kind++) {
        struct pairs p = { NULL, 0, 0 };
        for (uint64_t i = 0; i < COUNT; i++) {
            char key[32];
            add_pair(&p, key, (size_t)sprintf(key, "%08llu", (unsigned long long)i),
                     pattern(kind, i, COUNT));
        }
        for (size_t i = 0; i < 4; i++)
            check_sorted(&p, orderings[i], COUNT, SIZE_MAX);
        check_sorted(&p, orderings[0], 10, SIZE_MAX);
        free_pairs(&p);
    }
}
