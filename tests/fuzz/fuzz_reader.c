/*
 * Fuzzes the reader (input/reader.c): any bytes, cut into any pieces, with any small buffer.
 *
 * Holds true: the chunks of all pieces, one behind the other, are the file without its byte order
 * mark, each byte once; a record is given by the piece it starts in; chunks are what mapreduce.h
 * says of them: whole records, or parts of one in their order, with CR LF and characters whole; each
 * where it says that it is; only the last ends the file, and what holds nothing gives one. The same from a stream, and from the file deflated. What begins as
 * a file of a kind that is not understood is refused, or read all the same when that is wanted.
 *
 * An input: what to do, the size of the buffer, any byte, a list of the pieces' sizes, the file.
 */
#include "fuzz.h"
#include "input/reader.h"

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

enum {
    PAYLOAD_MIN = 8,
    MARK = 3 /* bytes of a byte order mark */
};

static struct mr_records ends;

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &ends;
}

/* What the file is, and how much of it has come so far. */
struct seen {
    const unsigned char *bytes;
    size_t size, done;
    bool open;  /* in the middle of a record */
    bool ended; /* the file's end was told */
};

static bool is_end(unsigned char byte)
{
    return ends.ends.has[byte];
}

/* Whether a UTF-8 sequence begins before a place and goes on behind it. */
static bool cuts_character(const struct seen *s, size_t at)
{
    for (size_t back = 1; back <= 3 && back <= at; back++) {
        const unsigned char *first = s->bytes + at - back;
        size_t length = *first >= 0xF0 ? 4 : *first >= 0xE0 ? 3 : *first >= 0xC0 ? 2 : 1;
        if (length <= back || at - back + length > s->size)
            continue;
        size_t good = 1;
        while (good < length && (first[good] & 0xC0) == 0x80)
            good++;
        if (good == length)
            return true;
    }
    return false;
}

/* A record starts at a place; what starts behind a byte order mark starts the file. */
static void see_start(size_t at, bool marked, uint64_t start, uint64_t end)
{
    size_t place = marked && at == MARK ? 0 : at;
    hold(place >= start && place < end);
}

static void see_chunk(struct seen *s, const struct mr_chunk *c, bool marked, uint64_t start,
                      uint64_t end)
{
    bool begins = c->part == MR_WHOLE || c->part == MR_FIRST;
    bool whole = c->part == MR_WHOLE || c->part == MR_LAST;
    hold(c->size > 0 || (c->ends_file && s->done == s->size && !s->ended));
    hold(c->size <= s->size - s->done && c->records == &ends && c->offset == s->done);
    hold(memcmp(c->data, s->bytes + s->done, c->size) == 0);
    hold(begins == !s->open);
    size_t first = s->done;
    if (begins && c->size > 0)
        see_start(first, marked, start, end);
    for (size_t i = 0; i < c->size; i++) {
        if (!is_end(c->data[i]))
            continue;
        if (c->data[i] == '\r' && first + i + 1 < s->size && s->bytes[first + i + 1] == '\n' &&
            is_end('\n')) {
            hold(i + 1 < c->size);
            i++;
        }
        hold(c->part == MR_WHOLE || (c->part == MR_LAST && i + 1 == c->size));
        if (i + 1 < c->size)
            see_start(first + i + 1, marked, start, end);
    }
    s->done += c->size;
    s->open = !whole;
    s->ended = c->ends_file;
    hold(s->ended == (s->done == s->size));
    hold(s->ended ? whole : !whole || c->size == 0 || is_end(c->data[c->size - 1]));
    hold(whole || !cuts_character(s, s->done));
}

static void read_piece(struct seen *s, const struct mr_source *source, bool marked,
                       uint64_t start, uint64_t end, size_t room)
{
    struct mr_reader r;
    struct mr_chunk chunk;
    unsigned char *buffers[2] = { get_memory(room + MR_CHUNK_PAD),
                                  get_memory(room + MR_CHUNK_PAD) };
    must(mr_reader_open(&r, source, start, end, &failure));
    int more;
    for (int n = 0; (more = mr_reader_next(&r, buffers[n % 2], room, &chunk, &failure)) > 0; n++)
        see_chunk(s, &chunk, marked, start, end);
    must(more);
    hold(!s->open);
    mr_reader_close(&r);
    free(buffers[0]);
    free(buffers[1]);
}

