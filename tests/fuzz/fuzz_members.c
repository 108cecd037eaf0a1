/*
 * Fuzzes how compressed files are cut (input/members.c, input/split.c, input/reader.c): members
 * made by bgzip's rules or by zstd, with frames to be skipped between them or a table behind them,
 * or streams of xz in blocks, and then changed.
 *
 * Holds true: what was not changed gives its records, each once, in splits of any size. What was
 * changed gives in splits what it gives as one, or an error; and an error where that is one.
 *
 * An input: which coding, the size of splits, a list of how much each member holds, a list of
 * changes of three bytes each (where, twice, and to what), and the text.
 */
#include "encode.h"
#include "fuzz.h"
#include "input/reader.h"
#include "input/split.h"

#include <sys/mman.h>
#include <unistd.h>

enum { PLAIN_MAX = 1 << 14, FILE_MAX = 1 << 17, HELD_MAX = 1 << 17, LIST_MAX = 260, ROOM = 64 };

/* What is made. */
enum {
#ifdef WCMR_ZSTD
    ZSTD = 1, TABLE = 2,
#else
    ZSTD = 0, TABLE = 0,
#endif
#ifdef WCMR_LZMA
    XZ = 4
#else
    XZ = 0
#endif
};

static const struct mr_records ends = { { { ['\n'] = 1, ['\r'] = 1, [' '] = 1 } } };

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &ends;
}

/* Appends a member. Returns its size. */
static size_t add_member(unsigned char *to, size_t room, const unsigned char *text, size_t n,
                         unsigned what)
{
#ifdef WCMR_LZMA
    if (what & XZ)
        return encode_xz(to, room, text, n);
#endif
#ifdef WCMR_ZSTD
    size_t size = 0;
    if ((what & ZSTD) && !(what & TABLE) && n % 7 == 3)
        size = encode_skippable(to, room, text, 0);
    if (what & ZSTD)
        return size + (what & TABLE ? encode_unsized : encode_zstd)(to + size, room - size, text, n);
#endif
    (void)what;
    return encode_bgzf(to, room, text, n);
}

static size_t make_file(struct choices *c, unsigned char *file, unsigned what, bool *same)
{
    struct choices sizes = choose_list(c), changes = choose_list(c), text = *c;
    unsigned frames[LIST_MAX][2];
    size_t size = 0, count = 0;
    while (text.left > 0 || size == 0) {
        size_t before = size;
        size_t n = sizes.left ? choose(&sizes) : text.left;
        n = n < text.left ? n : text.left;
        size += add_member(file + size, FILE_MAX - size, text.at, n, what);
        frames[count][0] = (unsigned)(size - before);
        frames[count++][1] = (unsigned)n;
        text.at += n;
        text.left -= n;
    }
    if (!(what & (ZSTD | XZ)))
        size += encode_bgzf(file + size, FILE_MAX - size, text.at, 0);
#ifdef WCMR_ZSTD
    if ((what & (ZSTD | TABLE | XZ)) == (ZSTD | TABLE))
        size = add_table(file, size, frames, count);
#endif
    *same = true;
    while (changes.left >= 3) {
        size_t place = choose(&changes) << 8;
        place |= choose(&changes);
        unsigned char *at = file + place % size, value = (unsigned char)choose(&changes);
        *same &= *at == value;
        *at = value;
    }
    (void)frames;
    return size;
}

/* Reads a piece's records behind each other. Returns 0, -1, or 1 where that is too much. */
static int read_piece(const struct mr_piece *piece, unsigned char *to, size_t *done)
{
    struct mr_reader r;
    struct mr_chunk chunk;
    unsigned char buffer[ROOM + MR_CHUNK_PAD];
    int more = may(mr_reader_open_piece(&r, piece, &failure)) ? 0 : -1;
    while (more >= 0 && *done + ROOM <= HELD_MAX &&
           may(more = mr_reader_next(&r, buffer, ROOM, &chunk, &failure)) && more > 0) {
        memcpy(to + *done, chunk.data, chunk.size);
        *done += chunk.size;
    }
    mr_reader_close(&r);
    return more;
}

static int read_splits(const struct mr_sources *sources, uint64_t size, unsigned char *to,
                       size_t *done)
{
    struct mr_splits splits;
    int result = may(mr_splits_plan(&splits, sources, size, &failure)) ? 0 : -1;
    *done = 0;
    for (size_t i = 0; result == 0 && i < splits.piece_count; i++)
        result = read_piece(&splits.pieces[i], to, done);
    mr_splits_free(&splits);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct mr_job job = { .name = "fuzz", .records = records };
    struct choices c = { data, size };
    unsigned what = choose(&c);
    bool same;
    unsigned split = 1 + choose(&c);
    if (c.left > PLAIN_MAX)
        return 0;
    unsigned char *file = get_memory(FILE_MAX), *whole = get_memory(HELD_MAX);
    unsigned char *cut = get_memory(HELD_MAX);
    size_t n = make_file(&c, file, what, &same), whole_size, cut_size;
    char path[32];
    const char *const input = path;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    hold(fd >= 0 && write(fd, file, n) == (ssize_t)n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct mr_config config = { .inputs = &input, .input_count = 1, .force_bytes = true };
    struct mr_sources sources;
    must(mr_sources_find(&sources, &job, NULL, &config, &failure));
    mr_sources_bound(&sources, 1 << 20);
    int at_once = read_splits(&sources, UINT64_MAX, whole, &whole_size);
    int in_splits = read_splits(&sources, split, cut, &cut_size);
    hold(!same || in_splits == 0);
    if (in_splits == 0 && at_once <= 0) {
        hold(at_once == 0 && cut_size == whole_size);
        hold(memcmp(cut, whole, cut_size) == 0);
    }
    mr_sources_free(&sources);
    close(fd);
    free(file);
    free(whole);
    free(cut);
    return 0;
}
