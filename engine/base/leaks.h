/*
 * Leaks, which builds with AddressSanitizer look for at the end of each worker; others do not.
 */
#ifndef MR_BASE_LEAKS_H
#define MR_BASE_LEAKS_H

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define MR_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MR_LEAKS 1
#endif
#endif

#ifdef MR_LEAKS
#include <sanitizer/lsan_interface.h>
#endif

/* Looks for leaks, as _exit does not; ends the process where there are any. */
static inline void mr_leaks_check(void)
{
#ifdef MR_LEAKS
    __lsan_do_leak_check();
#endif
}

/* Frees memory whose owner was not asked to give back what it leads to: that is no leak. */
static inline void mr_leaks_abandon(void *memory)
{
#ifdef MR_LEAKS
    if (memory)
        __lsan_ignore_object(memory); /* and all that it leads to, as long as it is there */
#else
    free(memory);
#endif
}

#endif
