/*
 * A job's properties (-D name=value), of which many have an old name and a new one: what is set by
 * one can be asked for by the other, and programs see both in their environment.
 */
#ifndef HADOOP_PROPERTIES_H
#define HADOOP_PROPERTIES_H

#include "mapreduce.h"
#include "text.h"
#include "text/separator.h"

struct properties {
    struct list names, values;
};

void property_set(struct properties *p, const char *name, const char *value);

/* Adds properties that rank below those that are there. */
void properties_put_below(struct properties *p, const struct properties *below);

/* What was set last by this name or its other one; otherwise what is given, as where that is empty:
 * Hadoop's tasks do not see such. */
const char *property_get(const struct properties *p, const char *name, const char *otherwise);

bool property_is_true(const struct properties *p, const char *name);

/* true or false; what it is where it is not set, or neither. */
bool property_flag(const struct properties *p, const char *name, bool otherwise);

/* A whole number, which one that is empty is not. Returns 0 or -1. */
int property_number(const struct properties *p, const char *name, uint64_t otherwise,
                    uint64_t *number, struct mr_error *err);

/* What separates fields, usually a tab; how many fields, usually 1. Return 0 or -1. */
int property_separator(const struct properties *p, const char *name, struct separator *separator,
                       struct mr_error *err);
int property_fields(const struct properties *p, const char *name, uint64_t *number,
                    struct mr_error *err);

/* The other name of a property; NULL: it has none. */
const char *property_other_name(const char *name);

/* Adds NAME=VALUE for each, as environments have it: what is neither a letter nor a digit is _. */
void property_environment(const struct properties *p, struct list *environment);

#endif
