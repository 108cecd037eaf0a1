/*
 * A key's lines, those of the first file before those of the second, and what join prints of them.
 *
 * The first file's are held, and if they are more than one the second's, too, to print each with
 * each; what may be held is a share of -S.
 */
#ifndef JOIN_GROUP_H
#define JOIN_GROUP_H

#include "join_pair.h"
#include "text/bytes.h"

/* What a reduce task has, whose memory the next key has, too. */
struct join_group {
    struct bytes held;     /* lines of the first file, then of the second, each behind its size */
    size_t end;            /* of the first's */
    struct join_pair pair; /* the lines at hand */
};

/* Emits what is printed of a key, whose values are a line each and a byte behind it that tells its
 * file: as reduce_values of struct mr_job. */
int join_group_reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                      struct mr_context *out);

#endif
