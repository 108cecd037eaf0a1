/* The values of a key. */
#include "store/value_list.h"

#include <string.h>

void mr_values_open(struct mr_value_list *values, const struct mr_value *value,
                    struct mr_key_place place)
{
    mr_value_open(&values->value, value, place, values->err);
    values->value.room = values->room;
    values->size = values->value.left;
}

int mr_values_next(struct mr_value_list *values)
{
    int more = values->next(values);
    if (more <= 0) {
        memset(&values->value, 0, sizeof values->value);
        values->size = 0;
    }
    return more;
}

size_t mr_values_many(struct mr_value_list *values, struct mr_bytes *to, size_t most)
{
    size_t count = values->many ? values->many(values, to, most) : 0;
    if (count > 0) /* the one before them is passed over */
        values->value.left = values->size = 0;
    return count;
}

uint64_t mr_values_size(const struct mr_value_list *values)
{
    return values->size;
}

int mr_values_read(struct mr_value_list *values, const unsigned char **bytes, size_t *size)
{
    return mr_key_next(&values->value, bytes, size);
}

int mr_values_whole(struct mr_value_list *values, const unsigned char **bytes, size_t *size)
{
    return mr_key_whole(&values->value, bytes, size);
}