/* Chooses what ends records. */
static void choose_ends(unsigned which, unsigned char any)
{
    memset(&ends, 0, sizeof ends);
    for (unsigned b = 0; b < 256; b++)
        ends.ends.has[b] = which == 0   ? b == ' ' || (b >= 9 && b <= 13)
                           : which == 1 ? b == '\n' || b == '\r' || b == any
                           : which == 2 ? b == any
                                        : b >= any;
}

/* A file of these bytes, deflated or not, in memory. */
static int make_file(const struct choices *bytes, bool deflated)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    hold(fd >= 0);
    z_stream z = { .next_in = copy_of(bytes->at, bytes->left), .avail_in = (uInt)bytes->left };
    unsigned char *in = z.next_in, *out = in;
    size_t size = bytes->left;
    if (deflated) {
        hold(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
        z.avail_out = (uInt)deflateBound(&z, z.avail_in);
        z.next_out = out = get_memory(z.avail_out);
        hold(deflate(&z, Z_FINISH) == Z_STREAM_END);
        size = z.total_out;
        deflateEnd(&z);
    }
    hold(write(fd, out, size) == (ssize_t)size);
    if (out != in)
        free(out);
    free(in);
    return fd;
}

/* Unless it is to be counted as it is, what begins as another kind of file is refused. */
static void check_refused(struct mr_source *source, const struct choices *content)
{
    struct mr_reader r;
    size_t head = content->left < MR_FILE_TYPE_HEAD ? content->left : MR_FILE_TYPE_HEAD;
    unsigned char *exact = copy_of(content->at, head);
    bool refused = mr_coding_find(exact, head) != NULL || mr_file_type_name(exact, head) != NULL;
    source->as_bytes = false;
    bool text = mr_encoding_of_mark(exact, head) != NULL; /* which may not be valid */
    bool failed = mr_reader_open(&r, source, 0, MR_TO_END, &failure) < 0;
    hold(text || failed == refused);
    mr_reader_close(&r);
    source->as_bytes = true;
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct mr_job job = { .name = "fuzz", .records = records };
    struct choices c = { data, size };
    unsigned what = choose(&c), room = PAYLOAD_MIN + choose(&c), any = choose(&c);
    bool deflated = what & 4, stream = what & 8;
    struct choices cuts = choose_list(&c);
    choose_ends(what & 3, (unsigned char)any);
    if (!deflated && mr_coding_find(c.at, c.left) != NULL)
        return 0; /* read whole, that is another file: fuzz_gzip.c's */
    bool marked = c.left >= MARK && memcmp(c.at, "\xEF\xBB\xBF", MARK) == 0;
    struct seen seen = { c.at, c.left, marked ? MARK : 0, false, false };

    char path[32];
    const char *const input = path;
    int fd = make_file(&c, deflated);
    struct mr_config config = { .inputs = &input, .input_count = 1, .force_bytes = true };
    struct mr_sources sources;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    must(mr_sources_find(&sources, &job, NULL, &config, &failure));
    struct mr_source *source = &sources.at[0];
    if (stream) {
        source->stream = true;
        source->size = 0;
    }
    check_refused(source, &c);
    if (deflated || stream || cuts.left == 0) {
        read_piece(&seen, source, marked, 0, MR_TO_END, room);
    } else {
        for (size_t at = 0, end; at < c.left; at = end) {
            unsigned cut = choose(&cuts);
            end = cut && cut < c.left - at ? at + cut : c.left;
            read_piece(&seen, source, marked, at, end, room);
        }
    }
    hold(seen.done == seen.size);
    hold(seen.ended == (c.left > 0 || deflated || stream || cuts.left == 0));
    mr_sources_free(&sources);
    close(fd);
    return 0;
}
