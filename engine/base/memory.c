/* Large memory straight from the kernel. */
#include "base/memory.h"

#include <stdint.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

static void *get(size_t size, int sharing)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

void *mr_memory_get(size_t size)
{
    return get(size, MAP_PRIVATE);
}

void *mr_memory_get_shared(size_t size)
{
    return get(size, MAP_SHARED);
}

void mr_memory_huge(void *at, size_t size)
{
    /* Only a hint: without huge pages everything works, with more cache misses. */
    if (size >= 2 * HUGE_PAGE)
        madvise(at, size, MADV_HUGEPAGE);
}

void mr_memory_release(void *at, size_t size)
{
    if (at != NULL)
        munmap(at, size);
}
