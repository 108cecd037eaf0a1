/*
 * wordcount: how often each word, or each field of a delimited file, stands in the input.
 *
 * The engine cuts, counts and sorts; here is what is about words: what separates them, which
 * are the same but for case, which are numbers.
 *
 *     "b,a\nb,½\n" cut at commas -> b 2, a 1, ½ 1 -> without what is numeric -> b 2, a 1
 */
#include "fields.h"
#include "jobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

struct wordcount {
    bool delimited;           /* -d was given */
    bool white;               /* and asked for white space */
    struct mr_records fields; /* line ends and the delimiter given */
    bool ignore_case, drop_numeric;
    uint64_t min_count;
};

static const struct mr_records white_space = {
    { { ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1, [' '] = 1 } }
};
static const struct mr_records line_ends = { { { ['\n'] = 1, ['\r'] = 1 } } };
static const struct mr_records commas = { { { ['\n'] = 1, ['\r'] = 1, [','] = 1 } } };
static const struct mr_records tabs = { { { ['\n'] = 1, ['\r'] = 1, ['\t'] = 1 } } };

/* ---- what separates words --------------------------------------------------------------- */

/* A .csv is cut at commas and a .tsv at tabs, deflated or not, unless -d says otherwise. */
static const struct mr_records *records(const void *state, const char *path)
{
    const struct wordcount *w = state;
    if (w->delimited)
        return w->white ? &white_space : &w->fields;
    int separator = separator_of_file(path);
    return separator == ',' ? &commas : separator == '\t' ? &tabs : &white_space;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_mapper *out)
{
    (void)state;
    return chunk->records == &white_space ? mr_emit_words(out, chunk)
                                          : mr_emit_fields(out, chunk);
}

/* ---- case ------------------------------------------------------------------------------- */

/* Simple case folding: the mappings of status C and S in Unicode's CaseFolding.txt. libunistring
 * has the full ones (C and F). They differ where F gives several characters: then S is the
 * lower case letter where there is one (U+1E9E, Greek capitals with iota subscript), and the
 * character itself otherwise; U+0130 has no S, though it has a lower case. */
static ucs4_t fold_character(ucs4_t c)
{
    ucs4_t full[8];
    size_t n = sizeof full / sizeof *full;
    if (u32_casefold(&c, 1, NULL, NULL, full, &n) == NULL)
        return c;
    if (n == 1)
        return full[0];
    return c == 0x130 ? c : uc_tolower(c);
}

/* What is not valid UTF-8 stays as it is. No folding takes more than 3/2 of the bytes. */
static size_t fold(const void *state, const unsigned char *key, size_t size, unsigned char *to)
{
    size_t done = 0;
    (void)state;
    for (size_t i = 0; i < size;) {
        unsigned char b = key[i];
        ucs4_t c;
        int length = b < 0x80 ? 1 : u8_mbtoucr(&c, key + i, size - i);
        if (b < 0x80) {
            to[done++] = b >= 'A' && b <= 'Z' ? (unsigned char)(b + ('a' - 'A')) : b;
            i++;
        } else if (length < 0) {
            to[done++] = b;
            i++;
        } else {
            done += (size_t)u8_uctomb(to + done, fold_character(c), 4);
            i += (size_t)length;
        }
    }
    return done;
}

/* ---- numbers ---------------------------------------------------------------------------- */

/* Han characters with a numeric value (Unihan's kPrimaryNumeric, kAccountingNumeric and
 * kOtherNumeric, Unicode 14), which Python's str.isnumeric() knows and libunistring does not.
 * In order. */
static const ucs4_t han_numbers[] = {
    0x3405,  0x3483,  0x382A,  0x3B4D,  0x4E00,  0x4E03,  0x4E07,  0x4E09,  0x4E5D,  0x4E8C,
    0x4E94,  0x4E96,  0x4EBF,  0x4EC0,  0x4EDF,  0x4EE8,  0x4F0D,  0x4F70,  0x5104,  0x5146,
    0x5169,  0x516B,  0x516D,  0x5341,  0x5343,  0x5344,  0x5345,  0x534C,  0x53C1,  0x53C2,
    0x53C3,  0x53C4,  0x56DB,  0x58F1,  0x58F9,  0x5E7A,  0x5EFE,  0x5EFF,  0x5F0C,  0x5F0D,
    0x5F0E,  0x5F10,  0x62FE,  0x634C,  0x67D2,  0x6F06,  0x7396,  0x767E,  0x8086,  0x842C,
    0x8CAE,  0x8CB3,  0x8D30,  0x9621,  0x9646,  0x964C,  0x9678,  0x96F6,  0x20001, 0x20064,
    0x200E2, 0x20121, 0x2092A, 0x20983, 0x2098C, 0x2099C, 0x20AEA, 0x20AFD, 0x20B19, 0x22390,
    0x22998, 0x23B1B, 0x2626D,
};

static int compare_characters(const void *a, const void *b)
{
    ucs4_t x = *(const ucs4_t *)a, y = *(const ucs4_t *)b;
    return (x > y) - (x < y);
}

