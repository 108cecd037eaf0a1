/* Where the words of the word count come from: by which of its options the input is cut. */
#include "wordcount.h"

#include "text/batch.h"
#include "text/bytes.h"
#include "text/fields.h"
#include "text/match.h"
#include "text/table_words.h"

static const struct mr_records commas = { { { ['\n'] = 1, ['\r'] = 1, [','] = 1 } } };
static const struct mr_records words_and_commas = {
    { { ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1, [' '] = 1, [','] = 1 } }
};
static const struct mr_records tabs = { { { ['\n'] = 1, ['\r'] = 1, ['\t'] = 1 } } };

/* A .csv is cut at commas and a .tsv at tabs, deflated or not, unless -d, -z or --match, which is
 * about lines, says otherwise. */
const struct mr_records *wordcount_records(const void *state, const char *path)
{
    const struct wordcount *w = state;
    if (w->counted)
        return counted_records(w->counted);
    if (table_is_any(&w->table))
        return table_records(&w->table, path);
    if (w->rules.match.pattern && !w->rules.zero_terminated)
        return &mr_lines;
    if (w->rules.zero_terminated)
        return w->rules.by_rule ? &w->words : &w->fields;
    if (w->rules.by_rule)
        return !w->delimited && separator_of_file(path) == ',' ? &words_and_commas : &w->words;
    if (w->delimited)
        return w->white ? &word_ends : &w->fields;
    int separator = separator_of_file(path);
    return separator == ',' ? &commas : separator == '\t' ? &tabs : &word_ends;
}

int wordcount_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    (void)state;
    return chunk->records == &word_ends ? mr_emit_words(out, chunk)
                                        : mr_emit_fields(out, chunk);
}

/* Lines that end at NUL, or their fields. */
static int map_zero_terminated(const void *state, const struct mr_chunk *chunk,
                               struct mr_context *out)
{
    (void)state;
    return mr_emit_fields_until(out, chunk, '\0');
}

static int map_table(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    return table_map(&((const struct wordcount *)state)->table, chunk, out);
}

/* The words of a table's fields, or n-grams. */
static int begin_table_words(const void *state, void *task, struct mr_context *out)
{
    const struct wordcount *w = state;
    const struct word_rules *r = &w->rules;
    struct wording wording = { .by_rule = r->by_rule, .rule = r->rule, .ngrams = w->ngrams,
                               .normal = { w->form, r->ignore_case } };
    if (r->match.pattern) {
        wording.words = match_words;
        wording.arg = &r->match;
    } else if (r->by_unicode) {
        wording.words = unicode_words_take;
        wording.arg = r->unicode;
        wording.by_gaps = true;
    }
    return table_words_begin(task, &wording, out);
}

static int map_table_words(const void *state, const struct mr_chunk *chunk,
                           struct mr_context *out)
{
    return table_words_map(&((const struct wordcount *)state)->table, chunk, out);
}

/* The words between delimiters, or of all else. */
static int map_words(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    return mr_emit_words_by(out, chunk, ((const struct wordcount *)state)->rules.rule);
}

/* Words that are counted already. */
static int map_counted(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct wordcount *w = state;
    return counted_map(w->counted, w->table.header, chunk, out);
}

static int map_matches(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    return match_map(&((const struct wordcount *)state)->rules.match, chunk, out);
}

static const struct mr_quotes *quotes(const void *state, const char *path)
{
    const struct wordcount *w = state;
    return w->counted ? counted_quotes(w->counted) : table_quotes(&w->table, path);
}

static int begin_file(const void *state, const struct mr_chunk *first, void *note,
                      struct mr_error *err)
{
    return table_begin_file(&((const struct wordcount *)state)->table, first, note, err);
}

void wordcount_choose_map(const struct wordcount *w, struct mr_job *job)
{
    if (w->counted) {
        job->map = map_counted;
        job->whole_records = true;
        job->task_size = sizeof(struct bytes);
    } else if (table_is_any(&w->table) && (w->table.texts || w->ngrams > 0 || w->form)) {
        job->map = map_table_words;
        job->task_size = table_words_task_size();
        job->begin = begin_table_words;
        job->whole_records = w->rules.match.pattern;
    } else if (table_is_any(&w->table)) {
        job->map = map_table;
        job->task_size = sizeof(struct cutter);
    } else if (w->rules.match.pattern) {
        job->map = map_matches;
        job->task_size = sizeof(struct batch);
        job->whole_records = true;
    } else if (w->rules.by_rule) {
        job->map = map_words;
    } else if (w->rules.zero_terminated) {
        job->map = map_zero_terminated;
    }
    if (w->table.quoted || w->counted)
        job->quotes = quotes;
    if (w->table.header && !w->counted) {
        job->begin_file = begin_file;
        job->note_size = table_note_size(&w->table);
    }
}
