/* Keys at fault, by their bytes. */
#include "base/context.h"
#include "partition/hash.h"

static struct mr_fingerprint fingerprint_of(const void *key, size_t size)
{
    struct mr_fingerprint print = { .hash = mr_hash(size ? key : "", size), .size = size };
    print.shown = size < MR_KEY_SHOWN ? (uint32_t)size : MR_KEY_SHOWN;
    if (size > 0)
        memcpy(print.bytes, key, print.shown);
    return print;
}

void mr_blame_key(struct mr_context *c, const void *key, size_t size)
{
    if (c->mark == NULL)
        return;
    c->mark->key = fingerprint_of(key, size);
    mr_mark_excerpt(c->mark, true, key, size);
    c->mark->exact = c->mark->chosen = true;
    c->mark->known = c->bad ? c->bad->count : 0;
    mr_mark_enter(c->mark, MR_IN_REDUCE);
}

void mr_show_key(struct mr_context *c, const void *bytes, size_t size)
{
    if (c->mark != NULL && c->mark->chosen)
        mr_mark_excerpt(c->mark, true, bytes, size);
}

bool mr_is_passed_over(const struct mr_context *c, const void *key, size_t size)
{
    if (c->bad == NULL || c->bad->count == 0)
        return false;
    struct mr_fingerprint print = fingerprint_of(key, size);
    return mr_bad_has_key(c->bad, &print);
}
