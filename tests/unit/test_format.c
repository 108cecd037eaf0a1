/* Formats: the very bytes of each, for keys of every kind, in memory and out-of-line. */
#include "write/format.h"

#include "outputs.h"
#include "store/group.h"
#include "store/partial.h"
#include "support.h"

static struct mr_output out;
static struct mr_spool keys;
static struct mr_block_writer blocks;
static struct mr_key_writer writer;
static struct mr_block_reader reader;

enum { ROOM = 64, TASK = 0 };

static void begin(void)
{
    make_store();
    struct mr_config config = { .output = scratch("out") };
    must(make_output(&out, &config));
    mr_spool_create(&keys, store, "keys", 0);
    must(mr_block_writer_init(&blocks, &keys, store, TASK, false, &err));
    must(mr_key_writer_init(&writer, &blocks, ROOM, &err));
    mr_block_reader_init(&reader, store, ROOM);
}

static void end(void)
{
    mr_key_writer_release(&writer);
    mr_block_writer_release(&blocks);
    mr_block_reader_release(&reader);
    mr_output_close(&out);
    mr_spool_drop(&keys, store);
    remove_store();
}

TestSuite(format, .init = begin, .fini = end);

static const struct mr_columns *columns; /* what lines have of more, or NULL */

/* The line of a record, which stands until the next call; its size in *line_size, which is what it
 * was said to be. */
static unsigned char *line_of(enum mr_format format, const void *key, size_t size, uint64_t value,
                              bool out_of_line, size_t *line_size)
{
    static unsigned char line[10000];
    static _Atomic uint64_t progress;
    struct mr_text text = { .gather = 1 << 16, .output = &out, .progress = &progress,
                            .columns = columns };
    struct mr_record r = { key, (uint32_t)size, false, value };
    struct mr_key_place place = { &keys, TASK, &reader };
    unsigned char at[MR_LOCATOR_SIZE];
    uint64_t said;
    if (out_of_line) {
        struct mr_locator l;
        must(mr_key_writer_add(&writer, key, size, &err));
        must(mr_key_writer_end(&writer, &l, &err));
        mr_locator_put(at, &l);
        r = (struct mr_record){ at, MR_LOCATOR_SIZE, true, value };
    }
    must(mr_format_size(&(struct mr_scale){ NULL, (int)format, columns }, &r, &place, &said, &err));
    must(mr_format_record(&text, format, &r, &place, &err));
    must(mr_text_finish(&text, &err));
    mr_text_release(&text);
    *line_size = text.bytes;
    check(*line_size < sizeof line);
    check(pread(out.as.file.fd, line, *line_size, 0) == (ssize_t)*line_size);
    line[*line_size] = '\0';
    check_for(said == *line_size, "'%s' was said to have %llu bytes", line,
              (unsigned long long)said);
    return line;
}

static void check_line(enum mr_format format, const char *key, uint64_t value, const char *wanted)
{
    size_t size;
    unsigned char *line = line_of(format, key, strlen(key), value, false, &size);
    check_for(size == strlen(wanted) && memcmp(line, wanted, size) == 0, "'%s', not '%s'", line,
              wanted);
}

Test(format, each_has_its_line)
{
    check_line(MR_TSV, "the", 12, "the\t12\n");
    check_line(MR_CSV, "the", 12, "the,12\n");
    check_line(MR_JSONL, "the", 12, "{\"word\":\"the\",\"count\":12}\n");
    check_line(MR_COLON, "the", 12, "the:12\n");
    check_line(MR_UNIQ, "the", 12, "     12 the\n");
    check_line(MR_KEYS, "the", 12, "the\n");
}

Test(format, numbers_are_written_to_the_last_digit)
{
    check_line(MR_TSV, "", 0, "\t0\n");
    check_line(MR_TSV, "w", UINT64_MAX, "w\t18446744073709551615\n");
    check_line(MR_UNIQ, "w", UINT64_MAX, "18446744073709551615 w\n");
    check_line(MR_UNIQ, "w", 1234567, "1234567 w\n");
    uint64_t ten = 1;
    for (int digits = 1; digits < 20; digits++, ten *= 10) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "w:%llu\n", (unsigned long long)ten);
        check_line(MR_COLON, "w", ten, wanted);
        snprintf(wanted, sizeof wanted, "w:%llu\n", (unsigned long long)ten - 1);
        check_line(MR_COLON, "w", ten - 1, wanted);
    }
}

