/* Pairs: the very bytes of each format, wherever key and value stand, and as many as were said. */
#include "write/separated.h"
#include "write/object.h"
#include "write/pair.h"

#include "outputs.h"
#include "values.h"

static struct mr_output out;
static struct mr_spool spool;
static struct mr_block_writer blocks;
static struct mr_key_writer writer;
static struct mr_block_reader reader;

enum { ROOM = 64, TASK = 3, INLINE = 40 };

static void begin(void)
{
    make_store();
    struct mr_config config = { .output = scratch("out") };
    must(make_output(&out, &config));
    mr_spool_create(&spool, store, "spool", 0);
    must(mr_block_writer_init(&blocks, &spool, store, TASK, false, &err));
    must(mr_key_writer_init(&writer, &blocks, ROOM, &err));
    mr_block_reader_init(&reader, store, ROOM);
}

static void end(void)
{
    mr_key_writer_release(&writer);
    mr_block_writer_release(&blocks);
    mr_block_reader_release(&reader);
    mr_output_close(&out);
    mr_spool_drop(&spool, store);
    remove_store();
}

TestSuite(pair, .init = begin, .fini = end);

/* Key and value in strings that may have NULs. */
#define KEY_OF(text) (const unsigned char *)(text), sizeof(text) - 1

static const struct mr_columns *columns; /* or NULL: a key and a value */

/* The line of a record that is sorted by one key and may have another of its own (not NULL), each
 * out-of-line where it has more than max bytes. It stands until the next call. */
static const unsigned char *line_of(enum mr_format format, const struct entry *e,
                                    const struct entry *own, size_t max, size_t *size)
{
    static unsigned char line[1 << 16];
    static _Atomic uint64_t progress;
    unsigned char head[MR_VARINT_MAX], value[1 << 13];
    struct mr_text text = { .gather = 1 << 18, .output = &out, .progress = &progress,
                            .columns = columns };
    struct mr_key_place place = { &spool, TASK, &reader };
    uint64_t said;
    size_t n = (size_t)(mr_varint_put(head, own ? own->key_size + 1 : 0) - head);
    memcpy(value, head, n);
    if (own) {
        memcpy(value + n, own->key, own->key_size);
        n += own->key_size;
    }
    check(n + e->value_size <= sizeof value);
    memcpy(value + n, e->value, e->value_size);
    struct entry whole = { e->key, value, e->key_size, n + e->value_size, 1 };
    struct mr_record r = stored_entry(&whole, max, &writer);
    must(mr_pair_size(&(struct mr_scale){ NULL, (int)format, columns }, &r, &place, &said, &err));
    must(mr_pair_write(&text, format, &r, &place, &err));
    must(mr_text_finish(&text, &err));
    mr_text_release(&text);
    free((void *)(uintptr_t)r.key);
    *size = text.bytes;
    check(*size < sizeof line);
    check(pread(out.as.file.fd, line, *size, 0) == (ssize_t)*size);
    line[*size] = '\0';
    check_for(said == *size, "'%s' has %zu bytes, not %llu", line, *size,
              (unsigned long long)said);
    return line;
}

/* Holds all ways of keeping a record to one line. */
static void check_line(enum mr_format format, const unsigned char *key, size_t key_size,
                       const unsigned char *value, size_t value_size, const char *wanted,
                       size_t wanted_size)
{
    struct entry e = { (unsigned char *)(uintptr_t)key, (unsigned char *)(uintptr_t)value, key_size,
                       value_size, 0 };
    struct entry under = e;
    under.key = (unsigned char *)(uintptr_t) "the key that it is sorted by, which no line shows";
    under.key_size = strlen((const char *)under.key);
    for (int way = 0; way < 4; way++) {
        size_t size, max = way % 2 ? 0 : SIZE_MAX;
        const unsigned char *line = way < 2 ? line_of(format, &e, NULL, max, &size)
                                            : line_of(format, &under, &e, max, &size);
        check_for(size == wanted_size && memcmp(line, wanted, size) == 0,
                  "format %d, way %d: '%s', not '%s'", (int)format, way, line, wanted);
    }
}

#define is_line(format, key, value, wanted) \
    check_line(format, KEY_OF(key), KEY_OF(value), wanted, sizeof(wanted) - 1)

