/* The output, of one of four kinds. */
#include "write/output.h"

#include "base/error.h"
#include "base/io.h"
#include "write/whole.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Finds how to write to what a descriptor is open on. A file is written in place; but as others may
 * write to it, too, the size of the output must be known before, which the first N records' is
 * not: they go to it as to a stream. */
static int find_open(struct mr_output *o, int fd, bool all, struct mr_error *err)
{
    int possible = mr_inherited_is_possible(fd);
    if (possible < 0)
        return mr_cannot_write(o->name, err);
    if (possible && all) {
        o->kind = MR_OUTPUT_INHERITED;
        o->as.inherited = (struct mr_inherited){ .fd = fd, .name = o->name };
        return 0;
    }
    o->kind = MR_OUTPUT_STREAM;
    return mr_stream_init(&o->as.stream, fd, o->name, err);
}

static int find_standard(struct mr_output *o, bool all, struct mr_error *err)
{
    o->name = "standard output";
    if (fstat(STDOUT_FILENO, &o->target.about) < 0)
        return mr_cannot_write(o->name, err);
    o->target.kind = MR_TARGET_DESCRIPTOR;
    o->target.descriptor = STDOUT_FILENO;
    return find_open(o, STDOUT_FILENO, all, err);
}

static int find_named(struct mr_output *o, bool all, struct mr_error *err)
{
    if (mr_target_find(&o->target, o->name, err) < 0)
        return mr_whole_advise(-1, err);
    if (o->target.kind == MR_TARGET_DESCRIPTOR)
        return find_open(o, o->target.descriptor, all, err);
    o->kind = MR_OUTPUT_FILE;
    o->as.file.fd = -1;
    if (o->target.kind != MR_TARGET_DEVICE)
        return 0;
    o->kind = MR_OUTPUT_STREAM;
    return mr_stream_init(&o->as.stream, -1, o->name, err);
}

static int find_directory(struct mr_output *o, struct mr_error *err)
{
    if (*o->name == '\0') {
        mr_error_set(err, "cannot make output directory '': its name is empty");
        return mr_error_final(err);
    }
    o->kind = MR_OUTPUT_DIRECTORY;
    o->as.parts = MR_PARTS_NONE;
    return 0;
}

int mr_output_find(struct mr_output *o, const struct mr_config *config, struct mr_error *err)
{
    bool all = config->top == 0 && !config->percent && !config->others; /* it can be weighed */
    *o = MR_OUTPUT_INIT;
    if (config->result && config->output == NULL && config->output_dir == NULL)
        return 0; /* who is handed the result wants no text of it */
    o->name = config->output_dir ? config->output_dir : config->output;
    o->overwrite = config->overwrite;
    if (config->output_dir != NULL)
        return find_directory(o, err);
    return config->output ? find_named(o, all, err) : find_standard(o, all, err);
}

const struct stat *mr_output_about(const struct mr_output *o)
{
    const struct stat *about = &o->target.about;
    /* Of what is open already, all but a file may well be both: a terminal, or /dev/null. */
    bool pipe = o->target.kind == MR_TARGET_DEVICE &&
                (S_ISFIFO(about->st_mode) || S_ISBLK(about->st_mode));
    return pipe || S_ISREG(about->st_mode) ? about : NULL;
}

int mr_output_open(struct mr_output *o, struct mr_error *err)
{
    const struct mr_target *t = &o->target;
    if (t->kind == MR_TARGET_DEVICE)
        o->opened = openat(t->directory, t->name, O_WRONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
    else if (t->kind == MR_TARGET_DESCRIPTOR && t->directory >= 0)
        /* To be closed by us: that it cannot be written may be told only then. */
        o->opened = fcntl(t->descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    else
        return 0;
    if (o->opened < 0)
        return mr_cannot_write(o->name, err);
    if (o->kind == MR_OUTPUT_STREAM)
        o->as.stream.fd = o->opened;
    else
        o->as.inherited.fd = o->opened;
    return 0;
}

int mr_output_make(struct mr_output *o, struct mr_error *err)
{
    if (o->kind == MR_OUTPUT_DIRECTORY)
        return mr_whole_advise(mr_parts_open(&o->as.parts, o->name, o->overwrite, err), err);
    return o->kind == MR_OUTPUT_FILE ? mr_file_make(&o->as.file, &o->target, o->name, err) : 0;
}

bool mr_output_in_place(const struct mr_output *o)
{
    return o->kind == MR_OUTPUT_INHERITED || o->kind == MR_OUTPUT_FILE;
}

void mr_output_detach(struct mr_output *o)
{
    if (o->kind != MR_OUTPUT_STREAM)
        return;
    mr_close(&o->opened);
    if (o->target.descriptor > STDERR_FILENO)
        close(o->target.descriptor);
}

void mr_output_sweep(const struct mr_output *o)
{
    if (o->kind == MR_OUTPUT_DIRECTORY)
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

int mr_output_sync_step(const struct mr_output *o, uint64_t from, struct mr_error *err)
{
    int fd = o->kind == MR_OUTPUT_FILE        ? o->as.file.fd
             : o->kind == MR_OUTPUT_DIRECTORY ? o->as.parts.part_fd
                                              : -1;
    const char *path = o->kind == MR_OUTPUT_FILE ? o->as.file.path : o->as.parts.path;
    return fd >= 0 && mr_sync_step(fd, from) < 0 ? mr_cannot_write(path, err) : 0;
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

int mr_output_cut(struct mr_output *o, uint64_t n, struct mr_error *err)
{
    return o->kind == MR_OUTPUT_FILE ? mr_file_cut(&o->as.file, n, err) : 0;
}

int mr_output_commit(struct mr_output *o, struct mr_error *err)
{
    if (o->kind == MR_OUTPUT_DIRECTORY)
        return mr_parts_commit(&o->as.parts, err);
    if (o->kind == MR_OUTPUT_FILE)
        return mr_file_commit(&o->as.file, err);
    if (o->kind == MR_OUTPUT_INHERITED)
        mr_inherited_commit(&o->as.inherited);
    return mr_close(&o->opened) < 0 ? mr_cannot_write(o->name, err) : 0;
}

void mr_output_close(struct mr_output *o)
{
    if (o->kind == MR_OUTPUT_STREAM)
        mr_stream_free(&o->as.stream);
    else if (o->kind == MR_OUTPUT_INHERITED)
        mr_inherited_rollback(&o->as.inherited);
    else if (o->kind == MR_OUTPUT_FILE)
        mr_file_close(&o->as.file);
    else if (o->kind == MR_OUTPUT_DIRECTORY)
        mr_parts_close(&o->as.parts);
    mr_close(&o->opened);
    mr_target_free(&o->target);
    *o = MR_OUTPUT_INIT;
}
