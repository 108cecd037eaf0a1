/*
 * Variables in the values of properties, as Hadoop has them: ${name} is the value of that property,
 * ${env.NAME} or ${env.NAME:-otherwise} what the environment has, and some names are Java's own.
 *
 *     a=1, b=${a}${env.USER}   ->   b=1root
 *
 * From the first one that stands for nothing on, a value stays as it is; all of it does where one
 * stands for itself, if only by way of others.
 */
#ifndef HADOOP_VARIABLES_H
#define HADOOP_VARIABLES_H

#include "properties.h"

/* Replaces those in all values. */
void variables_replace(struct properties *p);

#endif
