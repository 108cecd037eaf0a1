/* Types of files: each is known by its first bytes, what only resembles one is not. */
#include "input/file_type.h"

#include "input/reader.h"
#include "support.h"

#include <zlib.h>

static unsigned char head[MR_FILE_TYPE_HEAD];

/* The name of what begins with these bytes, at a place, before zeros. */
static const char *name_of(size_t at, const void *bytes, size_t size)
{
    memset(head, 0, sizeof head);
    memcpy(head + at, bytes, size);
    return mr_file_type_name(head, sizeof head);
}

static const struct example {
    const char *name;
    size_t at, size;
    const char *bytes;
} examples[] = {
    { "an lzip file", 0, 6, "LZIP\1\x14" },
    { "an lz4 file", 0, 4, "\x02\x21\x4C\x18" },
    { "an lzop file", 0, 9, "\x89LZO\0\r\n\x1A\n" },
    { "a zip archive", 0, 4, "PK\3\4" },
    { "a zip archive", 0, 4, "PK\5\6" },
    { "a zip archive", 0, 4, "PK\7\x08" },
    { "a zip archive", 0, 8, "PK00PK\3\4" },
    { "a 7z archive", 0, 6, "7z\xBC\xAF\x27\x1C" },
    { "a rar archive", 0, 7, "Rar!\x1A\x07\0" },
    { "a tar archive", 257, 8, "ustar\0" "00" },
    { "a tar archive", 257, 8, "ustar  \0" },
    { "a file of 'compress'", 0, 3, "\x1F\x9D\x90" },
    { "a file of 'compress'", 0, 3, "\x1F\xA0\x90" },
    { "a file of 'pack'", 0, 3, "\x1F\x1E\x90" },
    { "a file of Snappy", 0, 10, "\xFF\6\0\0sNaPpY" },
    { "a PDF document", 0, 8, "%PDF-1.7" },
    { "an old Office document", 0, 8, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" },
    { "an SQLite database", 0, 16, "SQLite format 3\0" },
    { "a Parquet file", 0, 5, "PAR1\x15" },
    { "an ORC file", 0, 4, "ORC\x0E" },
    { "an Avro file", 0, 6, "Obj\1\4\x16" },
    { "a Hadoop sequence file", 0, 4, "SEQ\6" },
};
enum { EXAMPLES = sizeof examples / sizeof *examples };

Test(file_type, each_is_known_by_its_first_bytes)
{
    for (size_t i = 0; i < EXAMPLES; i++) {
        const struct example *e = &examples[i];
        const char *name = name_of(e->at, e->bytes, e->size);
        check_for(name && strcmp(name, e->name) == 0, "%s is '%s'", e->name, name ? name : "none");
    }
}

Test(file_type, as_many_bytes_as_tell_it_are_enough_and_none_beyond_is_read)
{
    for (size_t i = 0; i < EXAMPLES; i++) {
        const struct example *e = &examples[i];
        name_of(e->at, e->bytes, e->size);
        for (size_t size = 0; size <= e->at + e->size; size++) {
            unsigned char *exact = malloc(size + 1);
            memcpy(exact, head, size);
            const char *name = mr_file_type_name(exact, size);
            check_for(size < e->at + e->size || name, "%s of %zu bytes", e->name, size);
            check_for(name == NULL || size >= 2, "%s of %zu bytes", e->name, size);
            free(exact);
        }
    }
}

Test(file_type, what_only_resembles_one_is_none)
{
    static const struct example none[] = {
        { "", 0, 3, "\xEF\xBB\xBF" },
        { "", 0, 2, "\xFF\xFF" }, { "", 0, 1, "\xFF" }, { "", 0, 4, "\0\0\xFF\xFE" },
        { "", 0, 3, "PK " }, { "", 0, 4, "PK\3\5" }, { "", 0, 6, "7zip a" },
        { "", 256, 8, "ustar\0" "00" }, { "", 257, 8, "ustar of" }, { "", 257, 6, "ustar\n" },
        { "", 0, 15, "ORCHID\0PAR1.doc" }, { "", 0, 13, "PAR1.doc\0ORCA" },
        { "", 0, 13, "Obj\1name\1a\2b\n" }, { "", 0, 12, "ORC\1\5\n\0\0\0\1\2\3" },
        { "", 0, 5, "Rar! " }, { "", 0, 6, "LZIP 1" }, { "", 0, 2, "\x9D\x1F" },
    };
    static const char *const texts[] = { "PAR1 is a gene", "ORC rows", "Objects", "SQLite format 3",
                                         "%PDF is no text", "%PDF-reader of mine", "x\x9C",
                                         "x^2 + y^2" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *name = mr_file_type_name((const unsigned char *)texts[i], strlen(texts[i]));
        check_for(name == NULL, "'%s' is '%s'", texts[i], name);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        const char *name = name_of(none[i].at, none[i].bytes, none[i].size);
        check_for(name == NULL, "example %zu is '%s'", i, name);
    }
}

/* The head of a tar archive without magic, whose sum is written so. */
static void make_old_tar(const char *format)
{
    unsigned sum = 8 * ' ';
    memset(head, 0, sizeof head);
    memcpy(head, "notes\xFF.txt", 10);
    memcpy(head + 100, "   644 ", 7);
    memcpy(head + 124, "         12 14371573412 ", 24);
    for (size_t i = 0; i < 512; i++)
        sum += head[i];
    snprintf((char *)head + 148, 8, format, sum);
    head[155] = ' ';
}

Test(file_type, tar_without_magic_is_known_by_its_sum)
{
    static const char *const formats[] = { "%6o", "%06o" };
    for (size_t i = 0; i < 2; i++) {
        make_old_tar(formats[i]);
        cr_assert_str_eq(mr_file_type_name(head, 512), "a tar archive");
        cr_assert_null(mr_file_type_name(head, 511));
        for (size_t at = 0; at < 512; at++) {
            head[at] ^= 1;
            check_for(mr_file_type_name(head, 512) == NULL, "byte %zu", at);
            head[at] ^= 1;
        }
    }
    memset(head, 0, sizeof head);
    memcpy(head + 148, "   400\0 ", 8);
    cr_assert_null(mr_file_type_name(head, 512), "it has no name");
}

Test(file_type, a_zlib_stream_is_known_by_what_it_decodes_to)
{
    static unsigned char text[4000], packed[8000];
    for (int round = 0; round < 300; round++) {
        size_t size = draw_below(round % 2 ? 20 : sizeof text);
        uLongf used = sizeof packed;
        for (size_t i = 0; i < size; i++)
            text[i] = (unsigned char)draw_below(round % 3 ? 256 : 3);
        cr_assert_eq(compress2(packed, &used, text, size, (int)draw_below(10)), Z_OK);
        size_t there = used < MR_FILE_TYPE_HEAD ? used : MR_FILE_TYPE_HEAD;
        const char *name = mr_file_type_name(packed, there);
        check_for(name && strcmp(name, "a zlib stream") == 0, "of %zu bytes", size);
        if (used > MR_FILE_TYPE_HEAD)
            continue;
        packed[used - 1] ^= 1;
        check_for(mr_file_type_name(packed, there) == NULL, "of %zu bytes, with a wrong sum", size);
    }
}

Test(file_type, a_text_that_would_decode_is_no_zlib_stream)
{
    static const char *const marks[] = { "x^", "x\x9C", "x\xDA" };
    for (size_t i = 0; i < sizeof head; i++)
        head[i] = i % 2 ? '(' : '*';
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        memcpy(head, marks[i], 2);
        check_for(mr_file_type_name(head, MR_FILE_TYPE_HEAD) == NULL, "mark %zu", i);
    }
}

