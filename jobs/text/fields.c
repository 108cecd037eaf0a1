/* Fields of lines, and what stands for them in options. */
#include "fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_white(unsigned char byte)
{
    return byte == ' ' || byte == '\t';
}

static bool next_run(const unsigned char *line, size_t size, size_t *at, struct field *field)
{
    size_t start = *at;
    while (start < size && is_white(line[start]))
        start++;
    size_t end = start;
    while (end < size && !is_white(line[end]))
        end++;
    *field = (struct field){ line + start, end - start };
    *at = end;
    return end > start;
}

bool field_next(const unsigned char *line, size_t size, int separator, size_t *at,
                struct field *field)
{
    if (separator == WHITE)
        return next_run(line, size, at, field);
    *field = (struct field){ line, 0 };
    if (*at > size) /* the last field has no separator behind it */
        return false;
    const unsigned char *from = line + *at, *end = memchr(from, separator, size - *at);
    *field = (struct field){ from, end ? (size_t)(end - from) : size - *at };
    *at += field->size + 1;
    return true;
}

static bool ends_in(const char *path, size_t size, const char *ending)
{
    size_t n = strlen(ending);
    return size >= n && strncasecmp(path + size - n, ending, n) == 0;
}

int separator_of_file(const char *path)
{
    static const char *const packed[] = { ".gz", ".zst", ".xz", ".lzma", ".bz2", ".lz4" };
    size_t size = path ? strlen(path) : 0;
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (ends_in(path, size, packed[i])) {
            size -= strlen(packed[i]);
            break;
        }
    if (ends_in(path, size, ".csv"))
        return ',';
    return ends_in(path, size, ".tsv") ? '\t' : WHITE;
}

const struct mr_records word_ends = {
    { { ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1, [' '] = 1 } }
};

int byte_of(const char *text)
{
    static const char names[] = "a\ab\bf\fn\nr\rt\tv\v\\\\";
    if (text[0] == '\0')
        return -1;
    if (text[0] != '\\' || text[1] == '\0')
        return text[1] == '\0' ? (unsigned char)text[0] : -1;
    for (const char *name = names; *name; name += 2)
        if (text[1] == *name && text[2] == '\0')
            return (unsigned char)name[1];
    int base = text[1] == 'x' ? 16 : 8;
    const char *digits = text + 1 + (base == 16);
    size_t n = strspn(digits, base == 16 ? "0123456789abcdefABCDEF" : "01234567");
    if (n == 0 || n > (base == 16 ? 2 : 3) || digits[n] != '\0')
        return -1;
    long value = strtol(digits, NULL, base);
    return value < 256 ? (int)value : -1;
}

bool field_number(const char *argument, uint64_t *number)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(argument, &end, 10);
    *number = value;
    return *argument >= '0' && *argument <= '9' && *end == '\0' && errno == 0 && value > 0;
}
