/*
 * Which reducer gets a key: KeyFieldBasedPartitioner's options, as wc-mr's --partition-by has them:
 *
 *     -k1,2 -k 4.2n    ->    -k1,2 -k4.2
 *
 * (KeyFieldBasedComparator's options are those of --sort-by as they stand.)
 */
#ifndef HADOOP_KEY_PARTITIONER_H
#define HADOOP_KEY_PARTITIONER_H

#include "mapreduce.h"

/* Returns 0 or -1. No options: empty. */
int key_partitioner_fields(const char *options, char **keys, struct mr_error *err);

#endif
