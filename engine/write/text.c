/* Text: gathered, and written at its place. */
#include "write/text.h"

#include "base/error.h"
#include "base/io.h"
#include "base/progress.h"

#include <string.h>

static int write_bytes(struct mr_text *text, const void *bytes, size_t n, struct mr_error *err)
{
    if (n > 0 && mr_output_write(text->output, text->part, text->from + text->bytes, bytes, n,
                                 err) < 0)
        return -1;
    text->bytes += n;
    mr_progress_made(text->progress);
    return 0;
}

static int flush(struct mr_text *text, struct mr_error *err)
{
    if (write_bytes(text, text->buffer.at, text->buffer.size, err) < 0)
        return -1;
    text->buffer.size = 0;
    return 0;
}

unsigned char *mr_text_make_room(struct mr_text *text, size_t n, struct mr_error *err)
{
    struct mr_buffer *b = &text->buffer;
    if (b->size >= text->gather && flush(text, err) < 0)
        return NULL;
    unsigned char *to = mr_buffer_reserve(b, n + 1); /* never none, which NULL would be */
    if (to == NULL)
        mr_error_memory(err, n, "the output's text");
    return to;
}

int mr_text_add(struct mr_text *text, const void *bytes, size_t n, struct mr_error *err)
{
    if (n >= text->gather)
        return flush(text, err) < 0 ? -1 : write_bytes(text, bytes, n, err);
    unsigned char *to = mr_text_reserve(text, n, err);
    if (to == NULL)
        return -1;
    if (n > 0)
        memcpy(to, bytes, n);
    mr_text_take(text, to + n);
    return 0;
}

int mr_text_finish(struct mr_text *text, struct mr_error *err)
{
    if (flush(text, err) < 0)
        return -1;
    /* A part is synced by the worker that writes it; a file of all ranges, by the supervisor. */
    bool part = text->output->kind == MR_OUTPUT_DIRECTORY;
    for (uint64_t at = 0; part && at + MR_SYNC_STEP < text->bytes; at += MR_SYNC_STEP) {
        if (mr_output_sync_step(text->output, at, err) < 0)
            return -1;
        mr_progress_made(text->progress);
    }
    return mr_output_end(text->output, text->part, text->from, text->bytes, err);
}

void mr_text_release(struct mr_text *text)
{
    mr_buffer_free(&text->buffer);
}
