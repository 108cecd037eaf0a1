/* The word count job. */
#ifndef WORDCOUNT_H
#define WORDCOUNT_H

#include "mapreduce.h"

extern const struct mr_job wordcount;

#endif
