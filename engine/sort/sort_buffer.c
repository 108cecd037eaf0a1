/* The sort buffer: records and their entries in one region. */
#include "sort/sort_buffer.h"

#include "base/error.h"
#include "base/memory.h"

int mr_sort_buffer_init(struct mr_sort_buffer *p, size_t memory, struct mr_error *err)
{
    size_t limit = (size_t)UINT32_MAX & ~(size_t)4095; /* entries point with 32 bits */
    memset(p, 0, sizeof *p);
    p->size = (memory < limit ? memory : limit) & ~(size_t)63;
    p->region = mr_memory_get(p->size);
    return p->region ? 0 : mr_error_memory(err, memory, "records to be sorted");
}

void mr_sort_buffer_release(struct mr_sort_buffer *p)
{
    mr_memory_release(p->region, p->size);
    memset(p, 0, sizeof *p);
}

void mr_sort_buffer_use_huge(struct mr_sort_buffer *p)
{
    enum { LARGE = 1 << 20 };
    if (p->huge || p->used < LARGE)
        return;
    mr_memory_make_huge(p->region, p->size);
    p->huge = true;
}

unsigned char *mr_sort_buffer_add(struct mr_sort_buffer *p, const struct mr_record *r,
                                  const struct mr_value *value)
{
    if (!mr_sort_buffer_has_room(p, mr_sort_buffer_takes(r, value)))
        return NULL;
    unsigned char *to = mr_sort_buffer_put(p, r, mr_record_slice(r));
    unsigned char *end = mr_sort_buffer_copy(to, r, value);
    p->used = (size_t)(end - p->region);
    return value ? end - value->size : end;
}
