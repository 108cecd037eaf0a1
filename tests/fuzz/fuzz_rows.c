/*
 * Fuzzes how files with quotes are cut (input/rows.c, split.c, reader.c): any bytes, in splits of any
 * size, with any small buffer; from a stream, too.
 *
 * Holds true: the chunks of all splits, one behind the other, are the file without its byte order
 * mark, each byte once; each begins where a row does or goes on with one, and ends where a row does
 * or says that it has more parts, as going through the file byte by byte has it; and a file that ends
 * in quotes is an error, and no other is.
 *
 * An input: what to do, the size of the splits, of the buffer, the file.
 */
#include "fuzz.h"
#include "input/split.h"
#include "input/reader.h"

#include <sys/mman.h>
#include <unistd.h>

enum { PAYLOAD_MIN = 8, MARK = 3 };

static const struct mr_records records_of = { { { ['\n'] = 1, ['\r'] = 1 } } };
static const struct mr_quotes quotes_of = { '"', ',' };

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &records_of;
}

static const struct mr_quotes *quotes(const void *state, const char *path)
{
    (void)state, (void)path;
    return &quotes_of;
}

/* The file, of each place whether a row starts there, and how much of it has come so far. */
struct seen {
    const unsigned char *bytes;
    unsigned char *starts;
    size_t size, done;
    bool open, closed; /* in the middle of a row; all quotes of the file are closed */
};

static void find_starts(struct seen *s)
{
    enum mr_row_state state = MR_ROW_START;
    s->starts = get_memory(s->size + 1);
    memset(s->starts, 0, s->size + 1);
    s->starts[s->done] = 1;
    for (size_t i = s->done; i < s->size; i++) {
        unsigned char b = s->bytes[i];
        state = mr_row_next(&records_of, &quotes_of, state, b);
        bool half = b == '\r' && i + 1 < s->size && s->bytes[i + 1] == '\n';
        if (state == MR_ROW_START && (b == '\n' || b == '\r') && !half)
            s->starts[i + 1] = 1;
    }
    s->closed = state != MR_ROW_QUOTED;
    s->starts[s->size] = 1;
}

static void see_chunk(struct seen *s, const struct mr_chunk *c)
{
    bool begins = c->part == MR_WHOLE || c->part == MR_FIRST;
    bool whole = c->part == MR_WHOLE || c->part == MR_LAST;
    hold(c->size <= s->size - s->done && c->offset == s->done);
    hold(memcmp(c->data, s->bytes + s->done, c->size) == 0);
    hold(begins == !s->open && (!begins || s->starts[s->done]));
    for (size_t i = 1; i < c->size && c->part != MR_WHOLE; i++)
        hold(!s->starts[s->done + i]);
    s->done += c->size;
    s->open = !whole;
    hold(!whole || s->starts[s->done]);
    hold(c->ends_file == (s->done == s->size));
}

/* Returns false where the file ends in quotes. */
static bool read_piece(struct seen *s, const struct mr_piece *piece, size_t room)
{
    struct mr_reader r;
    struct mr_chunk chunk;
    unsigned char *buffer = get_memory(room + MR_CHUNK_PAD);
    must(mr_reader_open(&r, piece->source, piece->start, piece->end, &failure));
    int more;
    while ((more = mr_reader_next(&r, buffer, room, &chunk, &failure)) > 0)
        see_chunk(s, &chunk);
    mr_reader_close(&r);
    free(buffer);
    hold(more == 0 || (!s->closed && strstr(failure.text, "not closed") != NULL));
    return more == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct mr_job job = { .name = "fuzz", .records = records, .quotes = quotes };
    struct choices c = { data, size };
    unsigned what = choose(&c), split = 1 + choose(&c), room = PAYLOAD_MIN + choose(&c);
    if (mr_coding_find(c.at, c.left) != NULL)
        return 0; /* that is another file: fuzz_gzip.c's */
    bool marked = c.left >= MARK && memcmp(c.at, "\xEF\xBB\xBF", MARK) == 0;
    struct seen seen = { .bytes = c.at, .size = c.left, .done = marked ? MARK : 0 };
    char path[32];
    const char *const input = path;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    hold(fd >= 0 && write(fd, c.at, c.left) == (ssize_t)c.left);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct mr_config config = { .inputs = &input, .input_count = 1, .force_bytes = true };
    struct mr_sources sources;
    struct mr_splits splits;
    must(mr_sources_find(&sources, &job, NULL, &config, &failure));
    must(mr_splits_plan(&splits, &sources, split, &failure));
    struct mr_piece stream = { &sources.at[0], 0, MR_TO_END, 0, 0 };
    bool one = what & 1, good = true;
    find_starts(&seen);
    if (one)
        good = read_piece(&seen, &stream, room);
    for (size_t i = 0; !one && good && i < splits.piece_count; i++)
        good = read_piece(&seen, &splits.pieces[i], room);
    hold(!good || (seen.closed && seen.done == seen.size && !seen.open));
    mr_splits_free(&splits);
    mr_sources_free(&sources);
    free(seen.starts);
    close(fd);
    return 0;
}
