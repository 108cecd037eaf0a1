/*
 * Dropping many files at once, by several threads side by side.
 *
 * The kernel takes about a tenth of a millisecond to free a megabyte of a file in memory, and
 * when the reducers are done everybody waits for it: of nearly distinct keys that would be a
 * fifteenth of the run, and more of it the more processors there are. Each thread takes the next
 * file until there is none left.
 */
#ifndef MR_CONTROL_DROP_H
#define MR_CONTROL_DROP_H

#include "store/spool.h"

/* Drops count spools of a store, by so many threads at most, the caller's one of them. With keep,
 * what is committed to a store that is kept stays there. */
void mr_spools_drop(struct mr_spool *spools, size_t count, struct mr_store *store,
                    unsigned threads, bool keep);

#endif
