/* The output, of one of four kinds. */
#include "write/output.h"

#include "base/error.h"
#include "base/io.h"
#include "write/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_stream(struct mr_output *o, int fd, const char *name, struct mr_error *err)
{
    o->kind = MR_OUTPUT_STREAM;
    return mr_stream_init(&o->as.stream, fd, name, err);
}

/* How much of it there will be must be known to write a file in place that others may write, too:
 * not so for the first N records. */
static int open_standard(struct mr_output *o, bool all, struct mr_error *err)
{
    static const char name[] = "standard output";
    int suits = mr_inherited_suits(STDOUT_FILENO);
    if (suits < 0)
        return mr_cannot_write(name, err);
    if (!suits || !all)
        return open_stream(o, STDOUT_FILENO, name, err);
    o->kind = MR_OUTPUT_INHERITED;
    o->as.inherited = (struct mr_inherited){ .fd = STDOUT_FILENO, .name = name };
    return 0;
}

/* A device or a pipe cannot be replaced by a file; it is written as it is. */
static int open_device(struct mr_output *o, const char *path, struct mr_error *err)
{
    o->opened = open(path, O_WRONLY | O_CLOEXEC);
    if (o->opened < 0)
        return mr_cannot_write(path, err);
    return open_stream(o, o->opened, path, err);
}

static int open_path(struct mr_output *o, const char *path, struct mr_error *err)
{
    struct stat st;
    bool exists = stat(path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return mr_cannot_write(path, err);
    }
    if (exists && !S_ISREG(st.st_mode))
        return open_device(o, path, err);
    o->kind = MR_OUTPUT_FILE;
    return mr_file_open(&o->as.file, path, err);
}

int mr_output_open(struct mr_output *o, const struct mr_config *config, struct mr_error *err)
{
    *o = (struct mr_output){ .opened = -1 };
    if (config->output_dir != NULL) {
        o->kind = MR_OUTPUT_DIRECTORY;
        return mr_parts_open(&o->as.parts, config->output_dir, err);
    }
    if (config->output != NULL)
        return open_path(o, config->output, err);
    return open_standard(o, config->top == MR_ALL, err);
}

bool mr_output_in_place(const struct mr_output *o)
{
    return o->kind == MR_OUTPUT_INHERITED || o->kind == MR_OUTPUT_FILE;
}

void mr_output_sweep(const struct mr_output *o)
{
    if (o->kind == MR_OUTPUT_FILE)
        mr_file_sweep(&o->as.file);
    else if (o->kind == MR_OUTPUT_DIRECTORY)
        mr_parts_sweep(&o->as.parts);
}

int mr_output_reserve(struct mr_output *o, uint64_t size, struct mr_error *err)
{
    return o->kind == MR_OUTPUT_INHERITED ? mr_inherited_reserve(&o->as.inherited, size, err) : 0;
}

bool mr_output_is_sending(const struct mr_output *o)
{
    return o->kind == MR_OUTPUT_STREAM && mr_stream_is_sending(&o->as.stream);
}

int mr_output_write(struct mr_output *o, uint32_t part, uint64_t at, const void *bytes, size_t n,
                    struct mr_error *err)
{
    switch (o->kind) {
    case MR_OUTPUT_STREAM:
        return mr_stream_write(&o->as.stream, at, bytes, n, err);
    case MR_OUTPUT_INHERITED:
        return mr_inherited_write(&o->as.inherited, at, bytes, n, err);
    case MR_OUTPUT_FILE:
        return mr_file_write(&o->as.file, at, bytes, n, err);
    case MR_OUTPUT_DIRECTORY:
        return mr_parts_write(&o->as.parts, part, at, bytes, n, err);
    case MR_OUTPUT_NONE:
        break;
    }
    return mr_error_set(err, "internal error: there is no output");
}

int mr_output_end(struct mr_output *o, uint32_t part, uint64_t from, uint64_t n,
                  struct mr_error *err)
{
    if (o->kind == MR_OUTPUT_DIRECTORY)
        return mr_parts_end(&o->as.parts, part, n, err);
    if (o->kind == MR_OUTPUT_FILE)
        mr_file_end(&o->as.file, from, n);
    return 0;
}

int mr_output_commit(struct mr_output *o, struct mr_error *err)
{
    if (o->kind == MR_OUTPUT_DIRECTORY)
        return mr_parts_commit(&o->as.parts, err);
    if (o->kind == MR_OUTPUT_FILE)
        return mr_file_commit(&o->as.file, err);
    if (o->kind == MR_OUTPUT_INHERITED)
        mr_inherited_commit(&o->as.inherited);
    else if (o->kind == MR_OUTPUT_STREAM && mr_close(&o->opened) < 0)
        return mr_cannot_write(o->as.stream.name, err);
    return 0;
}

void mr_output_close(struct mr_output *o)
{
    if (o->kind == MR_OUTPUT_STREAM)
        mr_stream_free(&o->as.stream);
    else if (o->kind == MR_OUTPUT_INHERITED)
        mr_inherited_give_up(&o->as.inherited);
    else if (o->kind == MR_OUTPUT_FILE)
        mr_file_close(&o->as.file);
    else if (o->kind == MR_OUTPUT_DIRECTORY)
        mr_parts_close(&o->as.parts);
    mr_close(&o->opened);
    *o = (struct mr_output){ .opened = -1 };
}
