/* The reader: however a file is cut in pieces and whatever the buffer, each record comes once. */
#include "input/reader.h"

#include "support.h"

#include <sys/stat.h>
#include <zlib.h>

static const struct mr_records white = { { { ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1,
                                             ['\r'] = 1, [' '] = 1 } } };
static const struct mr_records commas = { { { ['\n'] = 1, ['\r'] = 1, [','] = 1 } } };
static const struct mr_records marks = { { { ['\n'] = 1, ['\r'] = 1, [0xBF] = 1 } } };

static const struct mr_records *chosen = &white;

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state, (void)path;
    return chosen;
}

static const struct mr_job job = { .name = "test", .records = records };
static struct mr_sources sources;

static void end(void)
{
    mr_sources_free(&sources);
    remove_store();
}

TestSuite(reader, .init = make_store, .fini = end);

static const struct mr_source *source_of(const char *path)
{
    struct mr_config config = { .inputs = &path, .input_count = 1 };
    mr_sources_free(&sources);
    must(mr_sources_find(&sources, &job, NULL, &config, &err));
    return &sources.at[0];
}

static const struct mr_source *file_of(const void *bytes, size_t size)
{
    return source_of(write_file("input", bytes, size));
}

/* What has come of a file so far. */
enum { CUTS = 1024 };

struct seen {
    unsigned char bytes[1 << 16];
    size_t size, chunks;
    size_t cuts[CUTS]; /* where chunks ended */
    size_t mark;       /* bytes of a mark before them */
    bool ended, open; /* ends_file was said; in the middle of a record */
};

static struct seen seen;

static bool is_end(unsigned char byte)
{
    return chosen->ends.has[byte];
}

/* A chunk is what the public header says of chunks. */
static void see(const struct mr_chunk *c)
{
    check(c->records == chosen && !seen.ended && c->offset == seen.mark + seen.size);
    check(c->begins_file == (seen.chunks == 0));
    const char *path = sources.at[0].path;
    check(c->source == 0 && strcmp(c->file, path ? path : "-") == 0);
    check(c->size > 0 || (seen.chunks == 0 && c->ends_file && c->part == MR_WHOLE));
    check(seen.open == (c->part == MR_MIDDLE || c->part == MR_LAST));
    bool last = c->part == MR_WHOLE || c->part == MR_LAST;
    check(!last || c->ends_file || c->size == 0 || is_end(c->data[c->size - 1]));
    /* No end before a part's last, which may be a CR LF. */
    for (size_t i = 0; c->part != MR_WHOLE && i < c->size; i++)
        check(!is_end(c->data[i]) || (c->part == MR_LAST && i + 2 >= c->size));
    /* A CR LF is never cut in two. */
    if (seen.size > 0 && seen.bytes[seen.size - 1] == '\r' && c->size > 0)
        check(c->data[0] != '\n');
    seen.cuts[seen.chunks % CUTS] = seen.size + c->size;
    check(seen.size + c->size <= sizeof seen.bytes);
    memcpy(seen.bytes + seen.size, c->data, c->size);
    seen.size += c->size;
    seen.open = !last;
    seen.ended = c->ends_file;
    seen.chunks++;
}

/* Whether a UTF-8 sequence begins before a place in the bytes and goes on behind it. */
static bool cuts_character(const unsigned char *bytes, size_t size, size_t at)
{
    for (size_t back = 1; back <= 3 && back <= at; back++) {
        const unsigned char *first = bytes + at - back;
        size_t length = *first >= 0xF0 ? 4 : *first >= 0xE0 ? 3 : *first >= 0xC0 ? 2 : 1;
        if (length <= back || at - back + length > size)
            continue;
        size_t good = 1;
        while (good < length && (first[good] & 0xC0) == 0x80)
            good++;
        if (good == length)
            return true;
    }
    return false;
}

static int read_piece(const struct mr_source *source, uint64_t start, uint64_t end_at, size_t room)
{
    struct mr_reader r;
    struct mr_chunk chunk;
    unsigned char *buffer = malloc(room + MR_CHUNK_PAD);
    int more = mr_reader_open(&r, source, start, end_at, &err);
    if (more == 0)
        while ((more = mr_reader_next(&r, buffer, room, &chunk, &err)) > 0)
            see(&chunk);
    check(!seen.open || more < 0);
    mr_reader_close(&r);
    free(buffer);
    return more;
}

