/* The table of zstd's seekable format. */
#include "input/zstd_seekable.h"

#include "base/endian.h"

#include <string.h>

enum {
    FOOT = 9,
    ENTRY = 8,
    CHECKED = 0x80,  /* each entry has a checksum, which zstd's own are enough without */
    RESERVED = 0x7C  /* of a later version */
};

/* Looks for the table, at the file's end. Returns 1, 0 or -1. */
static int find_table(struct mr_zstd_seekable *s, uint64_t size, struct mr_error *err)
{
    const unsigned char *foot;
    s->looked_for = true;
    int found = size < FOOT ? 0 : mr_peek_at(&s->peek, size - FOOT, FOOT, &foot, err);
    if (found <= 0)
        return found;
    unsigned flags = foot[4];
    if (memcmp(foot + 5, "\xB1\xEA\x92\x8F", 4) != 0 || (flags & RESERVED) != 0)
        return 0;
    s->entry = flags & CHECKED ? ENTRY + 4 : ENTRY;
    uint64_t count = mr_get32(foot), table = count * s->entry + FOOT;
    if (table > size)
        return 0;
    s->at = size - table;
    s->left = count;
    return 1;
}

int mr_seekable_find(struct mr_zstd_seekable *s, const struct mr_peek *file, uint64_t at,
                     struct mr_member *member, struct mr_error *err)
{
    const unsigned char *entry;
    int found = 1;
    if (!s->looked_for) {
        s->peek = (struct mr_peek){ .source = file->source, .fd = file->fd };
        found = find_table(s, file->source->size, err);
    }
    while (found > 0 && s->left > 0 && s->place <= at) {
        found = mr_peek_at(&s->peek, s->at, s->entry, &entry, err);
        if (found <= 0)
            break;
        *member = (struct mr_member){ mr_get32(entry), mr_get32(entry + 4) };
        bool here = s->place == at;
        s->at += s->entry;
        s->place += member->size;
        s->left--;
        if (here)
            return 1;
    }
    return found < 0 ? -1 : 0;
}
