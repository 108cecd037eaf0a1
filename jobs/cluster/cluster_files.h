/* Files that the program has in it, made by the build: cluster.sh and spark.py. */
#ifndef CLUSTER_FILES_H
#define CLUSTER_FILES_H

#include <stddef.h>

extern const unsigned char cluster_sh[], spark_py[];
extern const size_t cluster_sh_size, spark_py_size;

#endif
