/* A run's configuration by itself. */
#include "base/config.h"

#include "base/choices.h"
#include "base/context.h"
#include "base/error.h"

int mr_config_check(const struct mr_config *c, struct mr_error *err)
{
    if (c->overwrite && c->output_dir == NULL)
        return mr_error_set(err, "--overwrite is about an output directory (--output-dir); "
                                 "a file (--output) is replaced without it");
    if (c->ordered_parts && c->output_dir == NULL)
        return mr_error_set(err, "--ordered-parts is about an output directory (--output-dir); "
                                 "a file (--output) is in order without it");
    if (c->bad_records && c->skip_bad_records == 0)
        return mr_error_set(err, "--bad-records needs --skip-bad-records: without it none is "
                                 "passed over");
    if (c->resume && c->work_dir == NULL)
        return mr_error_set(err, "--resume needs --work-dir: the directory of the run to go on "
                                 "with");
    return 0;
}

/* The option given that is about the sum of all values, or NULL. */
static const char *option_of_sums(const struct mr_config *c)
{
    return c->percent ? "--percent" : c->others ? "--others" : NULL;
}

/* What reducers know that an option needs them for. */
static const char *needed_for(const struct mr_config *c)
{
    return c->by_file ? "which file is whose" : c->documents ? "in how many files a key stands"
                                                             : "how much all is";
}

/* Checks that there is what an option needs which has more in a line than a key and a value. */
static int check_needs(const struct mr_job *job, const struct mr_config *c, const char *option,
                       struct mr_error *err)
{
    const char *sums = option_of_sums(c);
    if (sums && (mr_makes_bytes(job) || job->combine != NULL))
        return mr_error_set(err, "%s is for sums of numbers, and the job '%s' has none", sums,
                            job->name);
    if (mr_makes_bytes(job))
        return mr_error_set(err, "%s is for numbers, and the job '%s' makes none", option,
                            job->name);
    if (c->no_reduce || job->no_reduce)
        return mr_error_set(err, "%s needs reducers (--reducers), which know %s", option,
                            needed_for(c));
    if (c->result != NULL)
        return mr_error_set(err, "%s is for an output's text, and mr_config.result is handed "
                                 "the result's records as they are", option);
    if ((c->format == MR_LINES && c->by_file) ||
        ((c->format == MR_LINES || c->format == MR_KEYS) && (c->percent || c->documents)))
        return mr_error_set(err, "%s has no place in --format=%s", option,
                            mr_format_names[c->format]);
    return 0;
}

/* Checks that such options can go together. */
static int check_together(const struct mr_config *c, struct mr_error *err)
{
    const char *sums = option_of_sums(c);
    if (c->by_file && c->documents)
        return mr_error_set(err, "--by-file and --documents cannot go together: what stands in a "
                                 "file stands in one file");
    if (c->by_file && sums && c->output_dir)
        return mr_error_set(err, "--by-file and %s cannot go together with --output-dir: no part "
                                 "knows how much there is of a file", sums);
    if (c->others && c->ordered_parts && c->output_dir && c->top != 0)
        return mr_error_set(err, "--others and --top cannot go together with --ordered-parts: no "
                                 "part knows what the others leave out");
    return 0;
}

/* Whether values that are bytes are what is written. */
static bool writes_bytes(const struct mr_job *job, const struct mr_config *c)
{
    return job->values == MR_BYTES || (mr_makes_bytes(job) && !c->no_reduce && !job->no_reduce);
}

int mr_config_check_count(const struct mr_job *job, size_t count, const char *extra,
                          struct mr_error *err)
{
    if (job->files == 0 || count == job->files)
        return 0;
    if (extra == NULL)
        return mr_error_set(err, "the job '%s' takes %zu files, and was given %zu", job->name,
                            job->files, count);
    return mr_error_set(err, "the job '%s' takes %zu files, and was given %zu: from '%s' on, one "
                             "too many", job->name, job->files, count, extra);
}

/* Checks the limits of in how many inputs a key stands. */
static int check_documents(const struct mr_config *c, struct mr_error *err)
{
    if (c->min_documents == 0 && c->max_documents == 0)
        return 0;
    if (!c->documents)
        return mr_error_set(err, "%s needs --documents, which finds out in how many files a key "
                                 "stands", c->min_documents ? "--min-documents"
                                                            : "--max-documents");
    if (c->max_documents > 0 && c->min_documents > c->max_documents)
        return mr_error_set(err, "nothing stands in at least %llu files (--min-documents) and in "
                                 "at most %llu (--max-documents)",
                            (unsigned long long)c->min_documents,
                            (unsigned long long)c->max_documents);
    return 0;
}

int mr_config_suits(const struct mr_config *c, const struct mr_job *job, struct mr_error *err)
{
    const char *option = c->by_file     ? "--by-file"
                         : c->documents ? "--documents"
                                        : option_of_sums(c);
    if (option != NULL && (check_needs(job, c, option, err) < 0 || check_together(c, err) < 0))
        return -1;
    if (check_documents(c, err) < 0)
        return -1;
    if (c->no_reduce && job->internal_values)
        return mr_error_set(err, "the job '%s' needs reducers (--reducers): what its map emits is "
                                 "no result yet", job->name);
    if (c->order == MR_BY_FIRST && !c->no_reduce && (mr_makes_bytes(job) || job->no_reduce))
        return mr_error_set(err, "the order of first appearance (--sort) is for numbers that are "
                                 "reduced, and the job '%s' has none with these options: choose "
                                 "another", job->name);
    if (c->format == MR_KEYS && writes_bytes(job, c))
        return mr_error_set(err, "--format=keys is for counts, and the job '%s' makes none: choose "
                                 "another", job->name);
    if (c->format == MR_UNIQ && writes_bytes(job, c))
        return mr_error_set(err, "the job '%s' makes no counts, which --format=uniq begins with: "
                                 "choose another", job->name);
    return 0;
}
