/* Fields to words to n-grams. */
#include "table_words.h"

#include "ngrams.h"
#include "splitter.h"
#include "whole_texts.h"

struct table_words {
    struct cutter cutter; /* the first of all, for table_map */
    struct splitter splitter;
    struct whole_texts texts;
    struct normalizer normalizer;
    struct ngrams ngrams;
    bool any_ngrams;
};

size_t table_words_task_size(void)
{
    return sizeof(struct table_words);
}

int table_words_begin(void *task, const struct wording *w, struct mr_context *out)
{
    struct table_words *t = task;
    struct sink *to = NULL;
    t->any_ngrams = w->ngrams > 1; /* else each token is one */
    if (t->any_ngrams) {
        ngrams_init(&t->ngrams, (size_t)w->ngrams);
        to = &t->ngrams.sink;
    }
    if (w->normal.form != NORMAL_NONE) {
        if (normalizer_init(&t->normalizer, w->normal, to, out) < 0)
            return -1;
        to = &t->normalizer.sink;
    }
    if (w->words) {
        whole_texts_init(&t->texts, w->words, w->arg, w->by_gaps, to);
        to = &t->texts.sink;
    } else if (w->by_rule) {
        splitter_init(&t->splitter, w->rule, to);
        to = &t->splitter.sink;
    }
    t->cutter.batch.sink = to;
    return 0;
}

/* Words are joined by a blank, and so are fields between white space; others by what is between
 * them. */
static struct field joint(const struct table *table, const struct mr_chunk *chunk,
                          unsigned char *byte)
{
    int separator = table_separator(table, chunk);
    if (separator == SEVERAL && !table->texts)
        return table->delimiter;
    *byte = table->texts || separator < 0 ? ' ' : (unsigned char)separator;
    return (struct field){ byte, 1 };
}

static int map_ngrams(struct table_words *t, const struct table *table,
                      const struct mr_chunk *chunk, struct mr_context *out)
{
    unsigned char byte;
    if (ngrams_begin(&t->ngrams, joint(table, chunk, &byte), chunk->file, out) < 0)
        return -1;
    return table_map(table, chunk, out) < 0 ? -1 : ngrams_flush(&t->ngrams, out);
}

int table_words_map(const struct table *table, const struct mr_chunk *chunk,
                    struct mr_context *out)
{
    struct table_words *t = mr_task(out);
    t->texts.batch.file = chunk->file;
    return t->any_ngrams ? map_ngrams(t, table, chunk, out) : table_map(table, chunk, out);
}
