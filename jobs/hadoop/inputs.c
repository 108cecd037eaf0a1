/* The files that a job reads: those that -input names, and those in directories that it names. */
#include "job.h"

#include "input_coding.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define UNCUT ((uint64_t)1 << 50) /* bytes, more than a file has */

static bool is_hidden(const char *name)
{
    return *name == '_' || *name == '.';
}

static int add_file(struct job *j, const struct place *p, struct mr_error *err)
{
    struct stat st;
    if (stat(p->local, &st) < 0)
        return mr_error_set(err, "cannot read '%s': %s", p->shown, strerror(errno)),
               JOB_IO_ERROR;
    j->input_bytes += (uint64_t)st.st_size;
    if (j->input_format == INPUT_MARKED && input_is_compressed(p->local))
        j->split_size = UNCUT; /* of a record that is cut, the rest is only found in plain files */
    list_add(&j->inputs, p->local);
    return JOB_DONE;
}

/* The files in a directory; where the job asks for that, those below it, too. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as directories are */
static int add_directory(struct job *j, const struct place *p, struct mr_error *err)
{
    static const char recursive[] = "mapreduce.input.fileinputformat.input.dir.recursive";
    struct list names = { 0 };
    int status = JOB_DONE;
    if (path_names(p->local, &names) < 0)
        return mr_error_set(err, "cannot read '%s': %s", p->shown, strerror(errno)),
               JOB_IO_ERROR;
    for (size_t i = 0; i < names.count && status == JOB_DONE; i++) {
        struct place below = path_below(p, names.at[i]);
        struct stat st;
        bool directory = stat(below.local, &st) == 0 && S_ISDIR(st.st_mode);
        if (is_hidden(names.at[i]))
            continue;
        if (!directory)
            status = add_file(j, &below, err);
        else if (property_is_true(&j->streaming.properties, recursive))
            status = add_directory(j, &below, err);
        else
            return mr_error_set(err, "Not a file: '%s' (a directory in an input directory; "
                                     "-D %s=true reads it, too)", below.shown, recursive),
                   JOB_IO_ERROR;
    }
    return status;
}

static int missing(const struct job *j, const char *input, struct mr_error *err)
{
    struct file_systems here = { j->fs->root, true };
    struct places found = { 0 };
    struct mr_error ignored;
    bool local = path_match(&here, input, &found, &ignored) == 0 && found.count > 0 &&
                 strchr(input, ':') == NULL;
    if (local)
        (void)mr_error_set(err, "Input path does not exist: '%s' (a path without a scheme is in "
                                "hdfs://; a file of this machine is file://%s)", input,
                           found.at[0].local);
    else
        (void)mr_error_set(err, "Input path does not exist: '%s'", input);
    return JOB_IO_ERROR;
}

/* All that an input stands for; a pattern finds nothing that is hidden. Returns 0 or -1. */
static int find_places(const struct job *j, const char *input, struct places *found,
                       struct mr_error *err)
{
    struct place named;
    size_t kept = 0;
    if (path_find(j->fs, input, &named, err) < 0 || path_match(j->fs, input, found, err) < 0)
        return -1;
    for (size_t i = 0; i < found->count; i++)
        if (!is_hidden(text_base_name(found->at[i].local)) ||
            text_is(found->at[i].local, named.local))
            found->at[kept++] = found->at[i];
    found->count = kept;
    return 0;
}

int job_find_inputs(struct job *j, struct mr_error *err)
{
    const struct list *inputs = &j->streaming.inputs;
    int status = JOB_DONE;
    for (size_t i = 0; i < inputs->count && status == JOB_DONE; i++) {
        struct places found = { 0 };
        if (find_places(j, inputs->at[i], &found, err) < 0)
            return JOB_INVALID;
        if (found.count == 0)
            return missing(j, inputs->at[i], err);
        for (size_t k = 0; k < found.count && status == JOB_DONE; k++) {
            struct stat st;
            bool directory = stat(found.at[k].local, &st) == 0 && S_ISDIR(st.st_mode);
            status = directory ? add_directory(j, &found.at[k], err)
                               : add_file(j, &found.at[k], err);
        }
    }
    return status;
}