Test(pair, each_format_has_its_line)
{
    is_line(MR_TSV, "the", "see, hear", "the\tsee, hear\n");
    is_line(MR_CSV, "the", "see, hear", "the,\"see, hear\"\n");
    is_line(MR_JSONL, "the", "see, hear", "{\"key\":\"the\",\"value\":\"see, hear\"}\n");
    is_line(MR_COLON, "the", "see, hear", "the:see, hear\n");
    is_line(MR_LINES, "the", "see, hear", "see, hear\n");
}

Test(pair, key_and_value_may_be_nothing)
{
    is_line(MR_TSV, "", "", "\t\n");
    is_line(MR_CSV, "", "", ",\n");
    is_line(MR_JSONL, "", "", "{\"key\":\"\",\"value\":\"\"}\n");
    is_line(MR_COLON, "", "v", ":v\n");
    is_line(MR_LINES, "k", "", "\n");
    is_line(MR_TSV, "k", "", "k\t\n");
}

Test(pair, each_half_is_quoted_where_it_must_be)
{
    is_line(MR_CSV, "a,b", "c", "\"a,b\",c\n");
    is_line(MR_CSV, "a", "\"", "a,\"\"\"\"\n");
    is_line(MR_CSV, "\r", "\n", "\"\r\",\"\n\"\n");
    is_line(MR_CSV, "a b", "\t;", "a b,\t;\n");
    is_line(MR_JSONL, "\"\\", "\n\0\x1F", "{\"key\":\"\\\"\\\\\",\"value\":\"\\n\\u0000\\u001f\"}\n");
    is_line(MR_TSV, "a\tb", "c\nd", "a\tb\tc\nd\n"); /* as they are */
}

/* A character that only key and value together would make is none. */
Test(pair, bytes_that_are_no_characters_are_escaped_each)
{
    is_line(MR_JSONL, "\xC3", "\xA4", "{\"key\":\"\\udcc3\",\"value\":\"\\udca4\"}\n");
    is_line(MR_JSONL, "\xC3\xA4", "\xF0\x9F\x98\x80\xFF",
            "{\"key\":\"\xC3\xA4\",\"value\":\"\xF0\x9F\x98\x80\\udcff\"}\n");
}

/* ---- columns ---------------------------------------------------------------------------- */

static struct mr_columns named;

static void name_columns(const char *key, const struct mr_column *of_key,
                         const struct mr_column *of_value)
{
    const struct mr_job job = { .name = "job", .key_name = key, .key_columns = of_key,
                                .value_columns = of_value };
    mr_columns_release(&named);
    named = (struct mr_columns){ .documents = false };
    must(mr_columns_name(&named, &job, true, &err));
    columns = &named;
}