Test(format, csv_quotes_what_must_be_and_nothing_else)
{
    check_line(MR_CSV, "", 1, ",1\n");
    check_line(MR_CSV, "a b\t'", 1, "a b\t',1\n");
    check_line(MR_CSV, "a,b", 1, "\"a,b\",1\n");
    check_line(MR_CSV, "\"", 1, "\"\"\"\",1\n");
    check_line(MR_CSV, "a \"b\", c", 12, "\"a \"\"b\"\", c\",12\n");
    check_line(MR_CSV, "a\nb", 1, "\"a\nb\",1\n");
    check_line(MR_CSV, "a\r", 1, "\"a\r\",1\n");
}

Test(format, json_escapes_every_byte_that_must_be)
{
    for (int b = 0; b < 256; b++) {
        unsigned char key = (unsigned char)b;
        char wanted[16];
        const char *names = "\"\"\\\\\bb\ff\nn\rr\tt", *name = b ? strchr(names, b) : NULL;
        if (b < 0x80 && name != NULL && (name - names) % 2 == 0)
            snprintf(wanted, sizeof wanted, "\\%c", name[1]);
        else if (b < 0x20)
            snprintf(wanted, sizeof wanted, "\\u%04x", b);
        else if (b < 0x80)
            snprintf(wanted, sizeof wanted, "%c", b);
        else
            snprintf(wanted, sizeof wanted, "\\udc%02x", b);
        size_t size;
        unsigned char *line = line_of(MR_JSONL, &key, 1, 1, false, &size);
        char whole[64];
        snprintf(whole, sizeof whole, "{\"word\":\"%s\",\"count\":1}\n", wanted);
        check_for(size == strlen(whole) && memcmp(line, whole, size) == 0, "byte %02x is %s", b,
                  line);
    }
}

Test(format, json_keeps_valid_utf8_and_escapes_byte_by_byte_what_is_not)
{
#define JSON(key, text) check_line(MR_JSONL, key, 1, "{\"word\":\"" text "\",\"count\":1}\n")
    JSON("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x7F", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x7F");
    JSON("\xC3", "\\udcc3");
    JSON("\xC3" "a", "\\udcc3a");
    JSON("\xE2\x82", "\\udce2\\udc82");
    JSON("\xE2\x82\xC3\xA9", "\\udce2\\udc82\xC3\xA9");
    JSON("\xC0\x80", "\\udcc0\\udc80");                         /* over-long */
    JSON("\xED\xA0\x80", "\\udced\\udca0\\udc80");             /* a surrogate */
    JSON("\xF4\x90\x80\x80", "\\udcf4\\udc90\\udc80\\udc80"); /* beyond Unicode */
#undef JSON
}

/* Reads back what JSON has: \udcXX as the byte XX, and the other escapes. */
static size_t unescape(unsigned char *to, const unsigned char *from, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        if (from[i] != '\\') {
            to[n++] = from[i];
        } else if (from[++i] == 'u') {
            char digits[5] = { 0 };
            memcpy(digits, from + i + 1, 4);
            to[n++] = (unsigned char)strtoul(digits, NULL, 16);
            i += 4;
        } else {
            const char *names = "\"\"\\\\\bb\ff\nn\rr\tt";
            for (; (unsigned char)names[1] != from[i]; names += 2)
                ;
            to[n++] = (unsigned char)names[0];
        }
    }
    return n;
}

