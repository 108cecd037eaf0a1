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

/* The byte that the text at *at, which is not empty, begins with, itself or as an escape; *at is
 * set behind it. -1 where it begins with what is no escape. */
static int next_byte(const char **at)
{
    static const char names[] = "a\ab\bf\fn\nr\rt\tv\v\\\\";
    const char *text = *at;
    if (text[0] != '\\' || text[1] == '\0') {
        *at = text + 1;
        return (unsigned char)text[0];
    }
    for (const char *name = names; *name; name += 2)
        if (text[1] == *name) {
            *at = text + 2;
            return (unsigned char)name[1];
        }
    const bool hex = text[1] == 'x';
    const char *digits = text + 1 + hex;
    size_t n = strspn(digits, hex ? "0123456789abcdefABCDEF" : "01234567"), most = hex ? 2 : 3;
    char number[4] = "";
    n = n < most ? n : most;
    memcpy(number, digits, n);
    *at = digits + n;
    long value = n > 0 ? strtol(number, NULL, hex ? 16 : 8) : -1;
    return value < 256 ? (int)value : -1;
}

int byte_of(const char *argument)
{
    int byte = *argument ? next_byte(&argument) : -1;
    return *argument == '\0' ? byte : -1;
}

size_t bytes_from(const char *argument, unsigned char *to)
{
    size_t n = 0;
    while (*argument) {
        int byte = next_byte(&argument);
        if (byte < 0)
            return 0;
        to[n++] = (unsigned char)byte;
    }
    return n;
}

bool field_number(const char *argument, uint64_t *number)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(argument, &end, 10);
    *number = value;
    return *argument >= '0' && *argument <= '9' && *end == '\0' && errno == 0 && value > 0;
}
