/*
 * The output as Hadoop names it: part-00000 and so on, and _SUCCESS; compressed where that is asked
 * for. It is made beside its place, and put there when it is whole.
 */
#include "job.h"

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

static int finish_part(struct job *j, const char *part, size_t number, const struct codec *codec,
                       struct mr_error *err)
{
    char *from = text_format("%s/%s", j->stage, part);
    char *to = text_format("%s/part-%05zu", j->stage, number);
    struct stat st;
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
    return rename(j->stage, j->output.local) == 0
               ? 0
               : mr_error_set(err, "cannot put the output at '%s': %s", j->output.shown,
                              strerror(errno));
}
