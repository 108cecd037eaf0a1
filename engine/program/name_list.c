/* The names of input files, from a file. */
#include "program/name_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool mr_name_is_standard_input(const char *name)
{
    struct stat input, named;
    if (strcmp(name, "-") == 0)
        return true;
    return fstat(STDIN_FILENO, &input) == 0 &&
           (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode) || isatty(STDIN_FILENO)) &&
           stat(name, &named) == 0 && named.st_dev == input.st_dev && named.st_ino == input.st_ino;
}

/* Reads all of a file into memory, NUL-ended. Returns its size or -1 (errno). */
static ssize_t read_all(FILE *file, char **bytes)
{
    size_t size = 0, capacity = 4096;
    *bytes = malloc(capacity + 1);
    while (*bytes != NULL) {
        size += fread(*bytes + size, 1, capacity - size, file);
        if (size < capacity)
            break;
        char *more = realloc(*bytes, 2 * capacity + 1);
        if (more == NULL)
            return -1;
        *bytes = more;
        capacity *= 2;
    }
    if (*bytes == NULL || ferror(file))
        return -1;
    (*bytes)[size] = '\0';
    return (ssize_t)size;
}

/* Whether the list has lines: one name without its NUL may have a newline in it, if there is such a
 * file. */
static bool has_lines(const char *list, ssize_t size)
{
    return strlen(list) == (size_t)size && strchr(list, '\n') != NULL && access(list, F_OK) < 0;
}

int mr_name_list_read(struct mr_name_list *names, const char *path, struct mr_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "r");
    ssize_t size = file ? read_all(file, &names->bytes) : -1;
    int code = errno;
    if (file && !standard)
        fclose(file);
    if (size < 0)
        return mr_error_set(err, "cannot read the list of files '%s': %s", path, strerror(code));
    const char *bytes = names->bytes;
    if (has_lines(bytes, size))
        return mr_error_set(err, "the list of files '%s' has lines, and no NUL: names in it end in "
                                 "NUL, as find -print0 and tr '\\n' '\\0' write them", path);
    size_t count = 0;
    for (ssize_t i = 0; i < size; i += (ssize_t)strlen(bytes + i) + 1)
        count++;
    names->at = calloc(count + 1, sizeof *names->at);
    if (names->at == NULL)
        return mr_error_set(err, "cannot get memory for %zu file names", count);
    for (ssize_t i = 0; i < size; i += (ssize_t)strlen(bytes + i) + 1) {
        if (bytes[i] == '\0')
            return mr_error_set(err, "the list of files '%s' has an empty name", path);
        if (standard && mr_name_is_standard_input(bytes + i))
            return mr_error_set(err, "the list of files on standard input names standard input "
                                     "('%s')", bytes + i);
        names->at[names->count++] = names->bytes + i;
    }
    return 0;
}

void mr_name_list_free(struct mr_name_list *names)
{
    free(names->at);
    free(names->bytes);
    *names = (struct mr_name_list){ 0 };
}
