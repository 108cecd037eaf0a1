/*
 * terms: the most frequent words of each file, or of the lines that have the same value in a field.
 *
 *     a.txt "to be or not to be"     -n 2   ->   a.txt  be  2
 *     b.txt "be it"                              a.txt  to  2
 *                                                b.txt  be  1
 *                                                b.txt  it  1
 *
 * The key is the file's rank, or the field; a value is a word and how often it stands there
 * (text/term.h), and those of a word come together. A mapper counts and combines what it can
 * (text/word_counts.h); of any number of words the reducer holds no more than twice as many as are
 * wanted (text/top_words.h).
 */
#include "jobs.h"
#include "terms_options.h"
#include "text/numbers.h"
#include "text/top_words.h"
#include "text/word_counts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What a map task has. */
struct terms_task {
    struct word_counts counts;
    struct word_finder words;
    const struct field *group; /* that they are of */
    struct bytes values;       /* of a line with quotes */
};

/* ---- map -------------------------------------------------------------------------------- */

static const struct mr_records *records(const void *state, const char *path)
{
    const struct terms *s = state;
    return s->key ? field_lines_records(&s->lines, path) : word_rules_records(&s->rules, path);
}

static const struct mr_quotes *quotes(const void *state, const char *path)
{
    return field_lines_quotes(&((const struct terms *)state)->lines, path);
}

static int count_word(void *task, const struct field *word, size_t at, struct mr_context *out)
{
    struct terms_task *t = task;
    (void)at;
    return word_counts_add(&t->counts, t->group, word, out);
}

static int count_words(const struct mr_chunk *chunk, const struct field *group,
                       const struct field *text, struct mr_context *out)
{
    struct terms_task *t = mr_task(out);
    t->group = group;
    return word_finder_each(&t->words, chunk, text, out);
}

/* Counts the words of a line's fields but the key. */
static int map_line(const struct mr_chunk *chunk, uint64_t wanted, struct field_rows *rows,
                    struct mr_context *out)
{
    struct field key = { NULL, 0 }, f;
    uint64_t n = 0;
    while (n < wanted && field_rows_field(rows, &key))
        n++;
    if (n < wanted) {
        mr_count(out, "lines of too few fields", 1);
        return 0;
    }
    field_rows_again(rows);
    for (n = 0; field_rows_field(rows, &f);)
        if (++n != wanted && count_words(chunk, &key, &f, out) < 0)
            return -1;
    return 0;
}

static int map_lines(const struct terms *s, const struct mr_chunk *chunk, struct mr_context *out)
{
    const uint64_t wanted = s->field > 0 ? s->field : *(const uint64_t *)chunk->note;
    struct terms_task *t = mr_task(out);
    struct field_rows rows;
    if (field_rows_begin(&rows, &s->lines, chunk, &t->values, out) < 0)
        return -1;
    while (field_rows_next(&rows))
        if (map_line(chunk, wanted, &rows, out) < 0)
            return -1;
    return 0;
}

static int map_file(const struct mr_chunk *chunk, struct mr_context *out)
{
    unsigned char rank[RANK_BYTES];
    struct field key = { rank, sizeof rank }, text = { chunk->data, chunk->size };
    rank_put(rank, chunk->source);
    return count_words(chunk, &key, &text, out);
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct terms *s = state;
    struct terms_task *t = mr_task(out);
    t->words.rules = &s->rules;
    t->words.take = count_word;
    t->words.arg = t;
    return s->key ? map_lines(s, chunk, out) : map_file(chunk, out);
}

static int end(const void *state, void *task, struct mr_context *out)
{
    (void)state;
    return word_counts_end(&((struct terms_task *)task)->counts, out);
}

/* ---- the most frequent ------------------------------------------------------------------ */

static const struct mr_column columns[] = {
    { "word", MR_COLUMN_TEXT, '\t' }, { "count", MR_COLUMN_NUMBER, 0 }, { 0 },
};
static const struct mr_column columns_of_matches[] = {
    { "word", MR_COLUMN_TEXT, '\n' }, { "count", MR_COLUMN_NUMBER, 0 }, { 0 },
};

/* What a pattern matches may have a tab in it, but no line end; other words have neither. */
static const struct mr_column *columns_of(const struct terms *s)
{
    return s->rules.match.pattern ? columns_of_matches : columns;
}

static int add_word(void *top, struct term *t)
{
    return top_words_add(top, t);
}

static int emit_top(struct top_words *b, const char *name, char behind_word)
{
    top_words_cut(b);
    for (size_t i = 0; i < b->count; i++) {
        struct term *t = &b->at[i];
        int digits = snprintf((char *)t->word + t->size, TERM_TAIL, "%c%" PRIu64, behind_word,
                              t->count);
        if (mr_emit_result(b->out, name, name ? strlen(name) : 0, t->word,
                           t->size + (size_t)digits) < 0)
            return -1;
    }
    return 0;
}

static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    const struct terms *s = state;
    const unsigned char *rank;
    const char *name = NULL;
    size_t size;
    char behind_word = '\t';
    struct top_words top = { .wanted = s->wanted, .out = out };
    if (mr_has_columns(out))
        behind_word = (char)columns_of(s)->end;
    if (s->key == NULL) {
        if (mr_key_whole(key, &rank, &size) < 0)
            return -1;
        name = mr_input_name(out, rank_get(rank));
    }
    int result = term_each(values, add_word, &top, out);
    if (result == 0)
        result = emit_top(&top, name, behind_word);
    top_words_release(&top);
    return result;
}

static void fit(const void *state, struct mr_job *job)
{
    const struct terms *s = state;
    job->value_columns = columns_of(s);
    if (s->key == NULL) {
        job->key_name = "file";
    } else if (s->field == 0) {
        job->begin_file = terms_begin_file;
        job->note_size = sizeof s->field;
    }
    if (s->lines.quoted)
        job->quotes = quotes;
}

const struct mr_job job_terms = {
    .name = "terms",
    .summary = "the most frequent words of each file, or of each value of a field",
    .values = MR_BYTES,
    .internal_values = true,
    .value_order = MR_BY_VALUE_BYTES,
    .order = MR_BY_KEY,
    .key_name = "group",
    .value_name = "word",
    .options = terms_options,
    .state_size = sizeof(struct terms),
    .ready = terms_ready,
    .release = terms_release,
    .fit = fit,
    .identify = terms_identify,
    .records = records,
    .whole_records = true,
    .task_size = sizeof(struct terms_task),
    .map = map,
    .end = end,
    .combine_values = term_combine,
    .reduce_values = reduce,
};
