/* A line of a result by itself. */
#include "base/error.h"
#include "write/format.h"

#include <errno.h>

int mr_line_make(struct mr_line *line, enum mr_format format, const void *key, size_t key_size,
                 uint64_t number, struct mr_error *err)
{
    const struct mr_key_place nowhere = { 0 };
    struct mr_text text = { .buffer = { line->at, 0, line->capacity }, .gather = SIZE_MAX };
    if (key_size > UINT32_MAX) {
        err->code = EOVERFLOW;
        return mr_error_set(err, "a key of %zu bytes is too large to be written from memory",
                            key_size);
    }
    const struct mr_record record = { key, (uint32_t)key_size, false, number };
    int result = mr_format_record(&text, format, &record, &nowhere, err);
    *line = (struct mr_line){ text.buffer.at, text.buffer.size, text.buffer.capacity };
    return result;
}
