/* Decimal numbers. */
#include "decimal.h"

#include <string.h>

enum { CHUNK = 19 }; /* digits that fit in a limb */

__extension__ typedef unsigned __int128 wide;

/* ---- limbs ------------------------------------------------------------------------------ */

static uint64_t power(uint32_t exponent)
{
    static const uint64_t powers[] = {
        1ULL, 10ULL, 100ULL, 1000ULL, 10000ULL, 100000ULL, 1000000ULL, 10000000ULL, 100000000ULL,
        1000000000ULL, 10000000000ULL, 100000000000ULL, 1000000000000ULL, 10000000000000ULL,
        100000000000000ULL, 1000000000000000ULL, 10000000000000000ULL, 100000000000000000ULL,
        1000000000000000000ULL, 10000000000000000000ULL,
    };
    return powers[exponent];
}

static uint32_t at_most_chunk(uint32_t digits)
{
    return digits < CHUNK ? digits : CHUNK;
}

static bool negative(const struct decimal *d)
{
    return d->limb[DECIMAL_LIMBS - 1] >> 63;
}

static void negate(struct decimal *d)
{
    uint64_t carry = 1;
    for (size_t i = 0; i < DECIMAL_LIMBS; i++) {
        d->limb[i] = ~d->limb[i] + carry;
        carry = carry && d->limb[i] == 0;
    }
}

/* Multiplies and adds. Right for what is less than 0, too, where nothing is added. */
static void multiply(struct decimal *d, uint64_t factor, uint64_t more)
{
    for (size_t i = 0; i < DECIMAL_LIMBS; i++) {
        wide product = (wide)d->limb[i] * factor + more;
        d->limb[i] = (uint64_t)product;
        more = (uint64_t)(product >> 64);
    }
}

/* Divides what is not less than 0, and returns what is left. */
static uint64_t divide(struct decimal *d, uint64_t by)
{
    wide left = 0;
    for (size_t i = DECIMAL_LIMBS; i-- > 0;) {
        left = left << 64 | d->limb[i];
        d->limb[i] = (uint64_t)(left / by);
        left %= by;
    }
    return (uint64_t)left;
}

/* Gives a number more digits behind the point. */
static void rescale(struct decimal *d, uint32_t scale)
{
    while (d->scale < scale) {
        uint32_t step = at_most_chunk(scale - d->scale);
        multiply(d, power(step), 0);
        d->scale += step;
    }
}

/* ---- arithmetic ------------------------------------------------------------------------- */

/* Gives both the same scale: *b points to what b is then. */
static void align(struct decimal *a, const struct decimal **b, struct decimal *copy)
{
    rescale(a, (*b)->scale);
    if ((*b)->scale == a->scale)
        return;
    *copy = **b;
    rescale(copy, a->scale);
    *b = copy;
}

