/* Comparing keys. */
#include "sort/order.h"

#include <string.h>

int mr_compare_keys(const struct mr_file_record *a, const struct mr_file_record *b,
                    struct mr_key_pair *readers, int *order, struct mr_error *err)
{
    if (!a->record.out_of_line && !b->record.out_of_line) {
        uint32_t left = a->record.size, right = b->record.size;
        *order = memcmp(a->record.key, b->record.key, left < right ? left : right);
        if (*order == 0)
            *order = (left > right) - (left < right);
        return 0;
    }
    struct mr_key left, right;
    mr_key_open(&left, &a->record,
                (struct mr_key_place){ a->spool, a->task, &readers->first }, err);
    mr_key_open(&right, &b->record,
                (struct mr_key_place){ b->spool, b->task, &readers->second }, err);
    return mr_key_compare(&left, &right, order);
}

int mr_compare_values(const struct mr_file_record *a, const struct mr_file_record *b,
                      struct mr_key_pair *readers, int *order, struct mr_error *err)
{
    struct mr_value x = mr_record_value(&a->record), y = mr_record_value(&b->record);
    struct mr_file_record left = { { x.bytes, x.size, x.out_of_line, 0 }, a->spool, a->task };
    struct mr_file_record right = { { y.bytes, y.size, y.out_of_line, 0 }, b->spool, b->task };
    return mr_compare_keys(&left, &right, readers, order, err);
}
