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
 * (text/evicting_table.h); of any number of words the reducer holds no more than twice as many as
 * are wanted (text/top_words.h).
 */
#include "jobs.h"
#include "terms_map.h"
#include "text/numbers.h"
#include "text/top_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
        job->quotes = terms_quotes;
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
    .records = terms_records,
    .whole_records = true,
    .task_size = sizeof(struct terms_task),
    .map = terms_map,
    .end = terms_end,
    .combine_values = term_combine,
    .reduce_values = reduce,
};
