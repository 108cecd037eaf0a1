/* Tables that evict. */
#include "evicting_table.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_KEYS = 8, OFTEN = 8 }; /* of so many for each slot, one of so many must come again */

static int emit(const struct evicting_kind *kind, const struct evicting_slot *slot,
                struct mr_context *out)
{
    struct field key = { slot->key, slot->size };
    return slot->taken ? kind->emit(&key, slot + 1, out) : 0;
}

static bool holds(const struct evicting_slot *slot, const struct field *key)
{
    return slot->taken && slot->size == key->size &&
           (key->size == 0 || memcmp(slot->key, key->bytes, key->size) == 0);
}

static void put(const struct evicting_kind *kind, struct evicting_slot *slot,
                const struct field *key)
{
    slot->taken = true;
    slot->size = (unsigned char)key->size;
    if (key->size > 0)
        memcpy(slot->key, key->bytes, key->size);
    memset(slot + 1, 0, kind->slot_size - sizeof *slot);
}

/* Looks whether the table is worth it. */
static void look(struct evicting_table *t, const struct evicting_kind *kind, bool again)
{
    const size_t first = FIRST_KEYS * kind->slots;
    t->again += again;
    t->bypassed = ++t->added == first && t->again < first / OFTEN;
}

int evicting_table_find(struct evicting_table *t, const struct evicting_kind *kind, void *slots,
                        const struct field *key, void **value, struct mr_context *out)
{
    *value = NULL;
    if (key->size > EVICTING_KEY || t->bypassed)
        return 0;
    const size_t at = XXH3_64bits(key->bytes, key->size) & (kind->slots - 1);
    struct evicting_slot *slot = (void *)((unsigned char *)slots + at * kind->slot_size);
    const bool again = holds(slot, key);
    if (t->added < FIRST_KEYS * kind->slots)
        look(t, kind, again);
    if (!again) {
        if (emit(kind, slot, out) < 0)
            return -1;
        put(kind, slot, key);
    }
    *value = slot + 1;
    return 0;
}

int evicting_table_end(const struct evicting_kind *kind, const void *slots, struct mr_context *out)
{
    int result = 0;
    const unsigned char *slot = slots;
    for (size_t i = 0; i < kind->slots && result == 0; i++, slot += kind->slot_size)
        result = emit(kind, (const void *)slot, out);
    return result;
}
