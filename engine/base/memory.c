/* Large memory straight from the kernel. */
#include "base/memory.h"

#include "base/error.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

static void *get(size_t size, int sharing)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    return at;
}

void *mr_memory_get(size_t size)
{
    return get(size, MAP_PRIVATE);
}

void *mr_memory_get_huge(size_t size)
{
    void *at = mr_memory_get(size);
    if (at != NULL)
        mr_memory_make_huge(at, size);
    return at;
}

void mr_memory_make_huge(void *at, size_t size)
{
    if (size >= HUGE_PAGE)
        (void)madvise(at, size, MADV_HUGEPAGE); /* else on small ones */
}

void *mr_memory_get_shared(size_t size)
{
    return get(size, MAP_SHARED);
}

void *mr_memory_grow(void *at, size_t *capacity, size_t count, size_t each, const char *what,
                     struct mr_error *err)
{
    if (count < *capacity)
        return at;
    size_t more = *capacity ? 2 * *capacity : 16;
    void *bigger = realloc(at, more * each);
    if (bigger == NULL)
        mr_error_memory(err, more * each, what);
    else
        *capacity = more;
    return bigger;
}

void mr_memory_release(void *at, size_t size)
{
    if (at != NULL)
        munmap(at, size);
}
