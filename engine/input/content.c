/* From a file's bytes to its content. */
#include "input/content.h"

#include "base/error.h"
#include "base/io.h"

#include <string.h>

/* Bytes of a compressed file: with less, starting a thread takes longer. */
enum { WORTH_A_THREAD = 1 << 20 };

/* ---- bytes ------------------------------------------------------------------------------ */

/* Takes up to size bytes from the file, fewer only at its end. */
static ssize_t take(void *arg, unsigned char *to, size_t size, struct mr_error *err)
{
    struct mr_content *c = arg;
    if (c->ended)
        return 0;
    ssize_t got = c->source->stream
                      ? mr_read_full(c->fd, to, size)
                      : mr_pread_full(c->fd, to, size, c->source->base + (off_t)c->taken);
    if (got < 0) /* a device or a network may do better next time */
        return mr_error_system(err, "cannot read '%s' at byte %llu", mr_source_name(c->source),
                               (unsigned long long)c->taken);
    mr_progress_read(c->progress, (size_t)got);
    c->ended = (size_t)got < size;
    c->taken += (uint64_t)got;
    return got;
}

/* The same of what stands for the file where its coding has it cut into blocks. */
static ssize_t take_blocks(void *arg, unsigned char *to, size_t size, struct mr_error *err)
{
    struct mr_content *c = arg;
    ssize_t got = c->blocks->give(c->block, to, size, err);
    mr_progress_read(c->progress, got > 0 ? (size_t)got : 0);
    c->taken = c->blocks->taken(c->block);
    return got;
}

static uint64_t offset_in_blocks(const void *arg, uint64_t given)
{
    const struct mr_content *c = arg;
    return c->blocks->place(c->block, given);
}

/* Takes up to size bytes of what a compressed file holds. */
static ssize_t decode(void *arg, unsigned char *to, size_t size, struct mr_error *err)
{
    struct mr_content *c = arg;
    return mr_decoder_read(c->decoder, to, size, err);
}

/* Takes up to size bytes of the file, decompressed if need be. */
static ssize_t take_decoded(void *arg, unsigned char *to, size_t size, struct mr_error *err)
{
    struct mr_content *c = arg;
    if (c->ahead)
        return mr_decode_ahead_read(c->ahead, to, size, err);
    return c->decoder ? mr_decoder_read(c->decoder, to, size, err) : take(c, to, size, err);
}

/* Takes up to size bytes of its text, decompressed and in UTF-8. */
static ssize_t take_text(struct mr_content *c, unsigned char *to, size_t size,
                         struct mr_error *err)
{
    return c->transcoder ? mr_transcoder_read(c->transcoder, to, size, err)
                         : take_decoded(c, to, size, err);
}

/* Reads the first bytes, by which it is known what follows; mr_content_read gives them again.
 * Returns 0 or -1. */
static int read_head(struct mr_content *c, struct mr_error *err)
{
    ssize_t got = take_text(c, c->head, sizeof c->head, err);
    if (got < 0)
        return -1;
    c->head_size = (size_t)got;
    return 0;
}

ssize_t mr_content_read(struct mr_content *c, unsigned char *to, size_t size,
                        struct mr_error *err)
{
    size_t left = c->head_size - c->head_given, from_head = left < size ? left : size;
    memcpy(to, c->head + c->head_given, from_head);
    c->head_given += from_head;
    if (from_head == size)
        return (ssize_t)size;
    ssize_t got = take_text(c, to + from_head, size - from_head, err);
    return got < 0 ? -1 : (ssize_t)from_head + got;
}

/* ---- codings ---------------------------------------------------------------------------- */

/* The file is not any more as it was when it was cut. */
static int lost(const struct mr_content *c, struct mr_error *err)
{
    if (mr_source_check(c->source, c->fd, err) == 0)
        mr_error_set(err, "cannot read '%s': nothing compressed begins any more at byte %llu",
                     mr_source_name(c->source), (unsigned long long)c->from);
    return -1;
}

static int begin_blocks(struct mr_content *c, const struct mr_coded_blocks *blocks,
                        struct mr_error *err)
{
    int found = blocks->open(&c->block, c->source, c->fd, err);
    if (found <= 0)
        return found < 0 ? -1 : lost(c, err);
    c->blocks = blocks;
    if (!blocks->begin(c->block, c->from))
        return lost(c, err);
    c->taken = blocks->taken(c->block);
    c->head_size = 0;
    return 0;
}

/* A compressed file is known by its first bytes. */
static int begin_decoder(struct mr_content *c, const struct mr_coding *coding,
                         struct mr_error *err)
{
    struct mr_coded coded = { coding, take, c, mr_source_name(c->source),
                              c->source->decode_memory, NULL };
    bool cut = c->from > 0 || c->to > 0;
    if (cut && coding->blocks) {
        if (begin_blocks(c, coding->blocks, err) < 0)
            return -1;
        coded.source = take_blocks;
        coded.place = offset_in_blocks;
    }
    c->decoder = mr_decoder_open(&coded, c->head, c->head_size);
    if (c->decoder == NULL)
        return mr_error_memory(err, 1 << 17, "decompression");
    if (cut && c->blocks == NULL)
        mr_decoder_expect(c->decoder, c->from, c->to, c->holds);
    return read_head(c, err);
}