Test(file_type, no_text_is_one)
{
    for (int round = 0; round < 100000; round++) {
        for (size_t i = 0; i < 20; i++) /* the visible characters and white space */
            head[i] = (unsigned char)(draw_below(10) ? ' ' + draw_below(95) : 9 + draw_below(5));
        check_for(mr_file_type_name(head, 20) == NULL, "'%.20s'", (char *)head);
    }
}

/* ---- refusing --------------------------------------------------------------------------- */

static const struct mr_records white = { { { ['\n'] = 1, [' '] = 1 } } };

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &white;
}

static const struct mr_job job = { .name = "test", .records = records };

/* Opens a file of these bytes, to its end or as a first piece. */
static int open_file(const char *path, uint64_t end, bool force)
{
    struct mr_config config = { .inputs = &path, .input_count = 1, .force_bytes = force };
    struct mr_sources sources;
    struct mr_reader r;
    must(mr_sources_find(&sources, &job, NULL, &config, &err));
    int result = mr_reader_open(&r, &sources.at[0], 0, end, &err);
    mr_reader_close(&r);
    mr_sources_free(&sources);
    return result;
}

TestSuite(refused, .init = make_store, .fini = remove_store);

Test(refused, a_file_is_with_its_name_its_kind_and_a_command)
{
    char wanted[5000];
    const char *path = strdup(write_file("a.zip", "PK\3\4.....", 9));
    snprintf(wanted, sizeof wanted, "cannot count '%s': it is a zip archive; what makes it readable: "
                                    "unzip -p '%s' | wc-mr ", path, path);
    must_fail(open_file(path, MR_TO_END, false), wanted);
    cr_assert(err.final);
    must_fail(open_file(path, 4, false), wanted);
    must(open_file(path, MR_TO_END, true));
    free((char *)(uintptr_t)path);
}

