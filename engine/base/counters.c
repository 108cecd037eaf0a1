/* Counters by name. There are few, so the list is searched from front to back. */
#include "base/counters.h"

#include "base/endian.h"
#include "base/error.h"

#include <string.h>

/* Keeps as much as there is room for of the first name that is refused. */
static void refuse(struct mr_counters *c, bool *fault, const char *name)
{
    if (!c->too_many && !c->too_long) {
        size_t size = strnlen(name, MR_COUNTER_NAME - 1);
        memcpy(c->refused, name, size);
        c->refused[size] = '\0';
    }
    *fault = true;
}

/* The counter of a name, a new one if there is none; NULL where the name is refused. */
static struct mr_counter *find(struct mr_counters *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->at[i].name, name) == 0)
            return &c->at[i];
    size_t size = strnlen(name, MR_COUNTER_NAME);
    if (size == MR_COUNTER_NAME) {
        refuse(c, &c->too_long, name);
        return NULL;
    }
    if (c->count == MR_COUNTERS_MAX) {
        refuse(c, &c->too_many, name);
        return NULL;
    }
    struct mr_counter *new = &c->at[c->count++];
    memcpy(new->name, name, size + 1);
    new->count = 0;
    return new;
}

void mr_counters_add(struct mr_counters *c, const char *name, uint64_t n)
{
    struct mr_counter *at = &c->at[c->last];
    if (c->last >= c->count || strcmp(at->name, name) != 0) {
        at = find(c, name);
        if (at == NULL)
            return;
        c->last = (size_t)(at - c->at);
    }
    at->count = n > UINT64_MAX - at->count ? UINT64_MAX : at->count + n;
}

void mr_counters_add_all(struct mr_counters *c, const struct mr_counters *other)
{
    for (size_t i = 0; i < other->count; i++)
        mr_counters_add(c, other->at[i].name, other->at[i].count);
    if (other->too_long)
        refuse(c, &c->too_long, other->refused);
    if (other->too_many)
        refuse(c, &c->too_many, other->refused);
}

int mr_counters_check(const struct mr_counters *c, struct mr_error *err)
{
    if (!c->too_many && !c->too_long)
        return 0;
    if (c->too_long)
        mr_error_set(err, "the job's counter '%s...' has too long a name: more than %d bytes",
                     c->refused, MR_COUNTER_NAME - 1);
    else
        mr_error_set(err, "the job has too many counters: '%s' is one more than %d", c->refused,
                     MR_COUNTERS_MAX);
    return mr_error_final(err);
}

void mr_counters_sort(struct mr_counters *c)
{
    for (size_t i = 1; i < c->count; i++) {
        struct mr_counter one = c->at[i];
        size_t to = i;
        for (; to > 0 && strcmp(c->at[to - 1].name, one.name) > 0; to--)
            c->at[to] = c->at[to - 1];
        c->at[to] = one;
    }
    c->last = 0;
}

void mr_counters_clear(struct mr_counters *c)
{
    c->count = c->last = 0;
    c->too_many = c->too_long = false;
}

int mr_counters_put(const struct mr_counters *c, struct mr_buffer *bytes)
{
    for (size_t i = 0; i < c->count; i++) {
        size_t size = strlen(c->at[i].name);
        unsigned char *to = mr_buffer_reserve(bytes, 1 + size + 8);
        if (to == NULL)
            return -1;
        to[0] = (unsigned char)size;
        memcpy(to + 1, c->at[i].name, size);
        mr_put64(to + 1 + size, c->at[i].count);
        bytes->size += 1 + size + 8;
    }
    return 0;
}

bool mr_counters_get(struct mr_counters *c, const unsigned char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        char name[MR_COUNTER_NAME];
        size_t length = bytes[at++];
        if (length >= sizeof name || length + 8 > size - at ||
            memchr(bytes + at, '\0', length) != NULL)
            return false;
        memcpy(name, bytes + at, length);
        name[length] = '\0';
        mr_counters_add(c, name, mr_get64(bytes + at + length));
        at += length + 8;
    }
    return true;
}
