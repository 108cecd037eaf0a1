/* Typed bytes, looked at and shown. */
#include "typed.h"

#include "aggregate.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- where a value ends ----------------------------------------------------------------- */

static const uint64_t endless = UINT64_MAX; /* until TYPED_END */

static bool has_size(unsigned type)
{
    return type == TYPED_BYTES || type == TYPED_STRING || type == TYPED_VECTOR ||
           type == TYPED_MAP || (type >= TYPED_OWN && type <= TYPED_OWN_LAST);
}

/* Of a value whose type says how many bytes it has; 0: it does not. */
static unsigned fixed_size(unsigned type)
{
    static const unsigned char sizes[] = { 0, 1, 1, 4, 8, 4, 8 };
    return type < sizeof sizes ? sizes[type] : 0;
}

static uint64_t number(const unsigned char *bytes, unsigned size)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < size; i++)
        n = n << 8 | bytes[i];
    return n;
}

/* A value has ended, and so may those that it is in. */
static int end_value(struct typed_scan *s)
{
    while (s->depth > 0) {
        uint64_t *left = &s->left[s->depth - 1];
        if (*left == endless || --*left > 0)
            return 0;
        s->depth--;
    }
    return 1;
}

static int open_values(struct typed_scan *s, uint64_t count)
{
    if (count == 0)
        return end_value(s);
    if (s->depth == TYPED_DEPTH)
        return -1;
    s->left[s->depth++] = count;
    return 0;
}

static int begin_value(struct typed_scan *s, unsigned char type)
{
    if (type == TYPED_END && s->depth > 0 && s->left[s->depth - 1] == endless) {
        s->depth--;
        return end_value(s);
    }
    if (type == TYPED_LIST)
        return open_values(s, endless);
    s->type = type;
    s->size = 0;
    s->size_digits = has_size(type) ? 4 : 0;
    s->skip = fixed_size(type);
    return s->size_digits > 0 || s->skip > 0 ? 0 : -1;
}

static int take_size(struct typed_scan *s, unsigned char digit)
{
    s->size = s->size << 8 | digit;
    if (--s->size_digits > 0)
        return 0;
    if (s->size > INT32_MAX)
        return -1;
    if (s->type == TYPED_VECTOR || s->type == TYPED_MAP)
        return open_values(s, s->type == TYPED_MAP ? 2 * (uint64_t)s->size : s->size);
    s->skip = s->size;
    return s->skip > 0 ? 0 : end_value(s);
}

static int take_skipped(struct typed_scan *s, size_t size)
{
    s->skip -= size;
    return s->skip > 0 ? 0 : end_value(s);
}

int typed_scan(struct typed_scan *s, const unsigned char *bytes, size_t size, size_t *used)
{
    size_t at = 0;
    int result = 0;
    while (result == 0 && at < size)
        if (s->skip > 0) {
            size_t n = s->skip < size - at ? (size_t)s->skip : size - at;
            result = take_skipped(s, n);
            at += n;
        } else {
            unsigned char byte = bytes[at++];
            result = s->size_digits > 0 ? take_size(s, byte) : begin_value(s, byte);
        }
    *used = at;
    return result;
}

/* ---- as text ---------------------------------------------------------------------------- */

static int add(struct mr_buffer *to, const char *text)
{
    return mr_buffer_add(to, text, strlen(text));
}

