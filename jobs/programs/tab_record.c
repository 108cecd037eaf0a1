/* Records of jobs, from lines of programs. */
#include "tab_record.h"

#include <string.h>

/* Reads all of a text as a number. */
static bool read_number(const unsigned char *text, size_t size, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < size; i++)
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, text[i] - (unsigned)'0', number))
            return false;
    return size > 0;
}

int tab_record_emit_number(const char *mapper, const char *job, struct mr_context *out,
                           const unsigned char *line, size_t size)
{
    enum { SHOWN = 60 };
    const unsigned char *tab = memrchr(line, '\t', size);
    size_t key = tab ? (size_t)(tab - line) : size;
    uint64_t number = 1;
    if (tab != NULL && !read_number(tab + 1, size - key - 1, &number))
        return mr_fail_for_good(out, "the mapper '%s' has written a line with no number behind its "
                                     "last tab, which the job '%s' adds up: '%.*s'", mapper, job,
                                (int)(size < SHOWN ? size : SHOWN), line);
    return mr_emit(out, line, key, number);
}

int tab_record_emit_bytes(struct mr_context *out, const unsigned char *line, size_t size)
{
    const unsigned char *tab = memchr(line, '\t', size);
    size_t key = tab ? (size_t)(tab - line) : size, behind = key + (tab != NULL);
    return mr_emit_value(out, line, key, line + behind, size - behind);
}
