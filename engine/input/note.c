/* The job's notes about files. */
#include "input/note.h"

#include "base/error.h"
#include "base/event.h"
#include "base/memory.h"
#include "input/reader.h"

#include <stdio.h>

enum { FIRST_MAX = 1 << 20 }; /* bytes of a file's first record, at most; a stream's is a chunk */

/* In shared memory stands for each source what the job notes, and behind all of that for each
 * stream what is to be told of it. */
struct said {
    char text[sizeof ((struct mr_error *)NULL)->text];
};

static size_t note_size(const struct mr_job *job)
{
    return (job->note_size + 7) / 8 * 8;
}

static void *note_of(const struct mr_sources *s, const struct mr_source *source)
{
    return (char *)s->notes + source->number * note_size(s->job);
}

/* How many of the first sources are streams. */
static size_t streams_of(const struct mr_sources *s, size_t first)
{
    size_t count = 0;
    for (size_t i = 0; i < first; i++)
        count += s->at[i].stream;
    return count;
}

static struct said *said_of(const struct mr_sources *s, size_t stream)
{
    return (struct said *)((char *)s->notes + s->count * note_size(s->job)) + stream;
}

static size_t notes_size(const struct mr_sources *s)
{
    return s->count * note_size(s->job) + streams_of(s, s->count) * sizeof(struct said);
}

static int too_long(const struct mr_source *source, struct mr_error *err)
{
    const char *name = mr_source_name(source);
    if (source->stream)
        mr_error_set(err, "'%s' has a first line of more than a mapper has memory for at a time: "
                          "give more (--memory), or have fewer (--mappers)", name);
    else
        mr_error_set(err, "'%s' has a first line of more than %d bytes, too long for one that says "
                          "what those behind it are", name, FIRST_MAX);
    return mr_error_final(err);
}

/* Has the job note what it needs. Returns 1 where there is something to be told, 0, or -1. */
static int begin(const struct mr_sources *s, const struct mr_source *source,
                 const struct mr_chunk *first, struct mr_error *err)
{
    if (first->part != MR_WHOLE)
        return too_long(source, err);
    if (first->size == 0)
        return 0;
    int result = s->job->begin_file(s->state, first, note_of(s, source), err);
    return result < 0 ? mr_error_final(err) : result;
}

static int begin_file(const struct mr_sources *s, const struct mr_source *source,
                      unsigned char *buffer, const struct mr_config *config, struct mr_error *err)
{
    struct mr_reader r;
    struct mr_chunk chunk = { 0 };
    int more = mr_reader_open(&r, source, 0, MR_TO_END, err);
    if (more == 0)
        more = mr_reader_next(&r, buffer, FIRST_MAX, &chunk, err);
    if (more > 0)
        more = begin(s, source, &chunk, err);
    mr_reader_close(&r);
    if (more > 0)
        mr_event_say(config, MR_WARNING, "warning: %s", err->text);
    return more < 0 ? -1 : 0;
}

static int begin_files(const struct mr_sources *s, const struct mr_config *config,
                       struct mr_error *err)
{
    unsigned char *buffer = mr_memory_get(FIRST_MAX + MR_CHUNK_PAD);
    int result = buffer ? 0 : mr_error_memory(err, FIRST_MAX, "first lines");
    for (size_t i = 0; result == 0 && i < s->count; i++)
        if (!s->at[i].stream)
            result = begin_file(s, &s->at[i], buffer, config, err);
    mr_memory_release(buffer, FIRST_MAX + MR_CHUNK_PAD);
    return result;
}

int mr_notes_make(struct mr_sources *s, const struct mr_job *job, const void *state,
                  const struct mr_config *config, struct mr_error *err)
{
    s->job = job;
    s->state = state;
    if (job->begin_file == NULL || s->count == 0)
        return 0;
    size_t size = notes_size(s);
    s->notes = mr_memory_get_shared(size + 1); /* a job may note nothing */
    if (s->notes == NULL)
        return mr_error_memory(err, size, "notes about the inputs");
    for (size_t i = 0; i < s->count; i++)
        s->at[i].note = note_of(s, &s->at[i]);
    return begin_files(s, config, err);
}

int mr_notes_begin_stream(const struct mr_sources *s, const struct mr_source *source,
                          const struct mr_chunk *first, struct mr_error *err)
{
    if (s->notes == NULL)
        return 0;
    int result = begin(s, source, first, err);
    if (result > 0) {
        struct said *said = said_of(s, streams_of(s, source->number));
        snprintf(said->text, sizeof said->text, "%s", err->text);
    }
    return result < 0 ? -1 : 0;
}

void mr_notes_tell(const struct mr_sources *s, const struct mr_config *config)
{
    size_t count = s->notes ? streams_of(s, s->count) : 0;
    for (size_t i = 0; i < count; i++)
        if (said_of(s, i)->text[0] != '\0')
            mr_event_say(config, MR_WARNING, "warning: %s", said_of(s, i)->text);
}

void mr_notes_free(struct mr_sources *s)
{
    if (s->notes)
        mr_memory_release(s->notes, notes_size(s) + 1);
    s->notes = NULL;
}
