/*
 * What a job brings along: -files PATH#NAME is a link NAME in each task's working directory, and
 * -archives PATH#NAME a link to a directory with what was in the archive.
 */
#include "job.h"

#include "command.h"
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Splits PATH#NAME; a path without a scheme is one of this machine. Returns 0 or -1. */
static int find(const struct job *j, const char *text, struct place *place, const char **name,
                struct mr_error *err)
{
    struct file_systems here = { j->fs->root, true };
    const char *hash = strrchr(text, '#');
    char *path = text_part(text, hash ? (size_t)(hash - text) : strlen(text));
    struct stat st;
    if (path_find(&here, path, place, err) < 0)
        return -1;
    char *local = realpath(place->local, NULL);
    if (local == NULL || stat(local, &st) < 0) {
        free(local);
        return mr_error_set(err, "File %s does not exist, which is to be shipped", place->shown),
               -1;
    }
    *name = hash && hash[1] != '\0' ? hash + 1 : text_base_name(place->local);
    place->local = text_copy(local);
    free(local);
    return strchr(*name, '/') == NULL
               ? 0
               : mr_error_set(err, "'%s' is no name for a shipped file: it has a slash", *name);
}

static int put_link(const struct job *j, const char *target, const char *name,
                    struct mr_error *err)
{
    char *link = text_format("%s/shipped/%s", j->directory, name);
    (void)unlink(link); /* the last of a name counts */
    return symlink(target, link) == 0
               ? 0
               : mr_error_set(err, "cannot make the link '%s': %s", name, strerror(errno));
}

static int ship_files(const struct job *j, const struct list *files, struct mr_error *err)
{
    for (size_t i = 0; i < files->count; i++) {
        struct place place;
        const char *name;
        if (find(j, files->at[i], &place, &name, err) < 0 ||
            put_link(j, place.local, name, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- archives --------------------------------------------------------------------------- */

static int unpack(const char *archive, const char *to)
{
    if (!text_ends(archive, ".zip") && !text_ends(archive, ".jar"))
        return RUN("tar", "-xf", archive, "-C", to);
    int status = RUN("unzip", "-qo", archive, "-d", to);
    return status == 127 ? RUN("python3", "-m", "zipfile", "-e", archive, to) : status;
}

static int ship_archives(const struct job *j, const struct list *archives, struct mr_error *err)
{
    for (size_t i = 0; i < archives->count; i++) {
        struct place place;
        const char *name;
        if (find(j, archives->at[i], &place, &name, err) < 0)
            return -1;
        char *to = text_format("%s/archives/%zu", j->directory, i);
        if (mkdir(to, 0777) < 0)
            return mr_error_set(err, "cannot make '%s': %s", to, strerror(errno));
        int status = unpack(place.local, to);
        if (status != 0)
            return mr_error_set(err, "'%s' cannot be unpacked: the program for it ended with "
                                     "status %d", place.shown, status);
        if (put_link(j, to, name, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- the program's own file ------------------------------------------------------------- */

/* A command that begins with the path of a -file finds it under its name. */
static void rename_program(const struct job *j, const char **command)
{
    const struct list *files = &j->streaming.own_files;
    size_t size = *command ? strcspn(*command, " ") : 0;
    for (size_t i = 0; i < files->count; i++)
        if (strlen(files->at[i]) == size && size > 0 && strncmp(*command, files->at[i], size) == 0)
            *command = text_format("%s%s", text_base_name(files->at[i]), *command + size);
}

/* A shipped program that is not executable becomes a copy that is: the file itself stays. */
static int make_executable(const struct job *j, const char *command, struct mr_error *err)
{
    struct list words = { 0 };
    struct stat st;
    if (command == NULL)
        return 0;
    command_split(command, &words);
    const char *name = words.count > 0 ? words.at[0] : "";
    while (text_begins(name, "./"))
        name += 2;
    if (*name == '\0' || strchr(name, '/') != NULL)
        return 0;
    char *link = text_format("%s/shipped/%s", j->directory, name);
    char *copy = text_format("%s/programs/%s", j->directory, name);
    if (stat(link, &st) < 0 || !S_ISREG(st.st_mode) || access(link, X_OK) == 0)
        return 0;
    if (RUN("cp", "-L", "--reflink=auto", "--", link, copy) != 0 || chmod(copy, 0755) < 0)
        return mr_error_set(err, "cannot make an executable copy of '%s'", name);
    return put_link(j, copy, name, err);
}

int job_ship(struct job *j, struct mr_error *err)
{
    struct streaming *s = &j->streaming;
    rename_program(j, &s->mapper);
    rename_program(j, &s->combiner);
    rename_program(j, &s->reducer);
    return ship_files(j, &s->files, err) < 0 || ship_files(j, &s->own_files, err) < 0 ||
                   ship_archives(j, &s->archives, err) < 0 ||
                   make_executable(j, s->mapper, err) < 0 ||
                   make_executable(j, s->combiner, err) < 0 ||
                   make_executable(j, s->reducer, err) < 0
               ? -1
               : 0;
}