void decimal_add(struct decimal *to, const struct decimal *other)
{
    struct decimal copy;
    uint64_t carry = 0;
    align(to, &other, &copy);
    for (size_t i = 0; i < DECIMAL_LIMBS; i++) {
        wide sum = (wide)to->limb[i] + other->limb[i] + carry;
        to->limb[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
    struct decimal copy, other;
    if (a->scale != b->scale) {
        other = *a;
        a = &other;
        align(&other, &b, &copy);
    }
    if (negative(a) != negative(b))
        return negative(a) ? -1 : 1;
    for (size_t i = DECIMAL_LIMBS; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

struct decimal decimal_divide(const struct decimal *d, uint64_t count, uint32_t places)
{
    struct decimal q = *d;
    bool below = negative(&q);
    if (below)
        negate(&q);
    rescale(&q, places);
    multiply(&q, 2, 0); /* a bit more, to round by: floor((2x + 1) / 2) */
    divide(&q, count);
    while (q.scale > places) {
        uint32_t step = at_most_chunk(q.scale - places);
        divide(&q, power(step));
        q.scale -= step;
    }
    multiply(&q, 1, 1);
    divide(&q, 2);
    if (below)
        negate(&q);
    return q;
}

/* ---- stored ----------------------------------------------------------------------------- */

/* Its scale, how many bytes it has, and these, the lowest first. */
unsigned char *decimal_put(unsigned char *to, const struct decimal *d)
{
    const uint64_t fill = negative(d) ? UINT64_MAX : 0;
    unsigned char *bytes = to + 2;
    size_t limbs = DECIMAL_LIMBS, size;
    while (limbs > 1 && d->limb[limbs - 1] == fill)
        limbs--;
    for (size = 0; size < 8 * limbs; size++)
        bytes[size] = (unsigned char)(d->limb[size / 8] >> 8 * (size % 8));
    bytes[size] = (unsigned char)fill;
    while (size > 0 && bytes[size - 1] == (unsigned char)fill)
        size--;
    if (size == 0 || (bytes[size - 1] ^ fill) >> 7 & 1) /* the highest bit is the sign */
        size++;
    to[0] = (unsigned char)d->scale;
    to[1] = (unsigned char)size;
    return bytes + size;
}

const unsigned char *decimal_get(const unsigned char *from, struct decimal *to)
{
    size_t size = from[1];
    const unsigned char *bytes = from + 2;
    memset(to->limb, bytes[size - 1] >> 7 ? 0xFF : 0, sizeof to->limb);
    to->scale = from[0];
    for (size_t i = 0; i < size; i++) {
        unsigned shift = 8 * (i % 8);
        to->limb[i / 8] &= ~((uint64_t)0xFF << shift);
        to->limb[i / 8] |= (uint64_t)bytes[i] << shift;
    }
    return bytes + size;
}

/* ---- text ------------------------------------------------------------------------------- */

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Reads an exponent, if there is one, up to the end. False: something else stands there. */
static bool read_exponent(const unsigned char *at, const unsigned char *end, int64_t *exponent)
{
    enum { ENOUGH = 1 << 20 };
    *exponent = 0;
    if (at == end)
        return true;
    if (*at++ != 'e' && at[-1] != 'E')
        return false;
    bool below = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    const unsigned char *start = at;
    for (; at < end && is_digit(*at); at++)
        if (*exponent < ENOUGH)
            *exponent = *exponent * 10 + (*at - '0');
    if (below)
        *exponent = -*exponent;
    return at == end && at > start;
}

/* Makes a number of digits, a point among them passed over. */
static void take_digits(const unsigned char *at, const unsigned char *end, struct decimal *to)
{
    memset(to->limb, 0, sizeof to->limb);
    while (at < end) {
        uint64_t chunk = 0;
        uint32_t n = 0;
        for (; at < end && n < CHUNK; at++)
            if (*at != '.') {
                chunk = chunk * 10 + (uint64_t)(*at - '0');
                n++;
            }
        multiply(to, power(n), chunk);
    }
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): one walk over the number */
enum decimal_kind decimal_read(const unsigned char *bytes, size_t size, struct decimal *to)
{
    const unsigned char *at = bytes, *end = bytes + size, *point = NULL;
    int64_t exponent;
    while (at < end && is_blank(*at))
        at++;
    while (end > at && is_blank(end[-1]))
        end--;
    bool below = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    const unsigned char *first = at;
    for (; at < end && (is_digit(*at) || (*at == '.' && point == NULL)); at++)
        if (*at == '.')
            point = at;
    const unsigned char *last = at;
    if (last - first == (point != NULL) || !read_exponent(at, end, &exponent))
        return DECIMAL_NONE;
    if (point == NULL)
        point = last;
    /* From the first digit that is no zero to the last. */
    while (first < last && (*first == '0' || *first == '.'))
        first++;
    while (last > first && (last[-1] == '0' || last[-1] == '.'))
        last--;
    if (first == last) {
        *to = (struct decimal){ { 0 }, 0 };
        return DECIMAL_NUMBER;
    }
    int64_t digits = last - first - (first <= point && point < last);
    int64_t behind = last - point - (last > point) - exponent; /* the point */
    if (behind > DECIMAL_DIGITS || digits - behind > DECIMAL_DIGITS)
        return DECIMAL_TOO_LONG;
    take_digits(first, last, to);
    to->scale = behind > 0 ? (uint32_t)behind : 0;
    while (behind < 0) {
        uint32_t step = at_most_chunk((uint32_t)-behind);
        multiply(to, power(step), 0);
        behind += step;
    }
    if (below)
        negate(to);
    return DECIMAL_NUMBER;
}

static bool is_zero(const struct decimal *d)
{
    for (size_t i = 0; i < DECIMAL_LIMBS; i++)
        if (d->limb[i] != 0)
            return false;
    return true;
}

char *decimal_write(char *to, const struct decimal *d)
{
    char digits[DECIMAL_TEXT] = { 0 }, *const end = digits + sizeof digits, *at = end, *last = end;
    struct decimal left = *d;
    if (negative(d)) {
        *to++ = '-';
        negate(&left);
    }
    while (!is_zero(&left)) {
        uint64_t chunk = divide(&left, power(CHUNK));
        for (uint32_t n = 0; n < CHUNK && (chunk > 0 || !is_zero(&left)); n++, chunk /= 10)
            *--at = (char)('0' + chunk % 10);
    }
    while ((size_t)(end - at) <= d->scale)
        *--at = '0'; /* up to one before the point */
    char *point = end - d->scale;
    while (last > point && last[-1] == '0')
        last--;
    memcpy(to, at, (size_t)(point - at));
    to += point - at;
    if (last == point)
        return to;
    *to++ = '.';
    memcpy(to, point, (size_t)(last - point));
    return to + (last - point);
}
