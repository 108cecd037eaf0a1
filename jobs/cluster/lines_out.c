/* Lines on their way to standard output. */
#include "lines_out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GATHER = 1 << 16 };

static int flush(struct lines_out *out, struct mr_error *err)
{
    size_t size = out->size;
    out->size = 0;
    if (fwrite(out->at, 1, size, stdout) == size)
        return 0;
    int code = errno;
    mr_error_set(err, "cannot write 'standard output': %s", strerror(code));
    err->code = code;
    return -1;
}

unsigned char *lines_out_reserve(struct lines_out *out, size_t size, struct mr_error *err)
{
    if (out->size >= GATHER && flush(out, err) < 0)
        return NULL;
    if (out->at && size <= out->capacity - out->size)
        return out->at + out->size;
    size_t capacity = 2 * (out->size + size) + GATHER;
    unsigned char *at = realloc(out->at, capacity);
    if (at == NULL) {
        mr_error_set(err, "cannot get %zu bytes of memory for lines", capacity);
        err->code = ENOMEM;
        return NULL;
    }
    out->at = at;
    out->capacity = capacity;
    return at + out->size;
}

unsigned char *count_put(unsigned char *to, uint64_t count)
{
    unsigned char digits[COUNT_BYTES], *from = digits + sizeof digits;
    *--from = '\n';
    do
        *--from = (unsigned char)('0' + count % 10);
    while ((count /= 10) > 0);
    *--from = '\t';
    size_t size = (size_t)(digits + sizeof digits - from);
    memcpy(to, from, size);
    return to + size;
}

int lines_out_end(struct lines_out *out, int result, struct mr_error *err)
{
    if (result >= 0 && out->size > 0 && flush(out, err) < 0)
        result = -1;
    free(out->at);
    *out = (struct lines_out){ NULL, 0, 0 };
    return result;
}