/* Finds the coding of what stands at a byte of the file. */
static int find_coding(struct mr_content *c, uint64_t at, const struct mr_coding **coding,
                       struct mr_error *err)
{
    mr_content_seek(c, at);
    if (read_head(c, err) < 0)
        return -1;
    *coding = mr_coding_find(c->head, c->head_size);
    return 0;
}

/* The members of a piece that does not begin its file, or its blocks, which do not say what they
 * are: its first bytes do. */
static int begin_members(struct mr_content *c, struct mr_error *err)
{
    const struct mr_coding *coding;
    if (find_coding(c, 0, &coding, err) < 0)
        return -1;
    bool in_blocks = coding != NULL && coding->blocks != NULL;
    if (!in_blocks && find_coding(c, c->from, &coding, err) < 0)
        return -1;
    return coding && coding->open ? begin_decoder(c, coding, err) : lost(c, err);
}

/* Tells what the file seems to be, but not where bytes are asked for as they are, nor of records
 * that end with NUL, of which short ones look like UTF-16. */
static void look_for_unmarked(struct mr_content *c)
{
    if (!c->source->as_bytes && !c->source->records->ends.has['\0'])
        c->unmarked = mr_unmarked_find(c->head, c->head_size);
}

/* Decodes text whose encoding was given, or is told by a byte order mark. */
static int begin_text(struct mr_content *c, struct mr_error *err)
{
    const char *encoding = c->source->encoding;
    if (encoding == NULL && !c->source->as_bytes)
        encoding = mr_encoding_of_mark(c->head, c->head_size);
    if (encoding == NULL) {
        look_for_unmarked(c);
        return 0;
    }
    c->transcoder = mr_transcoder_open(encoding, take_decoded, c, mr_source_name(c->source),
                                       c->head, c->head_size, err);
    return c->transcoder == NULL ? -1 : read_head(c, err);
}

static int begin_file(struct mr_content *c, bool whole, struct mr_error *err)
{
    if (read_head(c, err) < 0)
        return -1;
    const struct mr_coding *coding = mr_coding_find(c->head, c->head_size);
    if (coding && (coding->open == NULL || (!whole && c->to == 0)))
        coding = NULL;
    if ((coding && begin_decoder(c, coding, err) < 0) ||
        mr_file_type_check(c->source, c->head, c->head_size, coding, err) < 0)
        return -1;
    if (whole)
        return begin_text(c, err);
    look_for_unmarked(c);
    return 0;
}

/* ---- a piece ---------------------------------------------------------------------------- */

int mr_content_open(struct mr_content *c, const struct mr_piece *piece, struct mr_error *err)
{
    memset(c, 0, sizeof *c);
    c->source = piece->source;
    c->from = piece->from;
    c->to = piece->to;
    c->holds = piece->end - (piece->from > 0 ? piece->start : 1);
    c->fd = mr_source_open(c->source, &c->close_fd, err);
    if (c->fd < 0)
        return -1;
    if (piece->start == 0)
        return begin_file(c, piece->end == MR_TO_END, err);
    if (piece->from > 0)
        return begin_members(c, err);
    mr_content_seek(c, piece->start);
    return 0;
}

void mr_content_seek(struct mr_content *c, uint64_t at)
{
    c->taken = at;
    c->ended = false;
}

/* A stream is read by a process of its own already. */
void mr_content_decode_ahead(struct mr_content *c)
{
    if (c->decoder && !c->source->stream && c->source->size >= WORTH_A_THREAD)
        c->ahead = mr_decode_ahead_start(decode, c);
}

/* Of a file that was empty, some file systems only do not know the size: mr_source_check is what
 * finds it grown. */
int mr_content_check_size(const struct mr_content *c, bool at_end, struct mr_error *err)
{
    uint64_t size = c->source->size;
    if (size == 0 || (!at_end && c->taken <= size))
        return 0;
    if (c->source->stream || c->taken == size)
        return 0;
    mr_error_set(err, "'%s' %s while it was being read: it had %llu bytes, now %s%llu; run again "
                      "when it is at rest", mr_source_name(c->source),
                 c->taken < size ? "shrank" : "grew", (unsigned long long)size,
                 c->taken < size ? "" : "at least ", (unsigned long long)c->taken);
    return mr_error_final(err);
}

void mr_content_close(struct mr_content *c)
{
    mr_decode_ahead_stop(c->ahead);
    c->ahead = NULL;
    mr_transcoder_close(c->transcoder);
    c->transcoder = NULL;
    mr_decoder_close(c->decoder);
    c->decoder = NULL;
    if (c->block != NULL)
        c->blocks->close(c->block);
    c->block = NULL;
    if (c->close_fd)
        mr_close(&c->fd);
}