Test(pair, a_text_is_cut_into_the_columns_that_the_job_has)
{
    static const struct mr_column two[] = { { "n", MR_COLUMN_NUMBER, '\t' }, { "t", MR_COLUMN_TEXT, '\t' }, { 0 } };
    static const struct mr_column list[] = { { "l", MR_COLUMN_LIST, ' ' }, { 0 } };
    static const struct mr_column places[] = { { "a\"\xFF", MR_COLUMN_TEXT, ';' }, { "l", MR_COLUMN_LIST, ' ' },
                                               { "f", MR_COLUMN_TEXT, '\0' }, { "o", MR_COLUMN_NUMBER, 9 }, { 0 } };
    static const struct mr_column fields[] = { { "f", MR_COLUMN_FIELDS, '\n' }, { 0 } };
    name_columns("the word", NULL, two);
    is_line(MR_JSONL, "k", "1\tx", "{\"the word\":\"k\",\"n\":1,\"t\":\"x\"}\n");
    is_line(MR_JSONL, "k", "1\tx\ty", "{\"the word\":\"k\",\"n\":1,\"t\":\"x\\ty\"}\n");
    is_line(MR_JSONL, "k", "1", "{\"the word\":\"k\",\"n\":1}\n");
    is_line(MR_JSONL, "k", "", "{\"the word\":\"k\",\"n\":\"\"}\n");
    is_line(MR_TSV, "k", "1\tx", "k\t1\tx\n");
    is_line(MR_COLON, "k", "1\tx", "k:1:x\n");
    is_line(MR_CSV, "k", "1\tx\ty", "k,1,x\ty\n");
    is_line(MR_CSV, "k,", "1\t\"", "\"k,\",1,\"\"\"\"\n");
    is_line(MR_CSV, "", "\t", ",,\n");
    name_columns("", NULL, list);
    is_line(MR_JSONL, "k", "a  \"", "{\"l\":[\"a\",\"\",\"\\\"\"]}\n");
    is_line(MR_JSONL, "k", "", "{\"l\":[\"\"]}\n");
    is_line(MR_TSV, "k", "a b", "a b\n");
    is_line(MR_CSV, "k", "a b,", "\"a b,\"\n");
    is_line(MR_CSV, "k", "", "\"\"\n");
    name_columns(NULL, list, NULL);
    is_line(MR_COLON, "a b", "c", "a b:c\n");
    is_line(MR_JSONL, "a b", "c", "{\"l\":[\"a\",\"b\"],\"value\":\"c\"}\n");
    name_columns("k", NULL, places);
    is_line(MR_JSONL, "k", "a b;c d\0" "07 f\0" "7",
            "{\"k\":\"k\",\"a\\\"\\udcff\":\"a b\",\"l\":[{\"f\":\"c d\",\"o\":\"07\"},"
            "{\"f\":\"f\",\"o\":7}]}\n");
    is_line(MR_JSONL, "k", "a", "{\"k\":\"k\",\"a\\\"\\udcff\":\"a\"}\n");
    is_line(MR_JSONL, "k", "a;b", "{\"k\":\"k\",\"a\\\"\\udcff\":\"a\",\"l\":[{\"f\":\"b\"}]}\n");
    is_line(MR_LINES, "k", "a;b", "a;b\n");
    is_line(MR_CSV, "k", "a;b;,c d", "k,a,\"b;,c d\"\n");
    is_line(MR_COLON, "k", "a;b;c d", "k:a:b;c d\n");
    name_columns(NULL, fields, fields);
    is_line(MR_JSONL, "a\nb", "", "{\"f\":[\"a\",\"b\"],\"f\":[\"\"]}\n");
    is_line(MR_TSV, "a\nb", "\nd\n", "a\tb\t\td\t\n");
    is_line(MR_CSV, "a,\nb", "c\n\"\"\nd", "\"a,\",b,c,\"\"\"\"\"\",d\n");
    mr_columns_release(&named);
}

/* Behind those that are noted one by one, fields are quoted where one of them must be. */
Test(pair, of_very_many_fields_the_last_ones_are_quoted_together)
{
    enum { FIELDS = MR_SEPARATED_NOTED + 10 };
    static const struct mr_column fields[] = { { "f", MR_COLUMN_FIELDS, ' ' }, { 0 } };
    for (size_t quoted = MR_SEPARATED_NOTED - 3; quoted < FIELDS; quoted++) {
        char value[4 * FIELDS], wanted[4 * FIELDS], *from = value, *to = wanted;
        for (size_t i = 0; i < FIELDS; i++) {
            bool last = i >= MR_SEPARATED_NOTED - 1 && quoted >= MR_SEPARATED_NOTED - 1;
            const char *text = i == quoted ? "," : "a";
            from += sprintf(from, " %s", text);
            to += sprintf(to, i == quoted || last ? ",\"%s\"" : ",%s", text);
        }
        *to++ = '\n';
        name_columns("", NULL, fields);
        check_line(MR_CSV, KEY_OF("k"), (unsigned char *)value + 1, (size_t)(from - value) - 1,
                   wanted + 1, (size_t)(to - wanted) - 1);
    }
    mr_columns_release(&named);
}

Test(pair, what_is_no_number_as_json_has_them_is_a_text)
{
    static const struct mr_column number[] = { { "n", MR_COLUMN_NUMBER, 0 }, { 0 } };
    static const char *const numbers[] = { "0", "-1", "10.50", "-0.5", "1e5", "2E+07", "3.25e-1" };
    static const char *const others[] = { "", "-", "01", "1.", ".5", "+1", "1e", "1e+", "--1", "1-",
                                          "0x1", "1 ", "nan", "1e5.5", "\xC3\xA4" };
    char wanted[400], digits[MR_NUMBER_MAX + 2] = { 0 };
    name_columns("", NULL, number);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const unsigned char *text = (const unsigned char *)numbers[i];
        int size = snprintf(wanted, sizeof wanted, "{\"n\":%s}\n", numbers[i]);
        check_line(MR_JSONL, KEY_OF("k"), text, strlen(numbers[i]), wanted, (size_t)size);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const unsigned char *text = (const unsigned char *)others[i];
        int size = snprintf(wanted, sizeof wanted, "{\"n\":\"%s\"}\n", others[i]);
        check_line(MR_JSONL, KEY_OF("k"), text, strlen(others[i]), wanted, (size_t)size);
    }
    for (size_t n = MR_NUMBER_MAX; n <= MR_NUMBER_MAX + 1; n++) {
        memset(digits, '7', n);
        const char *form = n > MR_NUMBER_MAX ? "{\"n\":\"%s\"}\n" : "{\"n\":%s}\n";
        int size = snprintf(wanted, sizeof wanted, form, digits);
        check_line(MR_JSONL, KEY_OF("k"), (const unsigned char *)digits, n, wanted, (size_t)size);
    }
    mr_columns_release(&named);
}