/* All pieces of about size bytes together give the file, but for a mark at its start, once. */
static void check_pieces(const unsigned char *bytes, size_t size, uint64_t split, size_t room)
{
    const struct mr_source *source = &sources.at[0];
    size_t mark = size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    seen.size = seen.chunks = 0;
    seen.mark = mark;
    seen.ended = seen.open = false;
    if (split == 0)
        must(read_piece(source, 0, MR_TO_END, room));
    for (uint64_t at = 0; split > 0 && at < size; at += split)
        must(read_piece(source, at, at + split < size ? at + split : size, room));
    check_for(seen.size == size - mark && memcmp(seen.bytes, bytes + mark, seen.size) == 0,
              "%zu of %zu bytes in pieces of %llu, buffers of %zu: '%.*s' of '%.*s'", seen.size,
              size - mark, (unsigned long long)split, room, (int)seen.size,
              (const char *)seen.bytes, (int)size, (const char *)bytes);
    for (size_t i = 0; i < seen.chunks && i < CUTS; i++)
        check_for(seen.cuts[i] == 0 || is_end(seen.bytes[seen.cuts[i] - 1]) ||
                      !cuts_character(seen.bytes, seen.size, seen.cuts[i]),
                  "a character is cut at %zu of '%.*s'", seen.cuts[i], (int)size,
                  (const char *)bytes);
    check_for(seen.ended == (size > 0 || split == 0), "pieces of %llu: the file's end",
              (unsigned long long)split);
}

static void check_file(const void *bytes, size_t size)
{
    static const size_t rooms[] = { 8, 9, 13, 16, 64, 100, 4096 };
    file_of(bytes, size);
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        for (uint64_t split = 0; split <= size + 1; split++)
            check_pieces(bytes, size, split, rooms[i]);
}

static void check_text(const char *text)
{
    check_file(text, strlen(text));
}

static const char *const texts[] = {
    "", "a", " ", "\n", "\r", "\r\n", ",", "ab", "a ", " a", "a,b", ",,", ",,\r\n,",
    "ab cd ef", "one two\nthree  four \n", "a\r\nb\r\n\r\nc\r\n", "a\rb\r\rc\r", "\n\r\n\r\r\n",
    "a,,b\r\n,\r\nlast,line", "  leading and trailing  ", "\r\n\r\n\r\n\r\n",
    "a-word-that-is-longer-than-any-small-buffer-here and another-one-that-is-as-long-as-that\r\n",
    "\xEF\xBB\xBF", "\xEF\xBB\xBF" "a", "\xEF\xBB\xBF\r\n", "\xEF\xBB\xBF" "ab cd,ef\n",
    "\xEF\xBB\xBF \xEF\xBB\xBF", "\xEF\xBB", "\xEF\xBB" "a,b", "a\xEF\xBB\xBF,b c",
    "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9 \xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2"
    "\x82\xAC\xE2\x82\xAC,\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80",
};

Test(reader, words_come_once_in_pieces_of_every_size)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_text(texts[i]);
}

Test(reader, fields_come_once_in_pieces_of_every_size)
{
    chosen = &commas;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_text(texts[i]);
}

Test(reader, a_mark_at_the_start_comes_not_even_where_its_bytes_end_records)
{
    chosen = &marks;
    check_text("\xEF\xBB\xBF" "ab\xBF" "cd\n");
    check_text("\xEF\xBB\xBF\xBF");
}

Test(reader, a_cr_lf_is_whole_wherever_the_buffer_ends)
{
    for (size_t before = 0; before < 40; before++) {
        char text[64];
        memset(text, 'a', sizeof text);
        memcpy(text + before, "\r\nb", 4);
        check_text(text);
    }
}

Test(reader, random_bytes_come_once_however_they_are_cut)
{
    unsigned char bytes[120];
    for (int round = 0; round < 60; round++) {
        chosen = round % 2 ? &commas : &white;
        size_t size = draw_below(sizeof bytes);
        draw_bytes(bytes, size, round % 3 ? "ab,\r\n \xE2\x82\xAC" : NULL);
        file_of(bytes, size);
        for (int i = 0; i < 40; i++)
            check_pieces(bytes, size, draw_below(size + 2), 8 + draw_below(40));
    }
}

Test(reader, large_files_come_once_too)
{
    static unsigned char bytes[60000];
    for (int round = 0; round < 12; round++) {
        size_t size = sizeof bytes - draw_below(5);
        chosen = round % 2 ? &commas : &white;
        draw_bytes(bytes, size, "abcdefghijkl,\r\n ");
        /* A few records larger than what is read at a time behind a piece. */
        for (int i = 0; i < 3; i++)
            memset(bytes + draw_below(40000), 'x', draw_below(20000));
        file_of(bytes, size);
        for (int i = 0; i < 12; i++)
            check_pieces(bytes, size, 1000 + draw_below(30000), 16 + draw_below(20000));
        check_pieces(bytes, size, 0, 1 << 20);
        check(seen.chunks <= 2);
    }
}

