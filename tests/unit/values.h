/*
 * Records whose values are bytes, in a test: plain lists of (key, value), and how they come from and
 * into the engine's records.
 */
#ifndef VALUES_H
#define VALUES_H

#include "partition/digest.h"
#include "sort/order.h"
#include "store/value.h"
#include "support.h"

struct entry {
    unsigned char *key, *value;
    size_t key_size, value_size;
    uint64_t number; /* its place in the list when it was added */
};

struct entries {
    struct entry *at;
    size_t count, room;
};

HELPER unsigned char *copied(const void *bytes, size_t size)
{
    unsigned char *copy = calloc(1, size + 16);
    check(copy != NULL);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

HELPER struct entry *add_entry(struct entries *e, const void *key, size_t key_size,
                               const void *value, size_t value_size)
{
    if (e->count == e->room) {
        e->room = e->room ? 2 * e->room : 64;
        e->at = realloc(e->at, e->room * sizeof *e->at);
        check(e->at != NULL);
    }
    e->at[e->count] = (struct entry){ copied(key, key_size), copied(value, value_size), key_size,
                                      value_size, e->count };
    return &e->at[e->count++];
}

HELPER void free_entries(struct entries *e)
{
    for (size_t i = 0; i < e->count; i++) {
        free(e->at[i].key);
        free(e->at[i].value);
    }
    free(e->at);
    *e = (struct entries){ NULL, 0, 0 };
}

/* Leaves the first count of them. */
HELPER void cut_entries(struct entries *e, size_t count)
{
    while (e->count > count) {
        e->count--;
        free(e->at[e->count].key);
        free(e->at[e->count].value);
    }
}

HELPER bool entries_reversed, entries_by_bytes;
HELPER bool values_ascend; /* of a key, where they are by bytes, whatever is reversed */

HELPER int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = compare_bytes(x->key, x->key_size, y->key, y->key_size);
    if (order != 0)
        return entries_reversed ? -order : order;
    if (entries_by_bytes)
        order = compare_bytes(x->value, x->value_size, y->value, y->value_size);
    if (order != 0)
        return entries_reversed && !values_ascend ? -order : order;
    return (x->number > y->number) - (x->number < y->number);
}

/* Sorts by key; those of one key stay in the order in which they were added, or where
 * entries_by_bytes is set they are in that of their values. */
HELPER void sort_entries(struct entries *e, bool reverse)
{
    entries_reversed = reverse;
    if (e->count > 0)
        qsort(e->at, e->count, sizeof *e->at, compare_entries);
}

HELPER void check_same_entries(const struct entries *got, const struct entries *wanted)
{
    for (size_t i = 0; i < got->count && i < wanted->count; i++) {
        const struct entry *a = &got->at[i], *b = &wanted->at[i];
        check_for(compare_bytes(a->key, a->key_size, b->key, b->key_size) == 0,
                  "record %zu: key '%.40s' of %zu bytes, not '%.40s' of %zu", i,
                  (const char *)a->key, a->key_size, (const char *)b->key, b->key_size);
        check_for(compare_bytes(a->value, a->value_size, b->value, b->value_size) == 0,
                  "record %zu, key '%.40s': value '%.40s' of %zu bytes, not '%.40s' of %zu", i,
                  (const char *)a->key, (const char *)a->value, a->value_size,
                  (const char *)b->value, b->value_size);
    }
    check_for(got->count == wanted->count, "%zu records, not %zu", got->count, wanted->count);
}

/* ---- as the engine has them ------------------------------------------------------------- */

/* Bytes as they stand in a record: themselves, or out-of-line where they are more than max. */
HELPER struct mr_value stored_bytes(const unsigned char *bytes, size_t size, size_t max,
                                    struct mr_key_writer *writer, unsigned char *locator)
{
    struct mr_locator l;
    if (size <= max)
        return (struct mr_value){ bytes, (uint32_t)size, false };
    must(mr_key_writer_add(writer, bytes, size, &err));
    must(mr_key_writer_end(writer, &l, &err));
    mr_locator_put(locator, &l);
    return (struct mr_value){ locator, MR_LOCATOR_SIZE, true };
}

/* An entry's record, with its value behind its key, in memory that is the caller's to free. */
HELPER struct mr_record stored_entry(const struct entry *e, size_t max,
                                     struct mr_key_writer *writer)
{
    unsigned char locators[2][MR_LOCATOR_SIZE];
    struct mr_value key = stored_bytes(e->key, e->key_size, max, writer, locators[0]);
    struct mr_value value = stored_bytes(e->value, e->value_size, max, writer, locators[1]);
    unsigned char *at = calloc(1, (size_t)key.size + value.size + MR_VALUE_HEAD_MAX + 16);
    check(at != NULL);
    memcpy(at, key.bytes, key.size);
    mr_value_put(at + key.size, &value);
    return (struct mr_record){ at, key.size, key.out_of_line, e->number };
}

/* Reads bytes to their end; the caller frees them. */
HELPER unsigned char *whole_bytes(const struct mr_value *stored, struct mr_key_place place,
                                  size_t *size)
{
    struct mr_key reading;
    const unsigned char *bytes;
    size_t n;
    int more;
    mr_value_open(&reading, stored, place, &err);
    unsigned char *whole = calloc(1, (size_t)reading.left + 16);
    check(whole != NULL);
    for (*size = 0; (more = mr_key_next(&reading, &bytes, &n)) > 0; *size += n)
        memcpy(whole + *size, bytes, n);
    must(more);
    return whole;
}

/* Adds a record with its value to entries, both read from where they stand. */
HELPER struct entry *take_entry(struct entries *e, const struct mr_record *r,
                                struct mr_key_place place)
{
    struct mr_value key = { r->key, r->size, r->out_of_line }, value = mr_record_value(r);
    size_t key_size, value_size;
    unsigned char *key_bytes = whole_bytes(&key, place, &key_size);
    unsigned char *value_bytes = whole_bytes(&value, place, &value_size);
    struct entry *added = add_entry(e, key_bytes, key_size, value_bytes, value_size);
    free(key_bytes);
    free(value_bytes);
    return added;
}

/* Takes the head of a result's record from its value, and with it its own key. */
HELPER void take_head(struct entry *e)
{
    uint64_t own;
    const unsigned char *at = mr_varint_get(e->value, e->value + e->value_size, &own);
    check(at != NULL);
    size_t head = (size_t)(at - e->value);
    if (own > 0) {
        check(own - 1 <= e->value_size - head);
        free(e->key);
        e->key_size = (size_t)own - 1;
        e->key = copied(at, e->key_size);
        head += e->key_size;
    }
    e->value_size -= head;
    memmove(e->value, e->value + head, e->value_size);
}

/* ---- random ones ------------------------------------------------------------------------ */

/* A size of at most most bytes: often few, sometimes about max. */
HELPER size_t draw_size(size_t max, size_t most)
{
    size_t size;
    switch (draw_below(8)) {
    case 0: size = 0; break;
    case 1: size = draw_below(most + 1); break;
    case 2: size = max - 2 + draw_below(5); break;
    case 3: size = MR_SHORT_KEY - 1 + draw_below(4); break;
    default: size = draw_below(12); break;
    }
    return size < most ? size : most;
}

#endif
