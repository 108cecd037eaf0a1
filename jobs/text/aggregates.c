/* Aggregates of keys in a map task. */
#include "aggregates.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { BEGINNING = 8 * AGGREGATES, OFTEN = 8 }; /* of so many numbers, one must be of a known key */

static int emit(const struct field *key, const struct aggregate *all, struct mr_context *out)
{
    unsigned char value[AGGREGATE_BYTES];
    const unsigned char *end = aggregate_put(value, all);
    return mr_emit_value(out, key->bytes, key->size, value, (size_t)(end - value));
}

static int emit_slot(const struct aggregate_slot *slot, struct mr_context *out)
{
    struct field key = { slot->key, slot->size };
    return slot->all.count == 0 ? 0 : emit(&key, &slot->all, out);
}

static bool holds(const struct aggregate_slot *slot, const struct field *key)
{
    return slot->all.count > 0 && slot->size == key->size &&
           memcmp(slot->key, key->bytes, key->size) == 0;
}

static void put(struct aggregate_slot *slot, const struct field *key, const struct decimal *number)
{
    slot->all.count = 1;
    slot->all.sum = *number;
    slot->size = (uint32_t)key->size;
    memcpy(slot->key, key->bytes, key->size);
}

int aggregates_add(struct aggregates *a, const struct field *key, const struct decimal *number,
                   struct mr_context *out)
{
    if (key->size > AGGREGATE_KEY || a->bypassed) {
        struct aggregate one = { .count = 1, .sum = *number };
        return emit(key, &one, out);
    }
    struct aggregate_slot *slot = &a->at[XXH3_64bits(key->bytes, key->size) % AGGREGATES];
    bool again = holds(slot, key);
    if (a->added < BEGINNING) {
        a->again += again;
        a->bypassed = ++a->added == BEGINNING && a->again < BEGINNING / OFTEN;
    }
    if (again) {
        aggregate_add(&slot->all, number);
        return 0;
    }
    if (emit_slot(slot, out) < 0)
        return -1;
    put(slot, key, number);
    return 0;
}

int aggregates_end(struct aggregates *a, struct mr_context *out)
{
    int result = 0;
    for (size_t i = 0; i < AGGREGATES && result == 0; i++)
        result = emit_slot(&a->at[i], out);
    return result;
}