Test(reader, a_record_larger_than_the_buffer_comes_in_parts)
{
    char text[100];
    memset(text, 'w', sizeof text);
    text[99] = ' ';
    file_of(text, sizeof text);
    check_pieces((unsigned char *)text, sizeof text, 0, 20);
    cr_assert_geq(seen.chunks, 5);
    check_pieces((unsigned char *)text, sizeof text, 0, 200);
    cr_assert_eq(seen.chunks, 1);
}

Test(reader, a_pipe_is_read_to_its_end)
{
    char text[3000];
    int ends[2];
    draw_bytes((unsigned char *)text, sizeof text, "ab \r\n,");
    check(pipe(ends) == 0);
    check(write(ends[1], text, sizeof text) == sizeof text);
    close(ends[1]);
    check(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    source_of("-");
    check_pieces((unsigned char *)text, sizeof text, 0, 50);
}

Test(reader, standard_input_is_read_from_where_it_stands)
{
    static const char text[] = "skipped ab cd\r\nef";
    int fd = open(write_file("input", text, strlen(text)), O_RDONLY);
    check(dup2(fd, STDIN_FILENO) == STDIN_FILENO && lseek(STDIN_FILENO, 8, SEEK_SET) == 8);
    source_of("-");
    for (uint64_t split = 0; split < 12; split++)
        check_pieces((const unsigned char *)text + 8, strlen(text) - 8, split, 64);
    close(fd);
}

static size_t deflate_all(unsigned char *to, size_t room, const void *bytes, size_t size)
{
    z_stream z = { .next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (uInt)size,
                   .next_out = to, .avail_out = (uInt)room };
    check(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    check(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

Test(reader, gzip_is_inflated_whatever_its_name)
{
    static unsigned char deflated[4000];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t size = strlen(texts[i]);
        file_of(deflated, deflate_all(deflated, sizeof deflated, texts[i], size));
        for (size_t room = 8; room < 100; room += 7)
            check_pieces((const unsigned char *)texts[i], size, 0, room);
    }
}

Test(reader, gzip_that_is_cut_short_is_an_error)
{
    static unsigned char deflated[4000];
    size_t size = deflate_all(deflated, sizeof deflated, texts[21], strlen(texts[21]));
    for (size_t cut = 2; cut < size; cut++) {
        const struct mr_source *s = file_of(deflated, cut);
        seen.size = 0;
        seen.ended = seen.open = false;
        must_fail(read_piece(s, 0, MR_TO_END, 50), "input");
    }
}

/* Grows or shrinks a file that is being read, or only writes to it. */
static int read_while_it_becomes(off_t size, size_t room)
{
    char text[20000];
    struct mr_reader r;
    struct mr_chunk chunk;
    unsigned char *buffer = malloc(room + MR_CHUNK_PAD);
    memset(text, 'a', sizeof text);
    for (size_t i = 9; i < sizeof text; i += 10)
        text[i] = ' ';
    const struct mr_source *s = file_of(text, sizeof text);
    must(mr_reader_open(&r, s, 0, s->size, &err));
    must(mr_reader_next(&r, buffer, room, &chunk, &err));
    static const struct timespec now[2] = { { 1, 0 }, { 1, 0 } }; /* no clock is that coarse */
    check(truncate(scratch("input"), size) == 0);
    check(utimensat(AT_FDCWD, scratch("input"), now, 0) == 0);
    int more;
    while ((more = mr_reader_next(&r, buffer, room, &chunk, &err)) > 0)
        ;
    mr_reader_close(&r);
    free(buffer);
    return more;
}

Test(reader, a_file_that_is_written_to_while_it_is_read_is_an_error)
{
    must_fail(read_while_it_becomes(20000, 100), "was changed");
    cr_assert(err.final);
    must_fail(read_while_it_becomes(19000, 100), "shrank");
    cr_assert(err.final);
    must_fail(read_while_it_becomes(19999, 1000), "shrank");
    must_fail(read_while_it_becomes(20001, 100), "grew");
    must_fail(read_while_it_becomes(90000, 1000), "grew");
}

Test(reader, an_empty_file_that_grows_while_it_is_read_is_an_error)
{
    for (int late = 0; late < 2; late++) {
        struct mr_reader r;
        struct mr_chunk chunk;
        unsigned char buffer[100 + MR_CHUNK_PAD];
        const struct mr_source *s = file_of("", 0);
        must(mr_reader_open(&r, s, 0, MR_TO_END, &err));
        r.content.ended = late; /* it grows before or after its end is seen */
        write_file("input", "one two", 7);
        while (!late && r.base == 0)
            must(mr_reader_next(&r, buffer, 100, &chunk, &err));
        must_fail(mr_reader_next(&r, buffer, 100, &chunk, &err), "input' was changed");
        mr_reader_close(&r);
    }
}

Test(reader, a_file_that_changed_before_it_is_read_is_an_error)
{
    struct mr_reader r;
    const struct mr_source *s = file_of("one two", 7);
    write_file("input", "one two three", 13);
    must_fail(mr_reader_open(&r, s, 0, 7, &err), "was changed");
    mr_reader_close(&r);
}

Test(reader, a_read_that_fails_may_succeed_the_next_time)
{
    struct mr_reader r;
    must_fail(mr_reader_open(&r, source_of("/proc/self/mem"), 0, MR_TO_END, &err),
              "cannot read '/proc/self/mem' at byte 0");
    cr_assert_not(err.final);
    mr_reader_close(&r);
}

Test(reader, a_file_of_the_kernels_that_does_not_tell_its_size_is_read_whole)
{
    const struct mr_source *s = source_of("/proc/self/status");
    seen.size = seen.chunks = 0;
    seen.ended = seen.open = false;
    must(read_piece(s, 0, MR_TO_END, 64));
    cr_assert_gt(seen.size, 300);
    cr_assert_arr_eq(seen.bytes, "Name:", 5);
    s = access("/sys/kernel/mm/transparent_hugepage/enabled", R_OK) == 0
            ? source_of("/sys/kernel/mm/transparent_hugepage/enabled")
            : source_of("/proc/self/status");
    seen.size = seen.chunks = 0;
    seen.ended = seen.open = false;
    must(read_piece(s, 0, MR_TO_END, 64));
    cr_assert_gt(seen.size, 10);
}

/* CPU seconds to read what starts in the first bytes of a file; or least, if that is less. */
static double time_to_read(const struct mr_source *s, uint64_t first, size_t room, double least)
{
    unsigned char *buffer = malloc(room + MR_CHUNK_PAD);
    struct mr_reader r;
    struct mr_chunk chunk;
    uint64_t size = 0;
    int more;
    clock_t begin = clock();
    must(mr_reader_open(&r, s, 0, first, &err));
    while ((more = mr_reader_next(&r, buffer, room, &chunk, &err)) > 0)
        size += chunk.size;
    mr_reader_close(&r);
    must(more);
    cr_assert_eq(size, s->size);
    double took = (double)(clock() - begin) / CLOCKS_PER_SEC;
    free(buffer);
    return took < least ? took : least;
}

Test(reader, a_huge_record_costs_no_more_beyond_its_piece_than_in_it)
{
    enum { SIZE = 64 << 20 };
    unsigned char *bytes = malloc(SIZE);
    memset(bytes, 'a', SIZE);
    const struct mr_source *s = file_of(bytes, SIZE);
    free(bytes);
    double inside = 1e9, beyond = 1e9;
    /* Looked through from its start for each 4 KB, it took twenty times as long, however often it
     * is tried; a busy machine is not in the way of all tries. */
    for (int try = 0; try < 50 && (try < 3 || beyond >= 3 * inside + 0.01); try++) {
        inside = time_to_read(s, MR_TO_END, 256 << 10, inside);
        beyond = time_to_read(s, 1000, 256 << 10, beyond);
    }
    cr_assert_lt(beyond, 3 * inside + 0.01, "%.3f s beyond, %.3f s inside", beyond, inside);
}

Test(reader, what_is_passed_over_is_progress_too)
{
    /* The middle of one record, in which none begins: no chunk comes of it. */
    enum { SIZE = 64 * 4096 };
    static char bytes[SIZE];
    static unsigned char buffer[4096 + MR_CHUNK_PAD];
    struct mr_reader r;
    struct mr_chunk chunk;
    _Atomic uint64_t progress = 0;
    memset(bytes, 'x', sizeof bytes);
    must(mr_reader_open(&r, file_of(bytes, SIZE), 2 * 4096, 62 * 4096, &err));
    r.content.progress = &progress;
    cr_assert_eq(mr_reader_next(&r, buffer, 4096, &chunk, &err), 0);
    cr_assert_geq(progress, 20);
    mr_reader_close(&r);
}
