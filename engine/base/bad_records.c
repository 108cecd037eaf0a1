/* Bad records. There are few, so lists of them are searched from front to back. */
#include "base/bad_records.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

bool mr_bad_is_suspect(const struct mr_bad_records *bad, uint64_t source, uint64_t offset)
{
    for (size_t i = 0; i < bad->suspect_count; i++)
        if (bad->suspects[i].offset == offset && bad->suspects[i].source == source)
            return true;
    return false;
}

bool mr_bad_has_record(const struct mr_bad_records *bad, uint64_t source, uint64_t offset)
{
    for (size_t i = 0; i < bad->count; i++) {
        const struct mr_bad_record *r = &bad->records[i];
        if (!r->in_reduce && r->span.offset == offset && r->span.source == source)
            return true;
    }
    return false;
}

bool mr_bad_has_within(const struct mr_bad_records *bad, const struct mr_span *span)
{
    for (size_t i = 0; i < bad->count; i++) {
        const struct mr_bad_record *r = &bad->records[i];
        if (!r->in_reduce && r->span.source == span->source && r->span.offset >= span->offset &&
            r->span.offset - span->offset < span->size)
            return true;
    }
    return false;
}

bool mr_bad_has_key(const struct mr_bad_records *bad, const struct mr_fingerprint *key)
{
    for (size_t i = 0; i < bad->count; i++) {
        const struct mr_fingerprint *k = &bad->records[i].key;
        if (bad->records[i].in_reduce && k->hash == key->hash && k->size == key->size &&
            k->shown == key->shown && memcmp(k->bytes, key->bytes, k->shown) == 0)
            return true;
    }
    return false;
}

int mr_bad_suspect(struct mr_bad_records *bad, const struct mr_span *span, struct mr_error *err)
{
    if (mr_bad_is_suspect(bad, span->source, span->offset))
        return 0;
    struct mr_span *at = mr_memory_grow(bad->suspects, &bad->suspect_capacity, bad->suspect_count,
                                        sizeof *at, "suspects", err);
    if (at == NULL)
        return -1;
    bad->suspects = at;
    bad->suspects[bad->suspect_count++] = *span;
    return 1;
}

int mr_bad_add(struct mr_bad_records *bad, const struct mr_bad_record *record,
               struct mr_error *err)
{
    if (record->in_reduce ? mr_bad_has_key(bad, &record->key)
                          : mr_bad_has_record(bad, record->span.source, record->span.offset))
        return 0;
    struct mr_bad_record *at = mr_memory_grow(bad->records, &bad->capacity, bad->count,
                                              sizeof *at, "bad records", err);
    if (at == NULL)
        return -1;
    bad->records = at;
    unsigned char *excerpt = NULL;
    if (record->excerpt_size > 0) {
        if ((excerpt = malloc(record->excerpt_size)) == NULL)
            return mr_error_memory(err, record->excerpt_size, "a bad record");
        memcpy(excerpt, record->excerpt, record->excerpt_size);
    }
    bad->records[bad->count] = *record;
    bad->records[bad->count++].excerpt = excerpt;
    return 1;
}

void mr_bad_free(struct mr_bad_records *bad)
{
    for (size_t i = 0; i < bad->count; i++)
        free(bad->records[i].excerpt);
    free(bad->suspects);
    free(bad->records);
    memset(bad, 0, sizeof *bad);
}