Test(format, json_loses_no_byte_of_any_key_wherever_it_stands)
{
    for (int round = 0; round < 3000; round++) {
        unsigned char key[300], back[300];
        size_t size = 1 + draw_below(sizeof key), line_size;
        draw_bytes(key, size, round % 2 ? NULL : "a\"\n\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
        unsigned char *line = line_of(MR_JSONL, key, size, 1, size > 20 && round % 3, &line_size);
        size_t n = unescape(back, line + 9, line_size - 9 - strlen("\",\"count\":1}\n"));
        check(n == size && memcmp(back, key, size) == 0);
    }
}

Test(format, an_out_of_line_key_is_written_as_one_in_it)
{
    for (int round = 0; round < 500; round++) {
        unsigned char key[400], first[3000];
        size_t size = 17 + draw_below(380), first_size, line_size;
        /* Whole characters, as pieces of anything else may be judged otherwise. */
        draw_bytes(key, size, round % 2 ? "ab\"" : "ab");
        for (size_t i = 0; i + 2 <= size; i += 2 + draw_below(5))
            memcpy(key + i, "\xC3\xA9", 2);
        enum mr_format format = (enum mr_format)(round % MR_FORMATS);
        memcpy(first, line_of(format, key, size, 7, false, &first_size), sizeof first);
        unsigned char *line = line_of(format, key, size, 7, true, &line_size);
        check(line_size == first_size && memcmp(line, first, line_size) == 0);
    }
}

Test(format, the_line_of_a_key_is_the_same_wherever_it_stands)
{
    for (size_t size = 1; size < 70; size++) {
        unsigned char key[70], wanted[1000];
        draw_bytes(key, size, size % 3 ? "abcdefgh" : "a,b\"\r");
        for (int format = 0; format < MR_FORMATS; format++) {
            const uint64_t value = draw() >> draw_below(64);
            size_t there, here;
            if (format == MR_LINES)
                continue;
            const unsigned char *line = line_of((enum mr_format)format, key, size, value, true,
                                                &there);
            memcpy(wanted, line, there);
            line = line_of((enum mr_format)format, key, size, value, false, &here);
            check(here == there && memcmp(line, wanted, here) == 0);
        }
    }
}

Test(format, a_large_key_has_the_size_that_was_said_wherever_its_characters_are_cut)
{
    static unsigned char key[6000];
    for (int round = 0; round < 300; round++) {
        size_t size = 400 + draw_below(1200), line_size;
        draw_bytes(key, size, "a\"\n");
        for (size_t i = draw_below(3); i + 4 <= size; i += 3 + draw_below(6))
            memcpy(key + i, round % 2 ? "\xE2\x82\xAC" : "\xF0\x9F\x98", 3);
        line_of(round % 3 ? MR_JSONL : MR_CSV, key, size, round, round % 5 == 0, &line_size);
    }
}

static const char *name_in(const void *inputs, uint64_t source)
{
    return source < 2 ? ((const char *const *)inputs)[source] : NULL;
}

/* A key out-of-line, too. */
Test(format, names_of_files_stand_before_all_else)
{
    static const char *const names[] = { "a\"\n\xFF,", "b" };
    static const struct {
        enum mr_format format;
        uint64_t source;
        const char *line;
    } cases[] = {
        { MR_TSV, 0, "a\"\n\xFF,\tk,\t12\n" },
        { MR_TSV, 1, "b\tk,\t12\n" },
        { MR_CSV, 0, "\"a\"\"\n\xFF,\",\"k,\",12\n" },
        { MR_CSV, 1, "b,\"k,\",12\n" },
        { MR_COLON, 1, "b:k,:12\n" },
        { MR_UNIQ, 1, "b      12 k,\n" },
        { MR_KEYS, 1, "b\tk,\n" },
        { MR_JSONL, 0, "{\"file\":\"a\\\"\\n\\udcff,\",\"word\":\"k,\",\"count\":12}\n" },
        { MR_JSONL, 1, "{\"file\":\"b\",\"word\":\"k,\",\"count\":12}\n" },
    };
    const struct mr_columns named = { .input_name = name_in, .inputs = names };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        size_t size;
        unsigned char key[MR_GROUP_SIZE + 2 + MR_BLOCK_SLACK] = "";
        mr_group_put(key, mr_group_make(cases[i / 2].source, MR_GROUP_KEYS));
        memcpy(key + MR_GROUP_SIZE, "k,", 2);
        columns = &named;
        unsigned char *line = line_of(cases[i / 2].format, key, MR_GROUP_SIZE + 2, 12, i % 2, &size);
        columns = NULL;
        check_for(size == strlen(cases[i / 2].line) && memcmp(line, cases[i / 2].line, size) == 0,
                  "'%s', not '%s'", line, cases[i / 2].line);
    }
}

