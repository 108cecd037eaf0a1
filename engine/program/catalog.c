/* The jobs of a program, by their names. */
#include "program/catalog.h"

#include "program/spelling.h"

#include <string.h>

bool mr_is_job_file(const char *name)
{
    return strchr(name, '/') != NULL;
}

/* The job that a mistyped name is nearest to, or NULL. */
static const struct mr_job *nearest(const struct mr_catalog *c, const char *name)
{
    const struct mr_job *near = NULL;
    for (const struct mr_job *const *job = c->jobs; *job; job++)
        if (mr_spelling_is_near(name, (*job)->name) &&
            (near == NULL ||
             mr_spelling_distance(name, (*job)->name) < mr_spelling_distance(name, near->name)))
            near = *job;
    return near;
}

const struct mr_job *mr_catalog_find(const struct mr_catalog *c, const char *name,
                                     struct mr_error *err)
{
    if (mr_is_job_file(name))
        return c->load(name, err);
    for (const struct mr_job *const *job = c->jobs; *job; job++)
        if (strcmp((*job)->name, name) == 0)
            return *job;
    const struct mr_job *near = nearest(c, name);
    if (near)
        mr_error_set(err, "there is no job '%s': is '%s' meant?", name, near->name);
    else
        mr_error_set(err, "there is no job '%s': --list-jobs says which there are; one in a file "
                          "is named with a slash, as in --job=./mine.so", name);
    return NULL;
}
