/*
 * Loading a job.
 *
 * A job's file is a shared library. It finds the engine's functions (mr_emit and the others) in the
 * program, which is linked so that it has them all; and it has one object under a name that is
 * looked up, with what it was compiled against (MR_EXPORT_JOB in mapreduce.h).
 */
#include "program/load.h"

#include "base/error.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

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

/* Whether the file has all bytes that its table of segments says are to be mapped. */
static bool has_its_segments(FILE *file)
{
    ElfW(Ehdr) head;
    ElfW(Phdr) segment;
    if (fread(&head, sizeof head, 1, file) != 1 || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        return true; /* dlopen says what it is not */
    if (fseeko(file, 0, SEEK_END) < 0)
        return false;
    const uint64_t size = (uint64_t)ftello(file);
    for (unsigned i = 0; i < head.e_phnum && head.e_phentsize == sizeof segment; i++) {
        if (fseeko(file, (off_t)(head.e_phoff + i * sizeof segment), SEEK_SET) < 0 ||
            fread(&segment, sizeof segment, 1, file) != 1 ||
            (segment.p_type == PT_LOAD && segment.p_offset + segment.p_filesz > size))
            return false;
    }
    return true;
}

/* The dynamic linker maps a file without a look at its size: one that was cut off, as by a full
 * disk, would end this program by SIGBUS. */
static int check_file(const char *path, struct mr_error *err)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return mr_error_system(err, "cannot read the job's file '%s'", path);
    bool whole = has_its_segments(file);
    fclose(file);
    if (!whole)
        return mr_error_set(err, "the job's file '%s' is not whole: make it again", path);
    return 0;
}

/* The file stays loaded until the program ends. */
const struct mr_job *mr_load_job(const char *path, struct mr_error *err)
{
    if (check_file(path, err) < 0)
        return NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        mr_error_set(err, "cannot load the job in '%s': %s (a job's file is made by cc -shared "
                          "-fPIC)", path, dlerror());
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
