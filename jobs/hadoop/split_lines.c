/*
 * NLineInputFormat: each N lines are a mapper's, and come to it with where they begin in the file:
 *
 *     "to be\nor not\n"    ->    splits/000000: "0 TAB to be",  splits/000001: "6 TAB or not"
 *
 * Each split is a file of its own, so that it has a program of its own; origins/ has a link of the
 * same name that says where it begins in which file.
 */
#include "job.h"

#include "input_coding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct splitting {
    const struct job *job;
    uint64_t lines;    /* of a split */
    struct list made;  /* splits */
    uint64_t largest;  /* bytes of one */
    FILE *split;       /* the one that is being written, or NULL */
    uint64_t in_split; /* lines */
};

static int cannot(const char *what, const char *path, struct mr_error *err)
{
    return mr_error_set(err, "cannot %s '%s': %s", what, path, strerror(errno)), -1;
}

static int close_split(struct splitting *s, struct mr_error *err)
{
    long size = s->split ? ftell(s->split) : 0;
    FILE *file = s->split;
    s->split = NULL;
    s->in_split = 0;
    if (size > 0 && (uint64_t)size > s->largest)
        s->largest = (uint64_t)size;
    return file == NULL || fclose(file) == 0
               ? 0
               : cannot("write", s->made.at[s->made.count - 1], err);
}

static int open_split(struct splitting *s, const char *file, uint64_t offset, struct mr_error *err)
{
    const char *job = s->job->directory;
    char *path = text_format("%s/splits/%06zu", job, s->made.count);
    char *link = text_format("%s/origins/%06zu", job, s->made.count);
    char *origin = text_format("%llu %s", (unsigned long long)offset,
                               path_uri(s->job->fs, file));
    s->split = fopen(path, "we");
    if (s->split == NULL || symlink(origin, link) < 0)
        return cannot("make", path, err);
    list_add(&s->made, path);
    return 0;
}

static int add_line(struct splitting *s, const char *file, uint64_t offset, const char *line,
                    size_t size, struct mr_error *err)
{
    if (s->split == NULL && open_split(s, file, offset, err) < 0)
        return -1;
    if (fprintf(s->split, "%llu\t", (unsigned long long)offset) < 0 ||
        (size > 0 && fwrite(line, size, 1, s->split) != 1) || fputc('\n', s->split) < 0)
        return cannot("write", s->made.at[s->made.count - 1], err);
    return ++s->in_split == s->lines ? close_split(s, err) : 0;
}

/* How many bytes a byte order mark has at the beginning of these. */
static size_t mark(const char *bytes, size_t size)
{
    return size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* Adds the lines of a stretch of a file that ends with LF or the file: a CR ends one, too. */
static int add_lines(struct splitting *s, const char *file, uint64_t offset, const char *bytes,
                     size_t size, struct mr_error *err)
{
    const char *from = bytes + (offset == 0 ? mark(bytes, size) : 0), *end = bytes + size;
    uint64_t at = offset;
    while (from < end) {
        const char *cr = memchr(from, '\r', (size_t)(end - from));
        const char *stop = cr ? cr : end - (end[-1] == '\n');
        if (add_line(s, file, at, from, (size_t)(stop - from), err) < 0)
            return -1;
        from = cr == NULL ? end : cr + 1 + (cr + 1 < end && cr[1] == '\n');
        at = offset + (uint64_t)(from - bytes);
    }
    return 0;
}

static int split_file(struct splitting *s, const char *path, struct mr_error *err)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    int result = 0;
    if (file == NULL)
        return cannot("read", path, err);
    if (input_is_compressed(path))
        result = mr_error_set(err, "'%s' is compressed, and its lines cannot be counted off for "
                                   "NLineInputFormat: decompress it", path);
    for (uint64_t at = 0; result == 0 && (size = getline(&line, &room, file)) > 0;
         at += (uint64_t)size)
        result = add_lines(s, path, at, line, (size_t)size, err);
    if (result == 0)
        result = feof(file) ? close_split(s, err) : cannot("read", path, err);
    free(line);
    fclose(file);
    return result;
}

int job_split_lines(struct job *j, struct mr_error *err)
{
    const struct properties *p = &j->streaming.properties;
    struct splitting s = { .job = j };
    static const char lines[] = "mapreduce.input.lineinputformat.linespermap";
    int result = property_number(p, lines, 1, &s.lines, err);
    if (result == 0 && s.lines == 0)
        return mr_error_set(err, "-D %s=0: a mapper gets a line at least", lines), -1;
    for (size_t i = 0; result == 0 && i < j->inputs.count; i++)
        result = split_file(&s, j->inputs.at[i], err);
    if (s.split != NULL)
        fclose(s.split);
    j->inputs = s.made;
    j->split_size = s.largest;
    return result;
}