Test(format, json_calls_key_and_number_what_the_job_does)
{
    static const struct {
        const char *key, *value, *wanted;
    } cases[] = {
        { NULL, NULL, "{\"key\":\"a\",\"value\":12}\n" },
        { "", "n", "{\"key\":\"a\",\"n\":12}\n" }, /* of numbers there is a key always */
        { "a name of many letters, and \"", "\n",
          "{\"a name of many letters, and \\\"\":\"a\",\"\\n\":12}\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mr_columns named = { .documents = false };
        const struct mr_job job = { .key_name = cases[i].key, .value_name = cases[i].value };
        must(mr_columns_name(&named, &job, false, &err));
        columns = &named;
        check_line(MR_JSONL, "a", 12, cases[i].wanted);
        check_line(MR_TSV, "a", 12, "a\t12\n");
        mr_columns_release(&named);
    }
}

/* In how many files a key stands, behind its count; where nobody knows, there is nothing. The count
 * may be in the value, too, and the record's own number its place in the order. */
Test(format, documents_stand_behind_the_value)
{
    static const struct {
        enum mr_format format;
        unsigned char documents;
        const char *line;
    } cases[] = {
        { MR_TSV, 3, "a\t12\t3\n" },  { MR_TSV, 0, "a\t12\t\n" },
        { MR_CSV, 100, "a,12,100\n" },  { MR_CSV, 0, "a,12,\n" },
        { MR_COLON, 3, "a:12:3\n" },    { MR_COLON, 0, "a:12:\n" },
        { MR_UNIQ, 3, "     12 3 a\n" }, { MR_UNIQ, 0, "     12  a\n" },
        { MR_JSONL, 3, "{\"word\":\"a\",\"count\":12,\"documents\":3}\n" },
        { MR_JSONL, 0, "{\"word\":\"a\",\"count\":12}\n" },
    };
    for (size_t i = 0; i < 2 * (sizeof cases / sizeof *cases); i++) {
        const struct mr_columns counted = { .documents = true, .places = i % 2 };
        const struct mr_united united = { cases[i / 2].documents, counted.places ? 12 : 99 };
        unsigned char key[2 * MR_UNITED_MAX] = "a", bytes[MR_UNITED_MAX];
        const struct mr_value value = mr_united_put(bytes, &united);
        size_t size;
        columns = &counted;
        mr_value_put(key + 1, &value);
        unsigned char *line = line_of(cases[i / 2].format, key, 1, counted.places ? 7 : 12, false,
                                      &size);
        check_for(strcmp((char *)line, cases[i / 2].line) == 0, "'%s', not '%s'", line,
                  cases[i / 2].line);
    }
    columns = NULL;
}

/* A share stands behind the value, rounded as printf rounds it. */
Test(format, shares_are_of_all)
{
    static const struct {
        enum mr_format format;
        uint64_t value, all;
        const char *line;
    } cases[] = {
        { MR_TSV, 12, 96, "a\t12\t12.50\n" },      { MR_CSV, 1, 3, "a,1,33.33\n" },
        { MR_COLON, 2, 3, "a:2:66.67\n" },          { MR_UNIQ, 3, 3, "      3 100.00 a\n" },
        { MR_TSV, 1, 800, "a\t1\t0.12\n" },         { MR_TSV, 3, 800, "a\t3\t0.38\n" },
        { MR_TSV, 1, 20000, "a\t1\t0.01\n" },       { MR_TSV, 1, UINT64_MAX, "a\t1\t0.00\n" },
        { MR_TSV, UINT64_MAX, UINT64_MAX, "a\t18446744073709551615\t100.00\n" },
        { MR_JSONL, UINT64_MAX, UINT64_MAX,
          "{\"word\":\"a\",\"count\":18446744073709551615,\"percent\":100.00}\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static _Atomic uint64_t progress;
        char line[100];
        struct mr_text text = { .gather = 1 << 16, .output = &out, .progress = &progress,
                                .shares_of = cases[i].all };
        struct mr_record r = { (const unsigned char *)"a", 1, false, cases[i].value };
        struct mr_key_place place = { &keys, TASK, &reader };
        must(mr_format_record(&text, cases[i].format, &r, &place, &err));
        must(mr_text_finish(&text, &err));
        mr_text_release(&text);
        check(text.bytes == strlen(cases[i].line));
        check(pread(out.as.file.fd, line, text.bytes, 0) == (ssize_t)text.bytes);
        check_for(memcmp(line, cases[i].line, text.bytes) == 0, "not '%s'", cases[i].line);
    }
}
