/* Aggregates. */
#include "aggregate.h"

unsigned char *aggregate_put(unsigned char *to, const struct aggregate *a)
{
    to = decimal_put(number_put(to, a->count), &a->sum);
    if (a->count == 1) /* its sum is its least and its greatest */
        return to;
    return decimal_put(decimal_put(to, &a->least), &a->greatest);
}

static void get(const unsigned char *from, struct aggregate *a)
{
    from = decimal_get(number_get(from, &a->count), &a->sum);
    a->least = a->greatest = a->sum;
    if (a->count > 1)
        decimal_get(decimal_get(from, &a->least), &a->greatest);
}

/* Adds so many numbers, of which this is known, to an aggregate of some. */
static void add_some(struct aggregate *to, uint64_t count, const struct decimal *sum,
                     const struct decimal *least, const struct decimal *greatest)
{
    to->count += count;
    decimal_add(&to->sum, sum);
    if (decimal_compare(least, &to->least) < 0)
        to->least = *least;
    if (decimal_compare(greatest, &to->greatest) > 0)
        to->greatest = *greatest;
}

static void add(struct aggregate *to, const struct aggregate *a)
{
    if (to->count == 0)
        *to = *a;
    else
        add_some(to, a->count, &a->sum, &a->least, &a->greatest);
}

void aggregate_add(struct aggregate *to, const struct decimal *number)
{
    if (to->count == 0) {
        to->count = 1;
        to->sum = *number;
        return;
    }
    if (to->count == 1)
        to->least = to->greatest = to->sum;
    add_some(to, 1, number, number, number);
}

int aggregate_values(struct mr_value_list *values, struct aggregate *all)
{
    const unsigned char *bytes;
    size_t size;
    int more;
    all->count = 0;
    while ((more = mr_values_next(values)) > 0) {
        struct aggregate a;
        if (mr_values_whole(values, &bytes, &size) < 0)
            return -1;
        get(bytes, &a);
        add(all, &a);
    }
    return more;
}
