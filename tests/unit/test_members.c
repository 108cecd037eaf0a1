/* Members of compressed files: cut anywhere between them, each record comes once; and what they say
 * wrongly is an error. */
#include "input/members.h"

#include "input/reader.h"
#include "input/split.h"

#include "encode.h"
#include "support.h"

#if defined WCMR_LZMA && LZMA_VERSION >= 50040002
#define IN_BLOCKS /* the library finds them */
#endif

static const struct mr_records ends = { { { ['\n'] = 1, ['\r'] = 1, [','] = 1 } } };

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &ends;
}

static const struct mr_job job = { .name = "test", .records = records };
static struct mr_sources sources;
static struct mr_splits splits;

static void end(void)
{
    mr_splits_free(&splits);
    mr_sources_free(&sources);
    remove_store();
}

TestSuite(members, .init = make_store, .fini = end);

enum { PLAIN = 3000, ROOM = 1 << 16, PARTS = 12, BUFFER = 64, LARGE = 20000 };

static unsigned char plain[PLAIN], file[ROOM], out[3 * LARGE];
static size_t file_size, done;

/* What bgzip ends a file with. */
static void end_file(encoder *encode)
{
    if (encode == encode_bgzf)
        file_size += encode_bgzf(file + file_size, ROOM - file_size, plain, 0);
}

/* A file of the plain text in parts, some of which hold nothing. Returns where they begin. */
static const size_t *make_file(encoder *encode, bool marked, size_t size)
{
    static size_t at[PARTS + 1];
    size_t cuts[PARTS + 1] = { 0 };
    unsigned sizes[PARTS][2];
    draw_bytes(plain, PLAIN, "ab,\r\n");
    if (marked)
        memcpy(plain, "\xEF\xBB\xBF", 3);
    file_size = 0;
    for (size_t i = 0; i < PARTS; i++) {
        size_t left = size - cuts[i], holds = draw_below(3) ? draw_below(left / 2 + 1) : 0;
        cuts[i + 1] = i + 1 == PARTS ? size : cuts[i] + holds;
        at[i] = file_size;
        file_size += encode(file + file_size, ROOM - file_size, plain + cuts[i],
                            cuts[i + 1] - cuts[i]);
        check(file_size > at[i]);
        sizes[i][0] = (unsigned)(file_size - at[i]);
        sizes[i][1] = (unsigned)(cuts[i + 1] - cuts[i]);
    }
    end_file(encode);
    at[PARTS] = file_size;
    (void)sizes;
#ifdef WCMR_ZSTD
    if (encode == encode_unsized)
        file_size = add_table(file, file_size, sizes, PARTS);
#endif
    return at;
}

static void find_file(void)
{
    const char *path = write_file("input", file, file_size);
    struct mr_config config = { .inputs = &path, .input_count = 1 };
    mr_sources_free(&sources);
    must(mr_sources_find(&sources, &job, NULL, &config, &err));
}