int typed_digits(const unsigned char *bytes, size_t size, bool blanks, struct mr_buffer *to)
{
    static const char digits[] = "0123456789abcdef";
    char *at = mr_buffer_reserve(to, 3 * size), *from = at;
    if (at == NULL)
        return -1;
    for (size_t i = 0; i < size; i++) {
        if (blanks && i > 0)
            *at++ = ' ';
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    to->size += (size_t)(at - from);
    return 0;
}

static float as_float(const unsigned char *bytes)
{
    uint32_t bits = (uint32_t)number(bytes, 4);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static double as_double(const unsigned char *bytes)
{
    uint64_t bits = number(bytes, 8);
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* A whole number of some bytes, with its sign. */
static int64_t whole_number(unsigned type, const unsigned char *bytes)
{
    return type == TYPED_BYTE  ? (int8_t)*bytes
           : type == TYPED_INT ? (int32_t)(uint32_t)number(bytes, 4)
                               : (int64_t)number(bytes, 8);
}

static int add_number(struct mr_buffer *to, unsigned type, const unsigned char *bytes)
{
    char text[64];
    if (type == TYPED_FLOAT)
        aggregate_float(as_float(bytes), text, sizeof text);
    else if (type == TYPED_DOUBLE)
        aggregate_double(as_double(bytes), text, sizeof text);
    else
        snprintf(text, sizeof text, "%" PRId64, whole_number(type, bytes));
    return add(to, text);
}

/* The bytes behind a value. */
static const unsigned char *behind(const unsigned char *value)
{
    struct typed_scan s = { 0 };
    size_t used;
    (void)typed_scan(&s, value, SIZE_MAX / 2, &used); /* it is a whole one */
    return value + used;
}

static int add_list(struct mr_buffer *to, const unsigned char *value);
static int add_map(struct mr_buffer *to, const unsigned char *value);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as TYPED_DEPTH */
int typed_text(const unsigned char *value, struct mr_buffer *to)
{
    unsigned type = *value;
    const unsigned char *bytes = value + 1;
    if (type == TYPED_BOOL)
        return add(to, *bytes ? "true" : "false");
    if (fixed_size(type) > 0)
        return add_number(to, type, bytes);
    if (type == TYPED_STRING)
        return mr_buffer_add(to, bytes + 4, number(bytes, 4));
    if (type == TYPED_VECTOR || type == TYPED_LIST)
        return add_list(to, value);
    if (type == TYPED_MAP)
        return add_map(to, value);
    return typed_digits(bytes + 4, number(bytes, 4), false, to);
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static int add_list(struct mr_buffer *to, const unsigned char *value)
{
    bool counted = *value == TYPED_VECTOR;
    uint64_t count = counted ? number(value + 1, 4) : endless;
    const unsigned char *at = value + (counted ? 5 : 1);
    int result = add(to, "[");
    for (uint64_t i = 0; result == 0 && i < count && (counted || *at != TYPED_END); i++) {
        if ((i > 0 && add(to, ", ") < 0) || typed_text(at, to) < 0)
            return -1;
        at = behind(at);
    }
    return result < 0 ? -1 : add(to, "]");
}

/* ---- maps, in the order of their keys --------------------------------------------------- */

struct entry {
    const unsigned char *key, *value;
};

static int compare_sizes(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* As Java has strings, by units of UTF-16: what stands for two of them is before U+E000 and up. */
static int compare_strings(const unsigned char *a, uint64_t a_size, const unsigned char *b,
                           uint64_t b_size)
{
    enum { PRIVATE = 0xee, TWO_UNITS = 0xf0 }; /* first bytes in UTF-8 */
    for (uint64_t i = 0; i < a_size && i < b_size; i++)
        if (a[i] != b[i])
            return (a[i] >= PRIVATE && b[i] >= PRIVATE && (a[i] < TWO_UNITS) != (b[i] < TWO_UNITS))
                       ? b[i] - a[i]
                       : a[i] - b[i];
    return compare_sizes(a_size, b_size);
}

static int compare_bytes(const unsigned char *a, uint64_t a_size, const unsigned char *b,
                         uint64_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : compare_sizes(a_size, b_size);
}

static int compare_reals(double a, double b)
{
    uint64_t x, y;
    if (a < b || a > b)
        return a < b ? -1 : 1;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    return ((int64_t)x > (int64_t)y) - ((int64_t)x < (int64_t)y);
}

/* Of values of one type. */
static int compare_values(const unsigned char *a, const unsigned char *b)
{
    unsigned type = *a++;
    b++;
    if (type == TYPED_FLOAT)
        return compare_reals(as_float(a), as_float(b));
    if (type == TYPED_DOUBLE)
        return compare_reals(as_double(a), as_double(b));
    if (type == TYPED_BOOL)
        return (*a != 0) - (*b != 0);
    if (fixed_size(type) > 0) {
        int64_t x = whole_number(type, a), y = whole_number(type, b);
        return (x > y) - (x < y);
    }
    return (type == TYPED_STRING ? compare_strings : compare_bytes)(a + 4, number(a, 4), b + 4,
                                                                    number(b, 4));
}

/* Equal keys in the order that they have come in. */
static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = compare_values(x->key, y->key);
    return order ? order : (x->key > y->key) - (x->key < y->key);
}

/* Keys that one order is there for: all bytes are of one type then. */
static bool comparable(const struct entry *e, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned type = *e[i].key, first = *e[0].key;
        bool both_bytes = (type == TYPED_BYTES || type >= TYPED_OWN) &&
                          (first == TYPED_BYTES || first >= TYPED_OWN);
        if ((type != first && !both_bytes) || (type >= TYPED_VECTOR && type <= TYPED_MAP))
            return false;
    }
    return true;
}

/* Adds entries; of those with equal keys, the last. */
/* NOLINTNEXTLINE(misc-no-recursion): as above */
static int add_entries(struct mr_buffer *to, const struct entry *e, size_t count)
{
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && compare_values(e[i].key, e[i + 1].key) == 0)
            continue;
        if ((!first && add(to, ", ") < 0) || typed_text(e[i].key, to) < 0 || add(to, "=") < 0 ||
            typed_text(e[i].value, to) < 0)
            return -1;
        first = false;
    }
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static int add_map(struct mr_buffer *to, const unsigned char *value)
{
    size_t count = (size_t)number(value + 1, 4);
    struct entry *e = calloc(count + 1, sizeof *e);
    const unsigned char *at = value + 5;
    if (e == NULL)
        return -1;
    for (size_t i = 0; i < count; i++) {
        e[i] = (struct entry){ at, behind(at) };
        at = behind(e[i].value);
    }
    int result = comparable(e, count) ? add(to, "{") : -1;
    if (result == 0) {
        qsort(e, count, sizeof *e, compare_entries);
        result = add_entries(to, e, count);
    }
    free(e);
    return result < 0 ? -1 : add(to, "}");
}
