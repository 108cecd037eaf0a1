/*
 * Large memory straight from the kernel: zeroed on first touch, so that a table costs only
 * what is used of it, returned at once when released, and on huge pages where that pays.
 */
#ifndef MR_BASE_MEMORY_H
#define MR_BASE_MEMORY_H

#include <stddef.h>

/* Gets size bytes (rounded up to pages) of private zeroed memory. NULL when there is none. */
void *mr_memory_get(size_t size);

/* The same, shared with the processes forked from now on. */
void *mr_memory_get_shared(size_t size);

/* Asks for huge pages for a region that will be used at random and nearly whole. */
void mr_memory_huge(void *at, size_t size);

/* Gives back what mr_memory_get gave; at may be NULL. */
void mr_memory_release(void *at, size_t size);

#endif
