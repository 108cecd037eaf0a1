/*
 * Loading a job.
 *
 * A job's file is a shared library. It finds the engine's functions (mr_emit and the others) in the
 * program, which is linked so that it has them all; and it has one object under a name that is
 * looked up, with what it was compiled against (MR_EXPORT_JOB in mapreduce.h).
 */
#include "program/load_job.h"

#include "base/error.h"
#include "base/io.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a job that was compiled elsewhere means by all structs what we mean. */
static int check_abi(const struct mr_exported_job *e, const char *path, struct mr_error *err)
{
    if (e->abi != MR_ABI)
        return mr_error_set(err, "the job in '%s' was made for version %u of the engine's "
                                 "interface, and this program has version %u: compile it again, "
                                 "with this program's mapreduce.h", path, (unsigned)e->abi,
                            (unsigned)MR_ABI);
    if (e->job_size != sizeof(struct mr_job) || e->option_size != sizeof(struct mr_option) ||
        e->chunk_size != sizeof(struct mr_chunk) || e->error_size != sizeof(struct mr_error))
        return mr_error_set(err, "the job in '%s' was made with another mapreduce.h than this "
                                 "program: compile it again, with this program's", path);
    return 0;
}

/* Whether the file has all bytes that its table of segments says are to be mapped: 1, 0, or -1
 * (errno). What is no such file at all has them: dlopen says what it is not. */
static int has_its_segments(int fd)
{
    struct stat st;
    ElfW(Ehdr) head;
    if (fstat(fd, &st) < 0)
        return -1;
    ssize_t got = mr_pread_full(fd, &head, sizeof head, 0);
    if (got < 0)
        return -1;
    if (got != sizeof head || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        return 1;
    for (unsigned i = 0; i < head.e_phnum; i++) {
        ElfW(Phdr) segment;
        off_t at = (off_t)(head.e_phoff + i * sizeof segment);
        got = mr_pread_full(fd, &segment, sizeof segment, at);
        if (got < 0)
            return -1;
        if (got != sizeof segment || (segment.p_type == PT_LOAD && segment.p_offset +
                                      segment.p_filesz > (uint64_t)st.st_size))
            return 0;
    }
    return 1;
}

/* The dynamic linker maps a file without a look at its size: one that was cut off, as by a full
 * disk, would end this program by SIGBUS. */
static int check_file(const char *path, struct mr_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int whole = fd < 0 ? -1 : has_its_segments(fd);
    if (whole < 0)
        mr_error_system(err, "cannot read the job's file '%s'", path);
    else if (whole == 0)
        mr_error_set(err, "the job's file '%s' is not whole: make it again", path);
    mr_close(&fd);
    return whole > 0 ? 0 : -1;
}

/* The file stays loaded until the program ends. */
const struct mr_job *mr_load_job(const char *path, struct mr_error *err)
{
    if (check_file(path, err) < 0)
        return NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *why = dlerror();
        mr_error_set(err, "cannot load the job in '%s': %s (a job's file is made by cc -shared "
                          "-fPIC)", path, why ? why : "it cannot be loaded");
        return NULL;
    }
    const struct mr_exported_job *e = dlsym(library, "mr_exported_job");
    if (e == NULL) {
        mr_error_set(err, "'%s' is no job's file: it has no mr_exported_job, which "
                          "MR_EXPORT_JOB(job) in its source makes", path);
        /* cppcheck-suppress resourceLeak; the program ends now */
        return NULL;
    }
    /* cppcheck-suppress resourceLeak; it stays loaded */
    return check_abi(e, path, err) < 0 ? NULL : e->job;
}