Test(pair, lists_in_lists_are_refused)
{
    static const struct mr_column lists[] = { { "a", MR_COLUMN_LIST, ' ' }, { "b", MR_COLUMN_LIST, ',' }, { 0 } };
    static const struct mr_column behind[] = { { "a", MR_COLUMN_FIELDS, ' ' }, { "b", MR_COLUMN_TEXT, ',' }, { 0 } };
    struct mr_job job = { .name = "job", .value_columns = lists };
    must_fail(mr_columns_name(&named, &job, true, &err), "the job 'job' has a column that is a list in");
    mr_columns_release(&named);
    job.value_columns = behind;
    must_fail(mr_columns_name(&named, &job, true, &err), "the job 'job' has a column behind a list of fields");
    mr_columns_release(&named);
}

/* ---- any bytes -------------------------------------------------------------------------- */

static size_t put_plain(char *to, enum mr_format format, const unsigned char *bytes, size_t size)
{
    char *start = to;
    bool quote = false;
    for (size_t i = 0; i < size; i++)
        quote |= format == MR_CSV && strchr(",\"\n\r", bytes[i]) && bytes[i] != '\0';
    if (quote)
        *to++ = '"';
    for (size_t i = 0; i < size; i++) {
        /* Of what is drawn below: a lone first byte of two, a lone second one, or both. */
        bool both = bytes[i] == 0xC3 && i + 1 < size && bytes[i + 1] == 0xA4;
        if (quote && bytes[i] == '"')
            *to++ = '"';
        if (format == MR_JSONL && both) {
            *to++ = (char)bytes[i++];
            *to++ = (char)bytes[i];
        } else if (format == MR_JSONL && bytes[i] >= 0x80) {
            to += sprintf(to, "\\udc%02x", bytes[i]);
        } else if (format == MR_JSONL && bytes[i] < ' ') {
            to += bytes[i] == '\n' ? sprintf(to, "\\n") : sprintf(to, "\\u%04x", bytes[i]);
        } else {
            if (format == MR_JSONL && bytes[i] == '"')
                *to++ = '\\';
            *to++ = (char)bytes[i];
        }
    }
    if (quote)
        *to++ = '"';
    return (size_t)(to - start);
}

Test(pair, random_ones_of_any_size_are_what_a_loop_writes)
{
    static const char *const forms[][3] = { [MR_TSV] = { "", "\t", "\n" },
                                            [MR_CSV] = { "", ",", "\n" },
                                            [MR_JSONL] = { "{\"key\":\"", "\",\"value\":\"",
                                                           "\"}\n" },
                                            [MR_COLON] = { "", ":", "\n" },
                                            [MR_LINES] = { "", "", "\n" } };
    static char wanted[1 << 16];
    for (int round = 0; round < 3000; round++) {
        enum mr_format format = (enum mr_format)draw_below(sizeof forms / sizeof *forms);
        if (format == MR_UNIQ)
            continue;
        unsigned char key[700], value[3000];
        size_t key_size = draw_size(INLINE, sizeof key);
        size_t value_size = draw_size(INLINE, sizeof value);
        const char *letters = round % 4 ? "ab\xC3\xA4" : "a,\"\n\x01\xC3\xA4\xFF";
        draw_bytes(key, key_size, letters);
        draw_bytes(value, value_size, letters);
        struct entry e = { key, value, key_size, value_size, 0 }, under = e;
        under.key = value;
        under.key_size = value_size;
        char *to = stpcpy(wanted, forms[format][0]);
        if (format != MR_LINES)
            to += put_plain(to, format, key, key_size);
        to = stpcpy(to, forms[format][1]);
        to += put_plain(to, format, value, value_size);
        to = stpcpy(to, forms[format][2]);
        size_t size;
        const unsigned char *line = round % 2 ? line_of(format, &e, NULL, INLINE, &size)
                                              : line_of(format, &under, &e, INLINE, &size);
        check_for(size == (size_t)(to - wanted) && memcmp(line, wanted, size) == 0,
                  "round %d, format %d: '%s', not '%s'", round, (int)format, line, wanted);
    }
}

