/*
 * hadoop aggregate SEPARATOR: -reducer aggregate, as a program between a feeder and wc-mr. Keys say
 * what is to be made of their values:
 *
 *     LongValueSum:to TAB 1 , LongValueSum:to TAB 2    ->    to TAB 3
 *
 * It gets each record as two lines, the key and the value, those of a key together.
 */
#ifndef HADOOP_AGGREGATE_H
#define HADOOP_AGGREGATE_H

#include <stddef.h>

/* Returns the exit status. */
int aggregate_main(char **words);

/* A number as Java prints it: 1.0, 0.001, 1.0E7, 1.2E-4. */
void aggregate_double(double number, char *to, size_t room);
void aggregate_float(float number, char *to, size_t room);

#endif
