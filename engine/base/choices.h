/* The names of a job's choices and of options' values, for messages, help and the parser: each list
 * of names stands here alone. */
#ifndef MR_BASE_CHOICES_H
#define MR_BASE_CHOICES_H

#include "mapreduce.h"

/* In the order of enum mr_format, and NULL. */
extern const char *const mr_format_names[];

/* "auto" and those of all scan kernels, on any machine, and NULL. */
extern const char *const mr_kernel_names[];

/* How a job calls its keys, its values, and the sum of these. */
const char *mr_key_name(const struct mr_job *job);
const char *mr_value_name(const struct mr_job *job);
const char *mr_sum_name(const struct mr_job *job);

/* How it calls an order: by what is compared first. */
const char *mr_order_name(const struct mr_job *job, enum mr_order order);

/* Whether its result may be asked for in an order: bytes are in that of their keys only. */
bool mr_order_is_of(const struct mr_job *job, enum mr_order order);

/* Whether it may be written in a format, with reducers: uniq and keys are for numbers. */
bool mr_format_is_of(const struct mr_job *job, enum mr_format format);

#endif
