/* The error of a record whose value overflows. */
#include "store/record.h"

#include "base/error.h"
#include "base/utf8.h"

#include <string.h>

int mr_record_overflow(const struct mr_record *r, size_t head, struct mr_error *err)
{
    enum { SHOWN = 64 }; /* bytes of a key: enough to find it */
    char key[SHOWN + 1] = "";
    const unsigned char *from = r->out_of_line ? r->key + MR_LOCATOR_SIZE - 8 : r->key;
    size_t size = r->out_of_line ? 8 : r->size < SHOWN ? r->size : SHOWN;
    bool cut = r->out_of_line || size < r->size;
    from += head;
    size -= head;
    if (cut)
        size -= mr_utf8_unfinished(from, size);
    memcpy(key, from, size);
    for (char *nul; (nul = memchr(key, '\0', size)) != NULL;)
        *nul = '?';
    mr_error_set(err, "the values of the key '%s'%s add up to more than 64 bits hold (2^64 - 1): "
                      "make them smaller, or combine them in another way than by adding",
                 key, cut ? "..." : "");
    return mr_error_final(err);
}