static bool numeric_character(ucs4_t c)
{
    return uc_numeric_value(c).denominator != 0 ||
           bsearch(&c, han_numbers, sizeof han_numbers / sizeof *han_numbers, sizeof c,
                   compare_characters) != NULL;
}

static bool numeric_piece(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        ucs4_t c = bytes[i];
        int length = c < 0x80 ? 1 : u8_mbtoucr(&c, bytes + i, size - i);
        if (c < 0x80 ? c < '0' || c > '9' : length < 0 || !numeric_character(c))
            return false;
        i += (size_t)length;
    }
    return true;
}

/* Whether a key is numeric: not empty, and every character is. 1, 0, or -1. */
static int numeric(struct mr_key *key)
{
    const unsigned char *bytes;
    size_t size;
    bool empty = true;
    int more;
    while ((more = mr_key_next(key, &bytes, &size)) > 0) {
        empty &= size == 0;
        if (!numeric_piece(bytes, size))
            return 0;
    }
    return more < 0 ? -1 : !empty;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is struct mr_job's */
static int reduce(const void *state, struct mr_key *key, uint64_t *count)
{
    const struct wordcount *w = state;
    if (*count < w->min_count)
        return 0;
    if (!w->drop_numeric)
        return 1;
    int dropped = numeric(key);
    return dropped < 0 ? -1 : !dropped;
}

/* ---- options ---------------------------------------------------------------------------- */

static int set_delimiter(void *state, const char *argument, struct mr_error *err)
{
    struct wordcount *w = state;
    w->delimited = true;
    w->white = *argument == '\0';
    if (w->white)
        return 0;
    int byte = byte_of(argument);
    if (byte < 0)
        return mr_error_set(err, "'%s' is no delimiter for -d: one byte, such as , or \\t or "
                                 "\\x1f, or '' for white space", argument);
    w->fields = line_ends;
    w->fields.ends.has[byte] = 1;
    return 0;
}

JOB_FLAG(wordcount, ignore_case)
JOB_FLAG(wordcount, drop_numeric)

static int set_min_count(void *state, const char *argument, struct mr_error *err)
{
    char *end;
    errno = 0;
    unsigned long long count = strtoull(argument, &end, 10);
    if (*argument < '0' || *argument > '9' || *end != '\0' || errno != 0)
        return mr_error_set(err, "'%s' is no number for --min-count", argument);
    ((struct wordcount *)state)->min_count = count;
    return 0;
}

static const struct mr_option options[] = {
    { 'd', "delimiter", "X", "count fields cut at the byte X (\\t ...); '': words", set_delimiter },
    { 'i', "ignore-case", NULL, "count words that differ only in case as one", set_ignore_case },
    { 0, "drop-numeric", NULL, "leave out words that are numbers", set_drop_numeric },
    { 0, "min-count", "N", "leave out words counted fewer than N times", set_min_count },
    { 0, NULL, NULL, NULL, NULL },
};

static void fit(const void *state, struct mr_job *job)
{
    const struct wordcount *w = state;
    if (!w->ignore_case)
        job->rekey = NULL;
    if (!w->drop_numeric && w->min_count < 2)
        job->reduce = NULL;
}

static void identify(const void *state, struct mr_identity *to)
{
    const struct wordcount *w = state;
    unsigned char cut[] = { w->delimited, w->white };
    mr_identify_option(to, "--delimiter (-d)", cut, sizeof cut);
    mr_identify_option(to, "--delimiter (-d)", &w->fields, sizeof w->fields);
    mr_identify_option(to, "--ignore-case (-i)", &w->ignore_case, sizeof w->ignore_case);
    mr_identify_option(to, "--drop-numeric", &w->drop_numeric, sizeof w->drop_numeric);
    mr_identify_option(to, "--min-count", &w->min_count, sizeof w->min_count);
}

const struct mr_job job_wordcount = {
    .name = "wordcount",
    .summary = "how often each word, or each field of a table, stands in the input",
    .about = "Count every distinct word of the FILEs (plain or gzip; a directory: the files\n"
             "in it whose names do not begin with _ or .; - or none: standard input), on all\n"
             "CPUs, within a fixed memory. .csv and .tsv files are counted by fields.\n",
    .examples =
        "  wc-mr -n 20 access.log.gz         the 20 most frequent words of a log\n"
        "  wc-mr --drop-numeric table.csv    fields of a CSV, numbers left out\n"
        "  wc-mr -d '\\n' names.txt           lines, as sort | uniq -c counts them\n"
        "  wc-mr -R -i --min-count=5 docs/   the files below, case ignored\n"
        "  zcat a.gz | wc-mr --format=csv -o counts.csv\n",
    .key_name = "word",
    .value_name = "count",
    .sum_name = "tokens",
    .options = options,
    .state_size = sizeof(struct wordcount),
    .order = MR_BY_VALUE,
    .fit = fit,
    .identify = identify,
    .records = records,
    .map = map,
    .rekey = fold,
    .reduce = reduce,
};
