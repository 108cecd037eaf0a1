/*
 * The reducer, and the combiner: equal words follow one another, so that one word and its sum are
 * all there is to remember.
 *
 *     a<TAB>1    sum 1
 *     a<TAB>5    sum 6
 *     b<TAB>2    a is done: 6; sum 2
 *
 * Were they in no order, a word could come again, and both sums be wrong: so it is looked at.
 */
#include "role_reducer.h"

#include "cluster/escape.h"
#include "cluster/lines_in.h"
#include "cluster/lines_out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 60 }; /* bytes of a line in messages */

struct reducer {
    const struct wordcount *w;
    enum mr_format format;
    struct mr_report *report;
    struct mr_error *err;
    unsigned char *word; /* the current one, as its records have it, and how often it came */
    size_t size, capacity;
    uint64_t count, line; /* line: its first */
    unsigned char *plain; /* behind it, as much room: without escapes */
    struct mr_line text;
    struct lines_out out;
};

static int shown(size_t size)
{
    return (int)(size < SHOWN ? size : SHOWN);
}

static int refuse_line(struct reducer *r, uint64_t line, const unsigned char *bytes, size_t size)
{
    return mr_error_set(r->err, "'standard input' has no record in line %llu, which is a word, a "
                                "tab and a count, as --as=mapper writes it: '%.*s'",
                        (unsigned long long)line, shown(size), bytes);
}

static int refuse_order(const struct reducer *r, const unsigned char *bytes, size_t size)
{
    return mr_error_set(r->err, "'standard input' is not sorted: the word of line %llu belongs "
                                "before that of the last: '%.*s'; sort it by bytes (LC_ALL=C sort)",
                        (unsigned long long)r->report->records, shown(size), bytes);
}

static int overflow(const struct reducer *r)
{
    return mr_error_set(r->err, "the counts of the word '%.*s'%s add up to more than 64 bits hold",
                        shown(r->size), r->word, r->size > SHOWN ? "..." : "");
}

/* ---- out -------------------------------------------------------------------------------- */

static int put(struct reducer *r, const unsigned char *bytes, size_t size, bool counted)
{
    unsigned char *to = lines_out_reserve(&r->out, size + COUNT_BYTES, r->err);
    if (to == NULL)
        return -1;
    memcpy(to, bytes, size);
    lines_out_take(&r->out, counted ? count_put(to + size, r->count) : to + size);
    r->report->written++;
    return 0;
}

/* The current word has all its counts. */
/* NOLINTBEGIN(clang-analyzer-unix.Malloc): what it has for the word, the reducer keeps */
static int end_word(struct reducer *r)
{
    const struct filter *filter = &r->w->rules.filter;
    size_t size;
    if (r->line == 0)
        return 0;
    r->report->distinct++;
    if (!escape_get(r->word, r->size, r->plain, &size))
        return refuse_line(r, r->line, r->word, r->size);
    if (r->w->as == ROLE_COMBINER)
        return put(r, r->word, r->size, true);
    if (!filter_keeps_count(filter, r->count) || !filter_keeps_word(filter, r->plain, size))
        return 0;
    if (r->format == MR_TSV)
        return put(r, r->plain, size, true);
    if (mr_line_make(&r->text, r->format, r->plain, size, r->count, r->err) < 0)
        return -1;
    return put(r, r->text.at, r->text.size, false);
}
/* NOLINTEND(clang-analyzer-unix.Malloc) */

/* ---- in --------------------------------------------------------------------------------- */

/* Makes room for a word, with escapes and without. The current one may be gone. */
static int make_room(struct reducer *r, size_t size)
{
    if (size < r->capacity)
        return 0;
    const size_t capacity = 2 * size + 1;
    unsigned char *at = realloc(r->word, 2 * capacity);
    if (at == NULL) {
        mr_error_set(r->err, "there is no memory for a word of %zu bytes", size);
        r->err->code = ENOMEM;
        return -1;
    }
    r->word = at;
    r->plain = at + capacity;
    r->capacity = capacity;
    return 0;
}

/* How a word stands to the current one, as memcmp says it. */
static int compare(const struct reducer *r, const struct counted_word *word)
{
    size_t least = word->size < r->size ? word->size : r->size;
    int order = least ? memcmp(word->bytes, r->word, least) : 0;
    return order ? order : (word->size > r->size) - (word->size < r->size);
}

static int begin_word(struct reducer *r, const struct counted_word *word)
{
    if (end_word(r) < 0 || make_room(r, word->size) < 0)
        return -1;
    memcpy(r->word, word->bytes, word->size);
    r->size = word->size;
    r->count = word->count;
    r->line = r->report->records;
    return 0;
}

static int take_line(struct reducer *r, const unsigned char *line, size_t size)
{
    struct counted_word word = { NULL, 0, 0 };
    r->report->records++;
    enum counted_kind kind = counted_read(COUNTED_TSV, line, size, NULL, &word);
    if (kind == COUNTED_NONE)
        return refuse_line(r, r->report->records, line, size);
    int order = r->line ? compare(r, &word) : 1;
    if (order < 0)
        return refuse_order(r, word.bytes, word.size);
    if (order == 0 && (kind == COUNTED_TOO_LARGE || __builtin_add_overflow(r->count, word.count,
                                                                           &r->count)))
        return overflow(r);
    if (order == 0)
        return 0;
    if (begin_word(r, &word) < 0)
        return -1;
    return kind == COUNTED_TOO_LARGE ? overflow(r) : 0;
}

static int take_lines(struct reducer *r)
{
    struct lines_in in = { NULL, 0, 0, 0, false };
    const unsigned char *line;
    size_t size;
    int more;
    while ((more = lines_in_next(&in, &line, &size, r->err)) > 0) {
        r->report->input_bytes += size + 1;
        if (take_line(r, line, size) < 0) {
            more = -1;
            break;
        }
    }
    free(in.bytes);
    return more;
}

int role_reducer_run(const struct wordcount *w, enum mr_format format, struct mr_report *report,
                     struct mr_error *err)
{
    struct reducer r = { .w = w, .format = format, .report = report, .err = err };
    int result = take_lines(&r);
    if (result == 0)
        result = end_word(&r);
    free(r.word);
    free(r.text.at);
    return lines_out_end(&r.out, result, err);
}
