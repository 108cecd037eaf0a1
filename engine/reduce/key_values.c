/* A key's values. */
#include "reduce/key_values.h"

#include <inttypes.h>
#include <stdio.h>

static int next_value(struct mr_value_list *values)
{
    struct mr_key_values *k = (struct mr_key_values *)(void *)values;
    if (k->begun && k->more > 0)
        k->more = mr_sorted_next_of(k->bucket, &k->key);
    k->begun = true;
    return k->more > 0 ? mr_sorted_open_value(k->bucket, values) : k->more;
}

static size_t many_values(struct mr_value_list *values, struct mr_bytes *to, size_t most)
{
    struct mr_key_values *k = (struct mr_key_values *)(void *)values;
    return k->begun && k->more > 0 ? mr_sorted_many(k->bucket, to, most) : 0;
}

void mr_key_values_begin(struct mr_key_values *k, struct mr_sorted_bucket *bucket,
                         struct mr_key_room *room, struct mr_error *err)
{
    *k = (struct mr_key_values){ .values = { .next = next_value, .many = many_values,
                                             .room = room, .err = err },
                                 .bucket = bucket, .key = mr_sorted_hold_key(bucket), .more = 1 };
}

int mr_key_values_end(struct mr_key_values *k)
{
    while (k->more > 0)
        k->more = mr_sorted_next_of(k->bucket, &k->key);
    return k->more;
}

/* ---- numbers ---------------------------------------------------------------------------- */

int mr_key_values_add_up(struct mr_key_values *k, uint64_t (*combine)(uint64_t, uint64_t),
                         uint64_t *number)
{
    *number = k->bucket->current.value;
    while ((k->more = mr_sorted_next_of(k->bucket, &k->key)) > 0)
        if (!mr_combine(combine, number, k->bucket->current.value))
            return mr_record_overflow(&k->key, 0, k->values.err);
    return k->more;
}

static int next_number(struct mr_value_list *values)
{
    struct mr_key_values *k = (struct mr_key_values *)(void *)values;
    if (k->begun)
        return 0;
    k->begun = true;
    struct mr_value value = { (const unsigned char *)k->digits, k->size, false };
    mr_values_open_here(values, &value);
    return 1;
}

void mr_key_values_set(struct mr_key_values *k, uint64_t number)
{
    k->size = (uint32_t)snprintf(k->digits, sizeof k->digits, "%" PRIu64, number);
    k->values.next = next_number;
    k->values.many = NULL;
}