static int read_piece(const struct mr_piece *piece)
{
    struct mr_reader r;
    struct mr_chunk chunk;
    unsigned char buffer[BUFFER + MR_CHUNK_PAD];
    size_t mark = memcmp(plain, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    int more = mr_reader_open_piece(&r, piece, &err);
    while (more >= 0 && (more = mr_reader_next(&r, buffer, BUFFER, &chunk, &err)) > 0) {
        check(chunk.offset == done + mark && chunk.begins_file == (done == 0));
        check(done + chunk.size <= sizeof out);
        memcpy(out + done, chunk.data, chunk.size);
        done += chunk.size;
    }
    mr_reader_close(&r);
    return more;
}

/* Reads the file in splits of about size bytes. Returns 0 or -1. */
static int read_in_splits(uint64_t size)
{
    int result = 0;
    done = 0;
    mr_splits_free(&splits);
    if (mr_splits_plan(&splits, &sources, size, &err) < 0)
        return -1;
    uint64_t at = 0;
    for (size_t i = 0; i < splits.piece_count; i++) {
        check(mr_piece_from(&splits.pieces[i]) == at && splits.at[i].count == 1);
        at += splits.at[i].bytes;
        if (result == 0)
            result = read_piece(&splits.pieces[i]);
    }
    check(at == file_size);
    return result;
}

static const struct {
    const char *name;
    encoder *encode;
    bool in_blocks; /* a table tells of the whole file */
} measured[] = {
    { "bgzf", encode_bgzf, false },
#ifdef WCMR_ZSTD
    { "zstd", encode_zstd, false },
    { "zstd with a table", encode_unsized, false },
#endif
#ifdef IN_BLOCKS
    { "xz", encode_xz, true },
#endif
};

#define EACH for (size_t m = 0; m < sizeof measured / sizeof *measured; m++)
#define EACH_OF_MEMBERS EACH if (!measured[m].in_blocks)

Test(members, each_record_comes_once_whatever_the_size_of_splits)
{
    EACH for (int round = 0; round < 20; round++) {
        size_t size = draw_below(2) ? PLAIN : 10 + draw_below(200), most = 0;
        bool marked = draw_below(3) == 0;
        make_file(measured[m].encode, marked, size);
        find_file();
        for (uint64_t split = 1; split <= file_size + 1; split += 1 + split / 8) {
            must(read_in_splits(split));
            check_for(done == size - marked * 3 && memcmp(out, plain + marked * 3, done) == 0,
                      "%s in splits of %llu", measured[m].name, (unsigned long long)split);
            most = most > splits.count ? most : splits.count;
        }
        check(most > 2);
    }
}

Test(members, what_cannot_be_measured_is_one_piece)
{
    make_file(encode_gzip, false, PLAIN);
    find_file();
    must(read_in_splits(1));
    check(splits.count == 1 && done == PLAIN);
    EACH { /* from there on */
        size_t size = make_file(measured[m].encode, false, PLAIN)[PARTS / 2];
        file[size + 2] ^= 0x10; /* this is no head */
        find_file();
        must_fail(read_in_splits(1), " at byte ");
        check(measured[m].in_blocks == (splits.count == 1));
        check(splits.pieces[splits.count - 1].from < size);
    }
}

/* Reading in splits is an error that says where, and so is reading at once. */
static void check_damaged(const char *what)
{
    find_file();
    err.final = false;
    must_fail(read_in_splits(file_size + 1), " at byte ");
    cr_assert(err.final, "%s", what);
    err.final = false;
    must_fail(read_in_splits(1), " at byte ");
    cr_assert(err.final && splits.count > 1, "%s", what);
}

/* To be read at once the file is right; what the table says there that a frame holds is wrong. */
static void check_lie(size_t at)
{
    file[at] ^= 1;
    find_file();
    must(read_in_splits(file_size + 1));
    err.final = false;
    must_fail(read_in_splits(1), "a part that is not as large as it says");
    check(err.final);
}

Test(members, what_is_damaged_or_cut_short_is_an_error)
{
    EACH_OF_MEMBERS for (size_t part = PARTS / 2; part < PARTS; part++) {
        const size_t *at = make_file(measured[m].encode, false, PLAIN);
        for (size_t back = 1; back <= 4; back++) { /* what bgzip's hold; zstd's checksum */
            file[at[part + 1] - back] ^= 1;
            check_damaged("damaged");
            file[at[part + 1] - back] ^= 1;
        }
        if (file_size > at[PARTS]) {
            check_lie(file_size - 9 - (PARTS - PARTS / 2) * 8 + 4);
            continue;
        }
        file_size = at[part + 1] - 1;
        check_damaged("cut short");
    }
}

/* So much more that who reads what it is said to hold, and a little beyond, does not get to its
 * end. */
Test(members, one_that_holds_far_more_than_it_says_is_an_error)
{
    static unsigned char text[LARGE];
    EACH_OF_MEMBERS {
        encoder *encode = measured[m].encode;
        unsigned sizes[3][2];
        draw_bytes(text, LARGE, "ab,\r\n");
        file_size = 0;
        for (int i = 0; i < 3; i++) {
            size_t size = encode(file + file_size, ROOM - file_size, text, LARGE);
            check(size > 0);
            file_size += size;
            sizes[i][0] = (unsigned)size;
            sizes[i][1] = i == 0 ? 10 : LARGE;
        }
        end_file(encode);
        if (encode == encode_bgzf)
            mr_put32(file + sizes[0][0] - 4, 10);
#ifdef WCMR_ZSTD
        if (encode == encode_zstd)
            continue; /* the library sees it already */
        if (encode == encode_unsized)
            file_size = add_table(file, file_size, sizes, 3);
#endif
        find_file();
        err.final = false;
        must_fail(read_in_splits(1), "a part that is not as large as it says");
        check(err.final && splits.count > 1);
    }
}

/* A member's head says that the next one is in it. That is one itself, inside of what the former
 * holds, as it is. */
Test(members, a_size_that_leads_into_what_a_member_holds_is_an_error)
{
    unsigned char inner[200], outer[400] = "x\n";
    size_t inside = encode_bgzf(inner, sizeof inner, (const unsigned char *)"not,this\n", 9);
    static const unsigned char stored[] = { 31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 'B', 'C', 2 };
    memcpy(outer, stored, sizeof stored);
    size_t at = 18;
    outer[at++] = 1; /* the last block, stored */
    outer[at++] = (unsigned char)(inside + 4);
    outer[at++] = 0;
    outer[at++] = (unsigned char)~(inside + 4);
    outer[at++] = 0xFF;
    memcpy(outer + at, "\4\0\0\0", 4); /* what it would hold that ends here */
    at += 4;
    memcpy(outer + at, inner, inside);
    uLong crc = crc32(crc32(0, NULL, 0), outer + at - 4, (uInt)inside + 4);
    size_t lie = at;
    at += inside;
    for (int i = 0; i < 4; i++)
        outer[at++] = (unsigned char)(crc >> 8 * i);
    outer[at++] = (unsigned char)(inside + 4);
    memset(outer + at, 0, 3);
    at += 3;
    file_size = encode_bgzf(file, ROOM, (const unsigned char *)"a,b\n", 4);
    file_size += encode_bgzf(file + file_size, ROOM, (const unsigned char *)"a,b\n", 4);
    outer[16] = (unsigned char)(lie - 1);
    outer[17] = 0;
    memcpy(file + file_size, outer, at);
    file_size += at;
    end_file(encode_bgzf);
    memcpy(plain, "abc", 3);
    find_file();
    must(read_in_splits(file_size + 1)); /* to gzip it is nothing */
    must_fail(read_in_splits(1), "a part that is not as large as it says");
    check(err.final);
}

#ifdef IN_BLOCKS
/* Reading in splits is an error, as reading at once is. Returns whether it is the same. */
static bool fails_the_same(void)
{
    char said[sizeof err.text];
    find_file();
    must_fail(read_in_splits(file_size + 1), " at byte ");
    memcpy(said, err.text, sizeof said);
    err.final = false;
    must_fail(read_in_splits(1), " at byte ");
    check(err.final);
    return strcmp(said, err.text) == 0;
}

/* It is seen at another byte where what is wrong has the decoder read on behind the block. */
Test(members, each_wrong_byte_of_blocks_is_an_error)
{
    size_t rounds = 0, same = 0;
    make_file(encode_xz, false, PLAIN);
    const size_t whole = file_size;
    for (size_t at = draw_below(20); at < whole; at += 1 + draw_below(20)) {
        unsigned char bit = (unsigned char)(1 << draw_below(8));
        file[at] ^= bit;
        same += fails_the_same();
        rounds++;
        file[at] ^= bit;
        file_size = at;
        check(at < 18 || fails_the_same());
        file_size = whole;
    }
    check_for(same >= rounds - rounds / 4, "%zu of %zu are the same", same, rounds);
}

/* A stream of blocks, whose table says of the third and fourth that they hold, and are, so much
 * more and less. */
static void make_lie(int holds, int size)
{
    lzma_index *index = NULL, *lie = lzma_index_init(NULL);
    lzma_stream_flags foot;
    uint64_t most = UINT64_MAX;
    file_size = encode_xz(file, ROOM, plain, PLAIN);
    check(lzma_stream_footer_decode(&foot, file + file_size - 12) == LZMA_OK);
    size_t at = file_size - 12 - foot.backward_size, from = at;
    check(lzma_index_buffer_decode(&index, &most, NULL, file, &from, file_size) == LZMA_OK);
    lzma_index_iter i;
    lzma_index_iter_init(&i, index);
    while (!lzma_index_iter_next(&i, LZMA_INDEX_ITER_BLOCK)) {
        int sign = i.block.number_in_file == 3 ? 1 : i.block.number_in_file == 4 ? -1 : 0;
        check(lzma_index_append(lie, NULL, i.block.unpadded_size + (lzma_vli)(sign * size),
                                i.block.uncompressed_size + (lzma_vli)(sign * holds)) == LZMA_OK);
    }
    check(lzma_index_buffer_encode(lie, file, &at, ROOM) == LZMA_OK);
    foot.backward_size = lzma_index_size(lie);
    check(lzma_stream_footer_encode(&foot, file + at) == LZMA_OK);
    file_size = at + 12;
    lzma_index_end(index, NULL);
    lzma_index_end(lie, NULL);
}

Test(members, a_table_that_lies_is_an_error)
{
    static const int lies[][2] = { { 1, 0 }, { -1, 0 }, { 0, 4 }, { 0, -4 }, { 7, 8 } };
    draw_bytes(plain, PLAIN, "ab,\r\n");
    make_lie(0, 0);
    find_file();
    must(read_in_splits(1));
    check(splits.count == PLAIN / 300 && done == PLAIN && memcmp(out, plain, PLAIN) == 0);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        make_lie(lies[i][0], lies[i][1]);
        find_file();
        for (size_t pieces = 3; pieces > 0; pieces--) {
            err.final = false;
            must_fail(read_in_splits(file_size / pieces + 1), " at byte ");
            check(err.final && splits.count == pieces);
        }
    }
}
#endif
