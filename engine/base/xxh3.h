/* XXH3, by the xxHash library, compiled into its callers: they hash too often for a call each. */
#ifndef MR_BASE_XXH3_H
#define MR_BASE_XXH3_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#endif
