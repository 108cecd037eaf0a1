/* Names of choices. */
#include "base/choices.h"

#include "base/context.h"

const char *const mr_format_names[] = {
    [MR_TSV] = "tsv",   [MR_CSV] = "csv",     [MR_JSONL] = "jsonl", [MR_COLON] = "colon",
    [MR_UNIQ] = "uniq", [MR_LINES] = "lines", [MR_KEYS] = "keys",   NULL,
};
_Static_assert(sizeof mr_format_names / sizeof *mr_format_names == MR_FORMATS + 1,
               "each format has a name");

const char *const mr_kernel_names[] = { "auto", "portable", "avx2", "neon", NULL };

const char *mr_key_name(const struct mr_job *job)
{
    return job->key_name && *job->key_name ? job->key_name : "key";
}

const char *mr_value_name(const struct mr_job *job)
{
    return job->value_name ? job->value_name : "value";
}

const char *mr_sum_name(const struct mr_job *job)
{
    return job->sum_name ? job->sum_name : "sum of values";
}

const char *mr_order_name(const struct mr_job *job, enum mr_order order)
{
    switch (order) {
    case MR_BY_VALUE: return mr_value_name(job);
    case MR_BY_KEY: return mr_key_name(job);
    case MR_BY_FIRST: return "first";
    case MR_ORDERS: break;
    }
    return NULL;
}

bool mr_order_is_of(const struct mr_job *job, enum mr_order order)
{
    return !mr_makes_bytes(job) || order == MR_BY_KEY;
}

bool mr_format_is_of(const struct mr_job *job, enum mr_format format)
{
    return !mr_makes_bytes(job) || (format != MR_UNIQ && format != MR_KEYS);
}
