/*
 * The output as Hadoop names it: part-00000 and so on, and _SUCCESS; compressed where that is asked
 * for. It is made next to its place, and put there when it is whole.
 */
#include "job.h"

#include "attempt.h"
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct codec {
    const char *name, *program, *suffix;
};

static const struct codec codecs[] = {
    { "GzipCodec", "gzip", ".gz" },
    { "BZip2Codec", "bzip2", ".bz2" },
    { "ZStandardCodec", "zstd", ".zst" },
};

/* What compresses; NULL: nothing is to be. Returns 0 or -1. */
static int find_codec(const struct job *j, const struct codec **codec, struct mr_error *err)
{
    const struct properties *p = &j->streaming.properties;
    const char *class = property_get(p, "mapreduce.output.fileoutputformat.compress.codec", "");
    const char *dot = strrchr(class, '.');
    *codec = NULL;
    if (!property_is_true(p, "mapreduce.output.fileoutputformat.compress"))
        return 0;
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (text_is(dot ? dot + 1 : class, codecs[i].name))
            *codec = &codecs[i];
    return *codec != NULL
               ? 0
               : mr_error_set(err, "-D mapreduce.output.fileoutputformat.compress.codec='%s': "
                                   "GzipCodec, BZip2Codec and ZStandardCodec are there", class);
}

int job_check_output(const struct job *j, struct mr_error *err)
{
    const struct codec *codec;
    return find_codec(j, &codec, err);
}

static int finish_part(struct job *j, const char *part, size_t number, const struct codec *codec,
                       struct mr_error *err)
{
    char *from = text_format("%s/%s", j->stage, part);
    char *to = text_format("%s/part-%05zu", j->stage, number);
    struct stat st;
    if (j->streaming.lazy && stat(from, &st) == 0 && st.st_size == 0 && remove(from) == 0)
        return 0;
    if (rename(from, to) < 0)
        return mr_error_set(err, "cannot name '%s': %s", to, strerror(errno));
    int status = codec ? RUN(codec->program, "-q", "-f", to) : 0;
    if (status != 0)
        return mr_error_set(err, "'%s' cannot be compressed: %s ended with status %d", to,
                            codec->program, status);
    char *made = text_format("%s%s", to, codec ? codec->suffix : "");
    if (codec && text_is(codec->program, "zstd"))
        (void)remove(to);
    if (stat(made, &st) == 0)
        j->output_bytes += (uint64_t)st.st_size;
    return 0;
}

static bool has_name(const struct list *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (text_is(names->at[i], name))
            return true;
    return false;
}

/* What attempts that count have put into directories of their own. */
static int add_side_files(const struct job *j, struct mr_error *err)
{
    struct list attempts = { 0 }, own = { 0 };
    if (path_names(j->side, &attempts) < 0)
        return 0; /* no program was started */
    if (path_names(j->stage, &own) < 0)
        return mr_error_set(err, "cannot read '%s': %s", j->stage, strerror(errno));
    for (size_t i = 0; i < attempts.count; i++) {
        char *from = text_format("%s/%s", j->side, attempts.at[i]);
        struct list names = { 0 };
        if (!attempt_is_last(&attempts, i) || path_names(from, &names) < 0)
            continue;
        for (size_t k = 0; k < names.count; k++)
            if (has_name(&own, names.at[k]))
                return mr_error_set(err, "'%s' of a task has the name of a file of the result: "
                                         "give it another", names.at[k]), -1;
            else if (rename(text_format("%s/%s", from, names.at[k]),
                            text_format("%s/%s", j->stage, names.at[k])) < 0)
                return mr_error_set(err, "cannot move '%s' of a task into the output: %s",
                                    names.at[k], strerror(errno)), -1;
    }
    return 0;
}

int job_finish_output(struct job *j, struct mr_error *err)
{
    const struct codec *codec;
    struct list names = { 0 };
    size_t number = 0;
    if (find_codec(j, &codec, err) < 0)
        return -1;
    if (path_names(j->stage, &names) < 0)
        return mr_error_set(err, "cannot read '%s': %s", j->stage, strerror(errno));
    for (size_t i = 0; i < names.count; i++)
        if (text_begins(names.at[i], "part-") &&
            finish_part(j, names.at[i], number++, codec, err) < 0)
            return -1;
    if (add_side_files(j, err) < 0)
        return -1;
    return rename(j->stage, j->output.local) == 0
               ? 0
               : mr_error_set(err, "cannot put the output at '%s': %s", j->output.shown,
                              strerror(errno));
}
