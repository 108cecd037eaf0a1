/*
 * BGZF, as bgzip writes it: gzip members of up to 64 KB, each of which says in a field of its head
 * how large it is. What it holds is, as always, its last four bytes.
 *
 *     1F 8B 8 4  time (4)  level  system   6 0  B C 2 0  size - 1 (2)   blocks   CRC (4)  holds (4)
 *
 * The last one holds nothing, so that a file that was cut between two of them is known.
 */
#include "input/bgzf.h"

#include "base/endian.h"

#include <string.h>

enum {
    FIELDS = 10, /* where they begin, and the first is this one */
    SIZE = 16,
    HEAD = 18,
    TAIL = 8,
    HOLDS_MAX = 1 << 16
};

bool mr_bgzf_begins(const unsigned char *head, size_t size)
{
    return size >= HEAD && memcmp(head, "\x1F\x8B\x08\x04", 4) == 0 &&
           memcmp(head + FIELDS, "\6\0BC\2", 6) == 0;
}

int mr_bgzf_measure(struct mr_members *m, struct mr_error *err)
{
    const unsigned char *bytes;
    int found = mr_peek_at(&m->peek, m->at, HEAD, &bytes, err);
    if (found <= 0 || !mr_bgzf_begins(bytes, HEAD))
        return found < 0 ? -1 : 0;
    uint64_t size = (uint64_t)mr_get16(bytes + SIZE) + 1;
    if (size < HEAD + TAIL)
        return 0;
    found = mr_peek_at(&m->peek, m->at + size - 4, 4, &bytes, err);
    if (found <= 0)
        return found;
    m->member = (struct mr_member){ size, mr_get32(bytes) };
    return m->member.holds <= HOLDS_MAX;
}
