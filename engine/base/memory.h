/*
 * Large memory straight from the kernel: zeroed on first touch, so that a table costs only
 * what is used of it, and returned at once when released.
 */
#ifndef MR_BASE_MEMORY_H
#define MR_BASE_MEMORY_H

#include "mapreduce.h"

/* Gets size bytes (rounded up to pages) of private zeroed memory. NULL when there is none. */
void *mr_memory_get(size_t size);

/* The same for memory that will be used all over, at random: on huge pages where the kernel has
 * them to give. */
void *mr_memory_get_huge(size_t size);

/* Has what is not yet touched of such memory be on huge pages. */
void mr_memory_make_huge(void *at, size_t size);

/* As mr_memory_get, but shared with the processes forked from now on. */
void *mr_memory_get_shared(size_t size);

/* Makes room for one more than count elements, of each bytes, in an array from malloc (NULL: none
 * yet) that was allocated for *capacity of them. what names it in a message. Returns the array,
 * which may have moved, or NULL with the array as it was. */
void *mr_memory_grow(void *at, size_t *capacity, size_t count, size_t each, const char *what,
                     struct mr_error *err);

/* Gives back size bytes that one of the first three gave; at may be NULL. */
void mr_memory_release(void *at, size_t size);

#endif
