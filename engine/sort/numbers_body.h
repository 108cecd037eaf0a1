/*
 * The quicksort of numbers.h, once for the ways that sort a few entries each in their own manner. A
 * way's file defines
 *
 *     FEW                        how many are few
 *     sort_few(e, n, field)      sorts n <= FEW entries
 *
 * after numbers_ways.h, and includes this. It is made anew for each field, so that nothing depends
 * on that where entries are compared.
 */
static inline void swap(struct mr_entry *a, struct mr_entry *b)
{
    struct mr_entry t = *a;
    *a = *b;
    *b = t;
}

static inline uint64_t middle(uint64_t a, uint64_t b, uint64_t c)
{
    if (a > b) {
        uint64_t t = a;
        a = b;
        b = t;
    }
    return c <= a ? a : c >= b ? b : c;
}

/* The median of three medians of three, spread over the entries. */
static inline __attribute__((always_inline)) uint64_t pivot(const struct mr_entry *e, size_t n,
                                                            enum mr_number field)
{
    uint64_t m[3];
    const struct mr_entry *from = e + mr_sort_draw(e, n / 9);
    for (size_t i = 0; i < 3; i++) {
        const struct mr_entry *third = from + i * (n / 3);
        m[i] = middle(mr_sort_number(third, field), mr_sort_number(third + n / 9, field),
                      mr_sort_number(third + 2 * (n / 9), field));
    }
    return middle(m[0], m[1], m[2]);
}

static inline __attribute__((always_inline)) void sift(struct mr_entry *e, size_t root, size_t n,
                                                       enum mr_number field)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n &&
            mr_sort_number(&e[child], field) < mr_sort_number(&e[child + 1], field))
            child++;
        if (mr_sort_number(&e[root], field) >= mr_sort_number(&e[child], field))
            return;
        swap(&e[root], &e[child]);
    }
}

/* For inputs made to defeat quicksort's choice of pivots. */
static inline __attribute__((always_inline)) void heap_sort(struct mr_entry *e, size_t n,
                                                            enum mr_number field)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(e, i, n, field);
    for (size_t i = n; i-- > 1;) {
        swap(&e[0], &e[i]);
        sift(e, 0, i, field);
    }
}

/* Brings those entries to the front whose number is below limit, or not above it. Returns how
 * many there are. Without a branch on what is compared, as it could not be foreseen. */
static inline __attribute__((always_inline)) size_t part(struct mr_entry *e, size_t n,
                                                         uint64_t limit, bool equal_too,
                                                         enum mr_number field)
{
    size_t front = 0;
    for (size_t i = 0; i < n; i++) {
        struct mr_entry moving = e[i];
        uint64_t x = mr_sort_number(&moving, field);
        e[i] = e[front];
        e[front] = moving;
        front += equal_too ? x <= limit : x < limit;
    }
    return front;
}

/* Quicksort, of the wanted entries only. */
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): its stack is its own */
static inline __attribute__((always_inline)) void quick_sort(struct mr_entry *e, size_t n,
                                                             size_t wanted, enum mr_number field)
{
    struct {
        struct mr_entry *at;
        size_t n;
        uint64_t low;
        int tries;
    } stack[64];
    size_t depth = 0, same = 1;
    while (same < n && mr_sort_number(&e[same], field) == mr_sort_number(&e[0], field))
        same++;
    if (same >= n)
        return;
    struct mr_entry *end = e + wanted;
    uint64_t low = 0; /* no number is below it */
    int tries = 4 * (64 - __builtin_clzll((uint64_t)n | 1));
    for (;;) {
        while (n > FEW && tries-- > 0) {
            uint64_t p = pivot(e, n, field);
            if (p == low) { /* those equal to it are in place then */
                size_t equal = part(e, n, p, true, field);
                e += equal;
                n = e < end ? n - equal : 0;
                continue;
            }
            size_t less = part(e, n, p, false, field);
            /* The smaller side first, the other waits: the stack stays below log2 n. */
            struct mr_entry *right = e + less;
            size_t right_n = right < end ? n - less : 0;
            bool left_first = less < right_n;
            stack[depth].at = left_first ? right : e;
            stack[depth].n = left_first ? right_n : less;
            stack[depth].low = left_first ? p : low;
            stack[depth++].tries = tries;
            e = left_first ? e : right;
            n = left_first ? less : right_n;
            low = left_first ? low : p;
        }
        if (n > FEW)
            heap_sort(e, n, field);
        else if (n > 1)
            sort_few(e, n, field);
        if (depth == 0)
            return;
        depth--;
        e = stack[depth].at;
        n = stack[depth].n;
        low = stack[depth].low;
        tries = stack[depth].tries;
    }
}

static void sort_by(struct mr_entry *e, size_t n, size_t wanted, enum mr_number field)
{
    switch (field) {
    case MR_BY_VALUE_DOWN: quick_sort(e, n, wanted, MR_BY_VALUE_DOWN); break;
    case MR_BY_VALUE_UP: quick_sort(e, n, wanted, MR_BY_VALUE_UP); break;
    case MR_BY_SLICE_UP: quick_sort(e, n, wanted, MR_BY_SLICE_UP); break;
    case MR_BY_SLICE_DOWN: quick_sort(e, n, wanted, MR_BY_SLICE_DOWN); break;
    }
}
