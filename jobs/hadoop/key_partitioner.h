/*
 * Which reducer gets a key: KeyFieldBasedPartitioner's options, as wc-mr's --partition-by has them:
 *
 *     -k1,2 -k 4    ->    1-2,4-
 *
 * (KeyFieldBasedComparator's options are those of --sort-by as they stand.)
 */
#ifndef HADOOP_KEY_PARTITIONER_H
#define HADOOP_KEY_PARTITIONER_H

#include "mapreduce.h"

/* Returns 0 or -1. No options: an empty list. */
int key_partitioner_fields(const char *options, char **list, struct mr_error *err);

#endif