Test(pair, random_fields_of_any_size_are_what_a_loop_writes)
{
    static const struct mr_column fields[] = { { "f", MR_COLUMN_FIELDS, '\n' }, { 0 } };
    static const char between[] = { [MR_TSV] = '\t', [MR_CSV] = ',', [MR_COLON] = ':' };
    static const enum mr_format formats[] = { MR_TSV, MR_CSV, MR_COLON };
    static char wanted[1 << 14];
    name_columns("", NULL, fields);
    for (int round = 0; round < 1000; round++) {
        enum mr_format format = formats[round % 3];
        unsigned char value[2000];
        size_t size = draw_size(INLINE, sizeof value), from = 0, written;
        draw_bytes(value, size, round % 4 ? "\nab\xC3\xA4" : "ab,\"\r\n\t\xFF");
        struct entry e = { value, value, 1, size, 0 };
        char *to = wanted;
        for (size_t i = 0; i <= size; i++)
            if (i == size || value[i] == '\n') {
                to += put_plain(to, format, value + from, i - from);
                *to++ = i == size ? '\n' : between[format];
                from = i + 1;
            }
        if (size == 0 && format == MR_CSV)
            to = stpcpy(wanted, "\"\"\n");
        const unsigned char *line = line_of(format, &e, NULL, INLINE, &written);
        check_for(written == (size_t)(to - wanted) && memcmp(line, wanted, written) == 0,
                  "round %d, format %d: '%s', not '%s'", round, (int)format, line, wanted);
    }
    mr_columns_release(&named);
}

Test(pair, the_size_of_what_is_written_as_it_is_is_known_without_reading_it)
{
    enum { LARGE = 100 * ROOM };
    static _Atomic uint64_t reads;
    unsigned char *value = malloc(LARGE);
    struct entry e = { (unsigned char *)(uintptr_t) "k", value, 1, LARGE, 1 };
    struct mr_key_place place = { &spool, TASK, &reader };
    memset(value, 'v', LARGE);
    value[0] = 0; /* it has no key of its own */
    struct mr_record r = stored_entry(&e, INLINE, &writer);
    static const enum mr_format formats[] = { MR_TSV, MR_COLON, MR_LINES, MR_CSV, MR_JSONL };
    reader.progress = &reads;
    for (size_t i = 0; i < 5; i++) {
        uint64_t size;
        reads = 0;
        must(mr_pair_size(&(struct mr_scale){ NULL, (int)formats[i], NULL }, &r, &place, &size, &err));
        cr_assert_geq(size, LARGE);
        uint16_t times = (uint16_t)reads; /* without the bytes above */
        check_for(i < 3 ? times < 10 : times >= 100, "%u reads", times);
    }
    reader.progress = NULL;
    free((void *)(uintptr_t)r.key);
    free(value);
}

Test(pair, a_value_without_its_head_is_an_error)
{
    /* What a reducer never writes: no bytes, half a number, a key larger than the value. */
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = { { "", 0 }, { "\x80", 1 }, { "\x05" "abc", 4 }, { "\x02", 1 } };
    struct mr_key_place place = { &spool, TASK, &reader };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (size_t max = 0; max < 100; max += 99) {
            struct entry e = { (unsigned char *)(uintptr_t) "k",
                               (unsigned char *)(uintptr_t)bad[i].bytes, 1, bad[i].size, 1 };
            if (bad[i].size == 0 && max == 0)
                continue; /* nothing is never out-of-line */
            struct mr_record r = stored_entry(&e, max, &writer);
            uint64_t size;
            must_fail(mr_pair_size(&(struct mr_scale){ NULL, MR_TSV, NULL }, &r, &place, &size, &err), "has no head");
            free((void *)(uintptr_t)r.key);
        }
}
