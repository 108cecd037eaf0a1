/* Signs of life, by which wc-mr knows that a task is not hung. */
#ifndef HADOOP_ALIVE_H
#define HADOOP_ALIVE_H

#include <time.h>

/* Gives one, if none was given in this second yet, of which *told has note. */
void alive_tell(time_t *told);

#endif
