/* Which attempt it is, and where. */
#include "attempt.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The parent of the parent: above a program is the process that watches over it, and above that
 * the one that has the task. */
static char *worker(void)
{
    char text[512] = "";
    FILE *file = fopen(text_format("/proc/%ld/stat", (long)getppid()), "re");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[size] = '\0';
    const char *behind = strrchr(text, ')'); /* of the name, which may have anything in it */
    long parent = behind && strlen(behind) > 4 ? strtol(behind + 4, NULL, 10) : 0;
    return text_format("%ld", parent);
}

int attempt_find(struct attempt *a, const char *job, bool map, const char *number,
                 struct mr_error *err)
{
    enum { MOST = 1 << 20 };
    char *ours = worker(), owner[32];
    a->job = job;
    a->task = text_format("%c_%06ld", map ? 'm' : 'r', strtol(number, NULL, 10));
    for (int i = 0; i < MOST; i++) {
        a->name = text_format("%s_%d", a->task, i);
        a->work = text_format("%s/work/%s", job, a->name);
        char *link = text_format("%s/attempts/%s", job, a->name);
        if (symlink(ours, link) == 0)
            return 0;
        ssize_t size = readlink(link, owner, sizeof owner - 1);
        if (size < 0)
            break;
        owner[size] = '\0';
        if (text_is(ours, owner))
            return 0;
    }
    return mr_error_set(err, "cannot write to the job's directory '%s': %s", job, strerror(errno));
}

int attempt_enter(const struct attempt *a, struct mr_error *err)
{
    struct list names = { 0 };
    char *shipped = text_format("%s/shipped", a->job), target[PATH_MAX];
    if (mkdir(a->work, 0777) == 0) {
        if (path_names(shipped, &names) < 0 || mkdir(text_format("%s/tmp", a->work), 0777) < 0)
            return mr_error_set(err, "cannot fill '%s': %s", a->work, strerror(errno));
        for (size_t i = 0; i < names.count; i++) {
            ssize_t size = readlink(text_format("%s/%s", shipped, names.at[i]), target,
                                    sizeof target - 1);
            target[size < 0 ? 0 : size] = '\0';
            if (symlink(target, text_format("%s/%s", a->work, names.at[i])) < 0)
                return mr_error_set(err, "cannot link '%s': %s", names.at[i], strerror(errno));
        }
    }
    return chdir(a->work) == 0
               ? 0
               : mr_error_set(err, "cannot go to '%s': %s", a->work, strerror(errno));
}

int attempt_open(const struct attempt *a, const char *folder, struct mr_error *err)
{
    char *path = text_format("%s/%s/%s", a->job, folder, a->name);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        (void)mr_error_set(err, "cannot write '%s': %s", path, strerror(errno));
    return fd;
}

/* Where its task's name ends, and behind it the attempt's number begins. */
static size_t task_size(const char *name)
{
    const char *last = strrchr(name, '_');
    return last ? (size_t)(last - name) + 1 : strlen(name);
}

/* Whether they are attempts of one task, the other a later one. Numbers are not padded: a longer
 * one is higher. */
static bool is_later(const char *name, const char *other)
{
    size_t task = task_size(name), size = strlen(name), other_size = strlen(other);
    if (task_size(other) != task || strncmp(name, other, task) != 0)
        return false;
    return other_size != size ? other_size > size : strcmp(other, name) > 0;
}

bool attempt_is_last(const struct list *names, size_t i)
{
    size_t task = task_size(names->at[i]);
    /* Those of a task stand side by side. */
    for (size_t k = i; k-- > 0 && strncmp(names->at[k], names->at[i], task) == 0;)
        if (is_later(names->at[i], names->at[k]))
            return false;
    for (size_t k = i + 1; k < names->count && strncmp(names->at[k], names->at[i], task) == 0; k++)
        if (is_later(names->at[i], names->at[k]))
            return false;
    return true;
}
