/* The first of the bytes that end a record. */
#include "input/record_ends.h"

#include <string.h>

/* Bytes looked at before it is decided whether to go on. */
enum { STRIDE = 64, PARTS = STRIDE / sizeof(mr_sixteen), TABLE_STRIDE = 16 };

void mr_record_ends_init(struct mr_record_ends *e, const struct mr_byteset *set)
{
    memset(e, 0, sizeof *e);
    e->set = set;
    for (unsigned byte = 0; byte < sizeof set->has; byte++) {
        if (!set->has[byte])
            continue;
        if (e->count == MR_RECORD_ENDS_FEW) {
            e->count = 0;
            return;
        }
        memset(&e->few[e->count++], (int)byte, sizeof *e->few);
    }
}

/* Whether a stride has an end; of few ends. */
static inline bool has_few(const struct mr_record_ends *e, const unsigned char *bytes)
{
    mr_sixteen part[PARTS], found = { 0 };
    uint64_t halves[2];
    memcpy(part, bytes, sizeof part);
    for (unsigned i = 0; i < e->count; i++)
        for (unsigned p = 0; p < PARTS; p++)
            found |= (mr_sixteen)(part[p] == e->few[i]);
    memcpy(halves, &found, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/* Whether a stride of the table's has one. */
static inline bool has_any(const unsigned char *has, const unsigned char *bytes)
{
    unsigned found = 0;
    for (size_t i = 0; i < TABLE_STRIDE; i++)
        found |= has[bytes[i]];
    return found != 0;
}

size_t mr_record_ends_first(const struct mr_record_ends *e, const unsigned char *bytes, size_t n,
                            size_t from)
{
    const unsigned char *has = e->set->has;
    size_t p = from;
    while (e->count > 0 && n - p >= STRIDE && !has_few(e, bytes + p))
        p += STRIDE;
    while (e->count == 0 && n - p >= TABLE_STRIDE && !has_any(has, bytes + p))
        p += TABLE_STRIDE;
    while (p < n && !has[bytes[p]])
        p++;
    return p;
}
