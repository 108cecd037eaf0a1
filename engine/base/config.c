/* A run's configuration by itself. */
#include "base/config.h"

#include "base/choices.h"
#include "base/context.h"
#include "base/error.h"

#include <string.h>

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

/* ---- options about numbers -------------------------------------------------------------- */

/* They have more in a line than a key and a value, or leave lines out by that; those from OF_SUMS
 * on need the sum of all values. */
enum { BY_FILE, DOCUMENTS, MIN_DOCUMENTS, MAX_DOCUMENTS, PERCENT, OTHERS, ABOUT_NUMBERS,
       OF_SUMS = PERCENT };
static const char *const names[ABOUT_NUMBERS] = {
    [BY_FILE] = "by-file", [DOCUMENTS] = "documents",
    [MIN_DOCUMENTS] = "min-documents", [MAX_DOCUMENTS] = "max-documents",
    [PERCENT] = "percent", [OTHERS] = "others",
};

/* The first that is given, from one on; or ABOUT_NUMBERS. */
static unsigned next_given(const struct mr_config *c, unsigned from)
{
    const bool given[ABOUT_NUMBERS] = {
        [BY_FILE] = c->by_file, [DOCUMENTS] = c->documents,
        [MIN_DOCUMENTS] = c->min_documents > 0, [MAX_DOCUMENTS] = c->max_documents > 0,
        [PERCENT] = c->percent, [OTHERS] = c->others,
    };
    while (from < ABOUT_NUMBERS && !given[from])
        from++;
    return from;
}

/* Checks that the job makes what an option is about: numbers, or sums of them. */
static int check_numbers(const struct mr_job *job, const char *option, bool sums,
                         struct mr_error *err)
{
    if (sums && (mr_makes_bytes(job) || job->combine != NULL))
        return mr_error_set(err, "--%s is for sums of numbers, and the job '%s' has none", option,
                            job->name);
    if (mr_makes_bytes(job))
        return mr_error_set(err, "--%s is for numbers, and the job '%s' makes none", option,
                            job->name);
    return 0;
}

int mr_config_suits_option(const char *name, const struct mr_job *job, struct mr_error *err)
{
    for (unsigned option = 0; option < ABOUT_NUMBERS; option++)
        if (strcmp(name, names[option]) == 0)
            return check_numbers(job, name, option >= OF_SUMS, err);
    return 0;
}

/* What reducers know that an option needs them for. */
static const char *needed_for(unsigned option)
{
    return option == BY_FILE ? "which file is whose"
           : option < OF_SUMS ? "in how many files a key stands"
                              : "how much all is";
}

/* Checks that there is what they need that are given, the first of which is this one. */
static int check_needs(const struct mr_job *job, const struct mr_config *c, unsigned option,
                       struct mr_error *err)
{
    if (c->no_reduce || job->no_reduce)
        return mr_error_set(err, "--%s needs reducers (--reducers), which know %s", names[option],
                            needed_for(option));
    if (c->result != NULL)
        return mr_error_set(err, "--%s is for an output's text, and mr_config.result is handed "
                                 "the result's records as they are", names[option]);
    if ((c->format == MR_LINES && c->by_file) ||
        ((c->format == MR_LINES || c->format == MR_KEYS) && (c->percent || c->documents)))
        return mr_error_set(err, "--%s has no place in --format=%s", names[option],
                            mr_format_names[c->format]);
    return 0;
}

/* Checks that such options can go together. */
static int check_together(const struct mr_config *c, struct mr_error *err)
{
    const unsigned sums = next_given(c, OF_SUMS);
    if (c->by_file && c->documents)
        return mr_error_set(err, "--by-file and --documents cannot go together: what stands in a "
                                 "file stands in one file");
    if (c->by_file && sums < ABOUT_NUMBERS && c->output_dir)
        return mr_error_set(err, "--by-file and --%s cannot go together with --output-dir: no part "
                                 "knows how much there is of a file", names[sums]);
    if (c->others && c->ordered_parts && c->output_dir && c->top != 0)
        return mr_error_set(err, "--others and --top cannot go together with --ordered-parts: no "
                                 "part knows what the others leave out");
    return 0;
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

/* Checks all of them that are given. */
static int check_about_numbers(const struct mr_config *c, const struct mr_job *job,
                               struct mr_error *err)
{
    const unsigned first = next_given(c, 0);
    for (unsigned option = first; option < ABOUT_NUMBERS; option = next_given(c, option + 1))
        if (check_numbers(job, names[option], option >= OF_SUMS, err) < 0)
            return -1;
    if (first == ABOUT_NUMBERS)
        return 0;
    if (check_documents(c, err) < 0 || check_needs(job, c, first, err) < 0)
        return -1;
    return check_together(c, err);
}

/* ---- all -------------------------------------------------------------------------------- */

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

int mr_config_suits(const struct mr_config *c, const struct mr_job *job, struct mr_error *err)
{
    if (check_about_numbers(c, job, err) < 0)
        return -1;
    if (c->no_reduce && job->internal_values)
        return mr_error_set(err, "the job '%s' needs reducers (--reducers): what its map emits is "
                                 "no result yet", job->name);
    if (c->order == MR_BY_FIRST && !c->no_reduce && (mr_makes_bytes(job) || job->no_reduce))
        return mr_error_set(err, "the order of first appearance (--sort) is for numbers that are "
                                 "reduced, and the job '%s' has none with these options: choose "
                                 "another", job->name);
    if (!mr_format_is_of(job, c->format) && writes_bytes(job, c))
        return mr_error_set(err, "--format=%s is for counts, and the job '%s' makes none: choose "
                                 "another", mr_format_names[c->format], job->name);
    return 0;
}
