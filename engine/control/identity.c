/* A job's identity. */
#include "control/identity.h"

#include "base/error.h"
#include "base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { END = 64 << 10 }; /* bytes of an input's end that are hashed */

__attribute__((format(printf, 2, 3))) static int add_line(struct mr_buffer *to,
                                                          const char *format, ...)
{
    char line[8192];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    size_t size = n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    /* One line, whatever file names hold. */
    for (size_t i = 0; i < size; i++)
        if (line[i] == '\n')
            line[i] = '?';
    line[size] = '\n';
    return mr_buffer_add(to, line, size + 1);
}

/* Hashes up to END bytes at a place of a file. Returns 0 or -1 (errno). */
static int hash_part(int fd, uint64_t at, uint64_t *hash)
{
    unsigned char bytes[END];
    ssize_t got = mr_pread_full(fd, bytes, END, (off_t)at);
    if (got < 0)
        return -1;
    *hash = XXH3_64bits_withSeed(bytes, (size_t)got, *hash);
    return 0;
}

/* The hash of a file's first and last END bytes; with whole, of all of it. */
static int hash_file(int fd, uint64_t size, bool whole, uint64_t base, uint64_t *hash)
{
    *hash = size;
    for (uint64_t at = 0; whole && at < size; at += END)
        if (hash_part(fd, base + at, hash) < 0)
            return -1;
    if (whole)
        return 0;
    uint64_t last = size > END ? size - END : 0;
    return hash_part(fd, base, hash) < 0 || hash_part(fd, base + last, hash) < 0 ? -1 : 0;
}

/* The program is the same when its file is, byte for byte. */
static uint64_t hash_program(void)
{
    struct stat st;
    uint64_t hash = 0;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && hash_file(fd, (uint64_t)st.st_size, true, 0, &hash) < 0)
        hash = 0;
    mr_close(&fd);
    return hash;
}

static int add_input(struct mr_buffer *to, const struct mr_source *s, struct mr_error *err)
{
    struct stat st;
    bool close_it;
    uint64_t hash = 0;
    int fd = mr_source_open(s, &close_it, err);
    if (fd < 0)
        return -1;
    int result = fstat(fd, &st) < 0 ? -1 : hash_file(fd, s->size, false, (uint64_t)s->base, &hash);
    if (result < 0) {
        mr_error_system(err, "cannot read '%s'", mr_source_name(s));
        mr_error_final(err);
    }
    if (close_it)
        close(fd);
    if (result < 0)
        return -1;
    if (add_line(to, "input '%s' of %" PRIu64 " bytes, changed at %lld.%09ld, ends %016" PRIx64,
                 mr_source_name(s), s->size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                 hash) < 0)
        return mr_error_memory(err, s->size, "the job's identity");
    return 0;
}

int mr_identity_make(struct mr_buffer *to, const struct mr_job *job, const void *state,
                     const struct mr_config *c, const struct mr_plan *p, size_t splits,
                     const struct mr_sources *sources, struct mr_error *err)
{
    if (add_line(to, "program %016" PRIx64, hash_program()) < 0 ||
        add_line(to, "job %s with options %016" PRIx64, job->name,
                 (uint64_t)XXH3_64bits(state, job->state_size)) < 0 ||
        add_line(to, "result in order %d%s, format %d, the first %" PRIu64 "%s", (int)c->order,
                 c->reverse ? " reversed" : "", (int)c->format, c->top,
                 c->output_dir ? ", in parts" : "") < 0 ||
        add_line(to, "plan of %u mappers, %u reducers, %" PRIu64 " bytes of memory, %s"
                     "%zu splits of %" PRIu64 " bytes", p->mappers, p->reducers, p->memory,
                 c->compress ? "compressed, " : "", splits, p->split_size) < 0)
        return mr_error_memory(err, to->size, "the job's identity");
    for (size_t i = 0; i < sources->count; i++)
        if (add_input(to, &sources->at[i], err) < 0)
            return -1;
    return 0;
}
