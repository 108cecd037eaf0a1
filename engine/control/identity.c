/* A job's identity. */
#include "control/identity.h"

#include "base/choices.h"
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

struct mr_identity {
    struct mr_buffer *to;
    bool failed; /* for lack of memory */
};

__attribute__((format(printf, 2, 3))) static void add_line(struct mr_identity *i,
                                                           const char *format, ...)
{
    char line[8192];
    va_list args;
    va_start(args, format);
    size_t size = mr_message_list(line, sizeof line - 1, format, args);
    va_end(args);
    line[size] = '\n';
    i->failed |= mr_buffer_add(i->to, line, size + 1) < 0;
}

/* ---- the job ---------------------------------------------------------------------------- */

void mr_identify_option(struct mr_identity *to, const char *name, const void *bytes, size_t size)
{
    add_line(to, "%s: #%016" PRIx64, name, (uint64_t)XXH3_64bits(bytes, size));
}

void mr_identify(struct mr_identity *to, const void *bytes, size_t size)
{
    mr_identify_option(to, "what the job is asked for", bytes, size);
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
static int add_code(struct mr_identity *to, const char *job_file, struct mr_error *err)
{
    static const char program[] = "/proc/self/exe";
    char hash[FILE_HASH];
    if (hash_file(program, hash) < 0 && errno != ENOENT)
        return mr_error_system(err, "cannot read the program's own file '%s', by which a run that "
                                    "resumes this one knows it", program);
    add_line(to, "the program: #%s", hash);
    if (job_file == NULL)
        return 0;
    if (hash_file(job_file, hash) < 0)
        return mr_error_system(err, "cannot read the job's file '%s', by which a run that resumes "
                                    "this one knows it", job_file);
    add_line(to, "the job's file: #%s", hash);
    return 0;
}

static void add_job(struct mr_identity *to, const struct mr_job *job, const void *state)
{
    add_line(to, "the job: %s", job->name);
    if (job->identify)
        job->identify(state, to);
}

/* ---- the engine's options --------------------------------------------------------------- */

static const char *yes(bool is)
{
    return is ? "yes" : "no";
}

static void add_options(struct mr_identity *to, const struct mr_config *c, const struct mr_plan *p)
{
    add_line(to, "--reducers: %u", p->map.direct && p->in_sequence ? 0 : p->reducers);
    add_line(to, "the order (--sort): %s", p->map.direct && p->in_sequence ? "of the input"
                                           : c->order == MR_BY_KEY   ? "by key"
                                           : c->order == MR_BY_FIRST ? "by first appearance"
                                                                     : "by value");
    add_line(to, "--reverse: %s", yes(c->reverse));
    add_line(to, "--encoding: %s", c->encoding ? c->encoding : "by marks");
    add_line(to, "--force-bytes: %s", yes(c->force_bytes));
    add_line(to, "--format: %s", mr_format_names[c->format]);
    add_line(to, "--by-file: %s", yes(c->by_file));
    add_line(to, "--documents: %s", yes(c->documents));
    add_line(to, "--min-documents: %" PRIu64, c->min_documents);
    add_line(to, "--max-documents: %" PRIu64, c->max_documents);
    add_line(to, "--percent: %s", yes(c->percent));
    add_line(to, "--others: %s", yes(c->others));
    if (p->reduce.top == MR_ALL)
        add_line(to, "--top: all");
    else
        add_line(to, "--top: %" PRIu64, p->reduce.top);
    add_line(to, "lines of the result: %s", p->reduce.pack_lines ? "together" : "one by one");
    add_line(to, "an output of parts (--output-dir): %s", yes(c->output_dir != NULL));
    add_line(to, "--ordered-parts: %s", yes(p->ordered_parts));
    add_line(to, "--compress: %s", yes(c->compress));
    add_line(to, "--split-size: %" PRIu64 " bytes", p->split_size);
}

/* ---- the layout ------------------------------------------------------------------------- */

#define LAYOUT "the layout: %u reducers, %u buckets of %u bytes, %zu runs of %u bytes, made for %"

static void add_layout(struct mr_identity *to, const struct mr_config *c, const struct mr_plan *p)
{
    add_line(to, LAYOUT PRIu64 " bytes of memory, splits of %" PRIu64 " bytes%s%s", p->reducers,
             p->map.buckets, p->map.bucket_payload, p->reduce.runs_max, p->reduce.run_payload,
             p->made_for, p->split_size, c->compress ? ", compressed" : "",
             p->map.direct ? ", not shuffled" : "");
}

bool mr_identity_layout(const struct mr_buffer *identity, struct mr_layout *layout)
{
    static const char name[] = "\nthe layout: ";
    char line[512];
    const unsigned char *at = memmem(identity->at, identity->size, name, sizeof name - 1);
    if (at == NULL)
        return false;
    at++;
    const unsigned char *end = memchr(at, '\n', (size_t)(identity->at + identity->size - at));
    if (end == NULL || (size_t)(end - at) >= sizeof line)
        return false;
    snprintf(line, sizeof line, "%.*s", (int)(end - at), (const char *)at);
    layout->compress = strstr(line, ", compressed") != NULL;
    layout->direct = strstr(line, ", not shuffled") != NULL;
    /* NOLINTNEXTLINE(cert-err34-c): it was written by add_layout, and has a checksum */
    int taken = sscanf(line, LAYOUT SCNu64 " bytes of memory, splits of %" SCNu64 " bytes",
                       &layout->reducers, &layout->buckets, &layout->bucket_payload,
                       &layout->runs_max, &layout->run_payload, &layout->made_for,
                       &layout->split_size);
    return taken == 7 && mr_layout_is_possible(layout);
}

/* ---- the inputs ------------------------------------------------------------------------- */

static void add_input(struct mr_identity *to, const struct mr_source *s)
{
    char from[40] = "";
    const char *name = mr_source_name(s);
    if (s->base > 0)
        snprintf(from, sizeof from, " from byte %lld on", (long long)s->base);
    /* Of a very long name the line shows a part only: so its hash stands there, too. */
    add_line(to, "input '%s' (%016" PRIx64 ") of %" PRIu64 " bytes%s, changed at %lld.%09ld, "
                 "its state at %lld.%09ld", name, (uint64_t)XXH3_64bits(name, strlen(name)),
             s->size, from, (long long)s->changed.tv_sec, s->changed.tv_nsec,
             (long long)s->state.tv_sec, s->state.tv_nsec);
}

int mr_identity_make(struct mr_buffer *to, const struct mr_job *job, const void *state,
                     const struct mr_config *c, const struct mr_plan *p,
                     const struct mr_sources *sources, struct mr_error *err)
{
    struct mr_identity identity = { to, false };
    if (add_code(&identity, c->job_file, err) < 0)
        return -1;
    add_job(&identity, job, state);
    add_options(&identity, c, p);
    add_layout(&identity, c, p);
    for (size_t i = 0; i < sources->count && !identity.failed; i++)
        add_input(&identity, &sources->at[i]);
    return identity.failed ? mr_error_memory(err, to->size, "the job's identity") : 0;
}
