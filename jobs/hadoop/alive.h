/* Signs of life, by which wc-mr knows that a task is not hung. */
#ifndef HADOOP_ALIVE_H
#define HADOOP_ALIVE_H

#include <stdint.h>

/* Gives one, if none was given in this tenth of a second yet, of which *told has note: a second is
 * the least time that a program may be silent for. */
void alive_tell(int64_t *told);

#endif
