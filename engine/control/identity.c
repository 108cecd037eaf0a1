/* A job's identity. */
#include "control/identity.h"

#include "base/error.h"
#include "base/io.h"
#include "base/message.h"
#include "base/xxh3.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PIECE = 64 << 10,  /* bytes of a file hashed at a time */
    FILE_HASH = 32 + 1 /* characters of its hash */
};

__attribute__((format(printf, 2, 3))) static int add_line(struct mr_buffer *to,
                                                          const char *format, ...)
{
    char line[8192];
    va_list args;
    va_start(args, format);
    size_t size = mr_message_list(line, sizeof line - 1, format, args);
    va_end(args);
    line[size] = '\n';
    return mr_buffer_add(to, line, size + 1);
}

/* ---- what is hashed --------------------------------------------------------------------- */

struct mr_identity {
    uint64_t hash;
};

void mr_identify(struct mr_identity *to, const void *bytes, size_t size)
{
    to->hash = XXH3_64bits_withSeed(bytes, size, to->hash + size);
}

static uint64_t hash_job(const struct mr_job *job, const void *state)
{
    struct mr_identity identity = { 0 };
    if (job->identify)
        job->identify(state, &identity);
    return identity.hash;
}

/* Sets hash to that of a file's bytes, in hexadecimal digits. Returns 0 or -1 (errno). */
static int hash_file(const char *path, char hash[FILE_HASH])
{
    unsigned char bytes[PIECE];
    XXH3_state_t state;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : PIECE;
    XXH3_128bits_reset(&state);
    while (got == PIECE && (got = mr_read_full(fd, bytes, PIECE)) >= 0)
        XXH3_128bits_update(&state, bytes, (size_t)got);
    int code = errno;
    mr_close(&fd);
    errno = code;
    const XXH128_hash_t all = XXH3_128bits_digest(&state);
    snprintf(hash, FILE_HASH, "%016" PRIx64 "%016" PRIx64, (uint64_t)all.high64,
             (uint64_t)all.low64);
    return got < 0 ? -1 : 0;
}

/* The program is the same when its file is, byte for byte; where there is no /proc to find that by,
 * any is. So is a job that was loaded from a file. Returns 0 or -1. */
static int add_code(struct mr_buffer *to, const char *job_file, struct mr_error *err)
{
    static const char program[] = "/proc/self/exe";
    char hash[FILE_HASH];
    if (hash_file(program, hash) < 0 && errno != ENOENT)
        return mr_error_system(err, "cannot read the program's own file '%s', by which a run that "
                                    "resumes this one knows it", program);
    if (add_line(to, "program %s", hash) < 0)
        return mr_error_memory(err, to->size, "the job's identity");
    if (job_file == NULL)
        return 0;
    if (hash_file(job_file, hash) < 0)
        return mr_error_system(err, "cannot read the job's file '%s', by which a run that resumes "
                                    "this one knows it", job_file);
    if (add_line(to, "job's file %s", hash) < 0)
        return mr_error_memory(err, to->size, "the job's identity");
    return 0;
}

/* ---- the text --------------------------------------------------------------------------- */

static int add_input(struct mr_buffer *to, const struct mr_source *s, struct mr_error *err)
{
    char from[40] = "";
    const char *name = mr_source_name(s);
    if (s->base > 0)
        snprintf(from, sizeof from, " from byte %lld on", (long long)s->base);
    /* Of a very long name the line shows a part only: so its hash stands there, too. */
    if (add_line(to, "input '%s' (%016" PRIx64 ") of %" PRIu64 " bytes%s, changed at %lld.%09ld, "
                     "its state at %lld.%09ld", name, (uint64_t)XXH3_64bits(name, strlen(name)),
                 s->size, from, (long long)s->changed.tv_sec, s->changed.tv_nsec,
                 (long long)s->state.tv_sec, s->state.tv_nsec) < 0)
        return mr_error_memory(err, to->size, "the job's identity");
    return 0;
}

int mr_identity_make(struct mr_buffer *to, const struct mr_job *job, const void *state,
                     const struct mr_config *c, const struct mr_plan *p, size_t splits,
                     const struct mr_sources *sources, struct mr_error *err)
{
    if (add_code(to, c->job_file, err) < 0)
        return -1;
    const char *order = p->no_reduce ? " of the input" : c->reverse ? " reversed" : "";
    if (add_line(to, "job %s with options %016" PRIx64, job->name,
                 hash_job(job, state)) < 0 ||
        add_line(to, "result in order %d%s, format %d, the first %" PRIu64 "%s", (int)c->order,
                 order, (int)c->format, p->reduce.top,
                 c->output_dir ? ", in parts" : "") < 0 ||
        add_line(to, "plan of %u reducers, %u buckets of %u bytes, %zu runs of %u bytes, made for %"
                     PRIu64 " bytes of memory, %s%zu splits of %" PRIu64 " bytes", p->reducers,
                 p->map.buckets, p->map.bucket_room, p->reduce.runs_max, p->reduce.run_room,
                 p->made_for, c->compress ? "compressed, " : "", splits, p->split_size) < 0)
        return mr_error_memory(err, to->size, "the job's identity");
    for (size_t i = 0; i < sources->count; i++)
        if (add_input(to, &sources->at[i], err) < 0)
            return -1;
    return 0;
}

bool mr_identity_layout(const struct mr_buffer *identity, struct mr_layout *layout)
{
    static const char first[] = "\nplan of ", last[] = " splits of ";
    char line[512];
    const unsigned char *at = memmem(identity->at, identity->size, first, sizeof first - 1);
    if (at == NULL)
        return false;
    at++;
    const unsigned char *end = memchr(at, '\n', (size_t)(identity->at + identity->size - at));
    if (end == NULL || (size_t)(end - at) >= sizeof line)
        return false;
    snprintf(line, sizeof line, "%.*s", (int)(end - at), (const char *)at);
    const char *splits = strstr(line, last);
    layout->compress = strstr(line, "compressed") != NULL;
    /* NOLINTBEGIN(cert-err34-c): it was written by mr_identity_make, and has a checksum */
    int taken = sscanf(line, "plan of %u reducers, %u buckets of %u bytes, %zu runs of %u bytes, "
                             "made for %" SCNu64 " bytes", &layout->reducers, &layout->buckets,
                       &layout->bucket_room, &layout->runs_max, &layout->run_room,
                       &layout->made_for);
    return taken == 6 && splits != NULL &&
           sscanf(splits + sizeof last - 1, "%" SCNu64, &layout->split_size) == 1 &&
           mr_layout_is_possible(layout);
    /* NOLINTEND(cert-err34-c) */
}