Test(refused, a_name_that_a_shell_would_take_apart_is_not_put_in_the_command)
{
    must_fail(open_file(write_file("it's", "PK\3\4", 4), MR_TO_END, false),
              ": unzip -p FILE | wc-mr");
    must_fail(open_file(write_file("two\nlines", "PK\3\4", 4), MR_TO_END, false),
              ": unzip -p FILE | wc-mr");
    check(chdir(store->directory) == 0);
    must_fail(open_file("two\nlines", MR_TO_END, false), ": unzip -p FILE | wc-mr");
    write_file("-v", "PK\3\4", 4);
    must_fail(open_file("-v", MR_TO_END, false), ": unzip -p FILE | wc-mr");
}

Test(refused, so_is_what_gzip_holds_and_gzip_in_gzip)
{
    static const struct {
        const char *bytes, *said;
    } inside[] = {
        { "PK\3\4", "gzip, and holds a zip archive; what makes it readable: zcat 'x' | funzip" },
        { "7z\xBC\xAF\x27\x1C", "holds a 7z archive; what makes it readable: 7z x -so FILE |" },
        { "\x1F\x8B\x08\1", "holds gzip once more; what makes it readable: zcat 'x' | zcat |" },
    };
    check(chdir(store->directory) == 0);
    for (size_t i = 0; i < 3; i++) {
        unsigned char out[200];
        z_stream z = { .next_in = (unsigned char *)(uintptr_t)inside[i].bytes,
                       .avail_in = (uInt)strlen(inside[i].bytes), .next_out = out,
                       .avail_out = sizeof out };
        check(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
        check(deflate(&z, Z_FINISH) == Z_STREAM_END);
        deflateEnd(&z);
        write_file("x", out, sizeof out - z.avail_out);
        must_fail(open_file("x", MR_TO_END, false), inside[i].said);
        must(open_file("x", MR_TO_END, true));
    }
}

Test(refused, standard_input_is_with_a_command_that_reads_it)
{
    int fd = open(write_file("x", "7z\xBC\xAF\x27\x1C", 6), O_RDONLY);
    check(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    must_fail(open_file("-", MR_TO_END, false), "'standard input': it is a 7z archive; what makes "
                                                "it readable: 7z x -so FILE | wc-mr");
    close(fd);
    fd = open(write_file("x", "PK\3\4", 4), O_RDONLY);
    check(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    must_fail(open_file("-", MR_TO_END, false), ": funzip | wc-mr");
    close(fd);
}

Test(refused, what_a_name_calls_compressed_and_is_neither_that_nor_text)
{
    static const struct {
        const char *name, *bytes;
        size_t size;
        const char *kind; /* NULL: it is counted */
    } cases[] = {
        { "a.gz", "\0\x8B\x08\0", 4, "a gzip file" }, { "a.GZ", "text \x19", 6, "a gzip file" },
        { "a.lzma", "\7", 1, "an lzma file" },        { "a.bz2", "\x0E", 1, "a bzip2 file" },
        { "a.lz4", "\0", 1, "an lz4 file" },          { "a.xz", "\xFD\0", 2, "an xz file" },
        { "a.zst", "\x18\xB5\0", 3, "a zstd file" },  { "a.gz", "\x08\r\x1A\x1B\x1F\x7F\xFF", 7, NULL },
        { "a.gz", "\x1F", 1, "a gzip file" },        { "a.xz", "\xFD" "7zXZ", 5, "an xz file" },
        { "a.zst", "\x28\xB5\x2F", 3, "a zstd file" }, { "a.lzma", "]", 1, "an lzma file" },
        { "a.bz2", "BZh91AY&S", 9, "a bzip2 file" }, { "a.bz2", "BZ", 2, "a bzip2 file" },
        { "a.bz2", "BZhas words behind", 18, NULL }, { "a.xz", "\xFD" "8", 2, NULL },
        { "a.gz", "", 0, "but it is empty" },         { "a.xz", "", 0, "an xz file" },
        { "a", "", 0, NULL },                         { "a.gz.txt", "\0", 1, NULL },
        { "agz", "\0", 1, NULL },                     { "a.gz", "\xFF\xFE" "a\0", 4, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = write_file(cases[i].name, cases[i].bytes, cases[i].size);
        must(open_file(path, MR_TO_END, true));
        if (cases[i].kind)
            must_fail(open_file(path, MR_TO_END, false), cases[i].kind);
        else
            must(open_file(path, MR_TO_END, false));
    }
}
