/* What the tests of texts share: one written to a spool, and one read back. */
#ifndef TEXTS_H
#define TEXTS_H

#include "support.h"
#include "write/text.h"

/* Writes bytes as text number `number` to a new spool, in pieces of at most `piece` bytes, and
 * commits it. */
HELPER void write_text(struct mr_spool *spool, const char *name, uint32_t number,
                       const void *bytes, size_t size, size_t piece)
{
    static _Atomic uint64_t progress;
    struct mr_text text = { .gather = 3 * piece, .spool = spool, .store = store,
                            .number = number, .progress = &progress };
    mr_spool_create(spool, store, name, 1);
    for (size_t at = 0; at < size;) {
        size_t part = size - at < piece ? size - at : piece;
        unsigned char *to = mr_text_reserve(&text, part, &err);
        check(to != NULL);
        memcpy(to, (const char *)bytes + at, part);
        mr_text_take(&text, to + part);
        at += part;
    }
    must(mr_text_finish(&text, &err));
    check(text.bytes == size);
    mr_text_release(&text);
    must(mr_spool_commit(spool, store, &err));
}

/* Reads a text back, with a NUL behind it, to be freed. */
HELPER char *read_text(const struct mr_spool *spool, uint32_t number, size_t *size)
{
    static _Atomic uint64_t progress;
    char path[sizeof store->directory + 32];
    snprintf(path, sizeof path, "%s/read-text", store->directory);
    int out = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    struct mr_text_copy copy = { .out = out, .progress = &progress };
    must(mr_text_copy(&copy, spool, store, number, &err));
    close(out);
    char *bytes = read_file(path, size);
    check(*size == copy.copied);
    unlink(path);
    return bytes;
}

#endif
