/* Records of jobs, from lines of programs. */
#include "tab_record.h"

#include <string.h>

/* ---- numbers ---------------------------------------------------------------------------- */

static bool are_digits(const unsigned char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return size <= TAB_DIGITS;
}

/* Reads all of a text as a number. */
static bool read_number(const unsigned char *text, size_t size, uint64_t *number)
{
    *number = 0;
    if (size == 0 || !are_digits(text, size))
        return false;
    for (size_t i = 0; i < size; i++)
        if (__builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, text[i] - (unsigned)'0', number))
            return false;
    return true;
}

static int refuse(const char *mapper, const char *job, struct mr_context *out,
                  struct shown_line *line)
{
    const char *more, *text = shown_line_text(line, &more);
    return mr_fail_for_good(out, "the mapper '%s' has written a line with no number behind its "
                                 "last tab, which the job '%s' adds up: '%s'%s", mapper, job, text,
                            more);
}

/* The key goes on with what was held, and with these bytes. */
static int add_to_key(struct tab_record *t, struct mr_context *out, const unsigned char *bytes,
                      size_t size)
{
    size_t held = t->held;
    t->held = 0;
    if (mr_emit_part(out, t->tail, held, false, 0) < 0)
        return -1;
    return mr_emit_part(out, bytes, size, false, 0);
}

static void hold(struct tab_record *t, const unsigned char *bytes, size_t size)
{
    memcpy(t->tail + t->held, bytes, size);
    t->held += size;
}

/* Adds a part to the key, but for what may be the number. */
static int add_part(struct tab_record *t, struct mr_context *out, const unsigned char *bytes,
                    size_t size)
{
    const unsigned char *tab = memrchr(bytes, '\t', size);
    if (tab == NULL && t->held > 0 && size <= sizeof t->tail - t->held && are_digits(bytes, size)) {
        hold(t, bytes, size);
        return 0;
    }
    const size_t key = tab ? (size_t)(tab - bytes) : size, rest = size - key;
    const bool held = rest > 0 && are_digits(tab + 1, rest - 1);
    if (add_to_key(t, out, bytes, held ? key : size) < 0)
        return -1;
    if (held)
        hold(t, tab, rest);
    t->has_tab |= tab != NULL;
    return 0;
}

static int emit_number_part(struct tab_record *t, const char *mapper, const char *job,
                            struct mr_context *out, const unsigned char *bytes, size_t size,
                            enum mr_part part)
{
    uint64_t number = 1;
    if (part == MR_FIRST) {
        t->has_tab = false;
        t->held = 0;
        shown_line_begin(&t->begin, 0);
    }
    shown_line_add(&t->begin, bytes, size);
    if (add_part(t, out, bytes, size) < 0)
        return -1;
    if (part != MR_LAST)
        return 0;
    if (t->has_tab && (t->held == 0 || !read_number(t->tail + 1, t->held - 1, &number)))
        return refuse(mapper, job, out, &t->begin);
    return mr_emit_part(out, "", 0, true, number);
}

int tab_record_emit_number(struct tab_record *t, const char *mapper, const char *job,
                           struct mr_context *out, const unsigned char *line, size_t size,
                           enum mr_part part)
{
    if (part != MR_WHOLE)
        return emit_number_part(t, mapper, job, out, line, size, part);
    const unsigned char *tab = memrchr(line, '\t', size);
    size_t key = tab ? (size_t)(tab - line) : size;
    uint64_t number = 1;
    if (tab != NULL && !read_number(tab + 1, size - key - 1, &number)) {
        shown_line_begin(&t->begin, 0);
        shown_line_add(&t->begin, line, size);
        return refuse(mapper, job, out, &t->begin);
    }
    return mr_emit(out, line, key, number);
}

/* ---- bytes ------------------------------------------------------------------------------ */

static int emit_bytes_part(struct tab_record *t, struct mr_context *out, const unsigned char *bytes,
                           size_t size, enum mr_part part)
{
    if (part == MR_FIRST) {
        t->has_tab = false;
        if (mr_pair_begin(out) < 0)
            return -1;
    }
    if (!t->has_tab) {
        const unsigned char *tab = memchr(bytes, '\t', size);
        size_t key = tab ? (size_t)(tab - bytes) : size, used = key + (tab != NULL);
        if (mr_pair_key(out, bytes, key) < 0)
            return -1;
        bytes += used;
        size -= used;
        t->has_tab = tab != NULL;
    }
    if (size > 0 && mr_pair_value(out, bytes, size) < 0)
        return -1;
    return part == MR_LAST ? mr_pair_end(out) : 0;
}

int tab_record_emit_bytes(struct tab_record *t, struct mr_context *out, const unsigned char *line,
                          size_t size, enum mr_part part)
{
    if (part != MR_WHOLE)
        return emit_bytes_part(t, out, line, size, part);
    const unsigned char *tab = memchr(line, '\t', size);
    size_t key = tab ? (size_t)(tab - line) : size, behind = key + (tab != NULL);
    return mr_emit_value(out, line, key, line + behind, size - behind);
}
