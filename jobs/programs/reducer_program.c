/*
 * The side of the reducer: one program a partition gets its records, put together as the lines that
 * they were, in the order of their keys and of one key in that of the input; what it writes is the
 * result.
 *
 *     "be" "\t1", "to" "\t1", "to" "\t1"    ->    be 1 | to 1 | to 1    ->    uniq -c    ->    ...
 *
 * A partition without records has no program. Where it dies, the key is looked for that it dies at
 * (culprit.h), if that may be passed over.
 */
#include "culprit.h"
#include "programs.h"
#include "task_environment.h"

#include <string.h>

static int take_output(void *arg, const unsigned char *bytes, size_t size, enum mr_part part)
{
    if (part == MR_WHOLE)
        return mr_result_lines(arg, bytes, size);
    if (part == MR_FIRST && mr_result_begin(arg, NULL, 0) < 0)
        return -1;
    if (mr_result_add(arg, bytes, size) < 0)
        return -1;
    return part == MR_LAST ? mr_result_end(arg) : 0;
}

/* Blames the key of a line, which has its end and begins at this byte of what was fed. */
static void blame(const struct programs *p, struct program_reducer *t, struct mr_context *out,
                  const unsigned char *line, size_t size, uint64_t offset)
{
    const unsigned char *end;
    size--;
    if (!p->bare_values)
        keyed_line_blame(&p->keys, &t->keyed, out, line, size);
    else if (p->numbers) {
        end = memrchr(line, '\t', size);
        mr_blame_key(out, line, end ? (size_t)(end - line) : size);
    } else if (tab_keys_size(&t->tabs, offset, line, size, &size))
        mr_blame_key(out, line, size);
}

/* Finds the line that the program has died at, for a message, and blames its key. Returns false
 * where there is none, or its key may not be passed over. */
static bool find_culprit(const struct programs *p, struct program_reducer *t,
                         struct mr_context *out, struct shown_line *line)
{
    uint64_t offset, size;
    if (!mr_may_skip(out) ||
        !culprit_find(p->reducer, &t->recent, t->exchange.fed, out, &offset, &size))
        return false;
    const unsigned char *at = t->recent.at + (offset - t->recent.offset);
    blame(p, t, out, at, (size_t)size, offset);
    shown_line_begin(line, 0);
    shown_line_add(line, at, (size_t)size - 1);
    return true;
}

/* The program has failed: says so. */
static void tell(const struct programs *p, struct program_reducer *t, struct mr_context *out,
                 const struct exchange_end *end)
{
    struct shown_line culprit;
    const char *more, *last, *on;
    unsigned long long read = t->records;
    if (t->line != NULL) {
        shown_line_begin(&t->last, 0);
        shown_line_add(&t->last, t->line, t->line_size);
    }
    last = shown_line_text(&t->last, &more);
    if (!find_culprit(p, t, out, &culprit)) {
        (void)mr_fail(out, "the reducer '%s' %s, having read %llu lines at most, the last of them "
                           "'%s'%s%s", p->reducer, end->how, read, last, more, end->last_words);
        return;
    }
    const char *line = shown_line_text(&culprit, &on);
    (void)mr_fail(out, "the reducer '%s' %s, having read %llu lines at most, the last of them "
                       "'%s'%s, and it dies at '%s'%s%s", p->reducer, end->how, read, last, more,
                  line, on, end->last_words);
}

/* The exchange has failed: says so, where it was the program that has. Returns -1. */
static int failed(const struct programs *p, struct program_reducer *t, struct mr_context *out)
{
    struct exchange_end end;
    bool by_itself = exchange_explain(&t->exchange, &end);
    exchange_close(&t->exchange);
    if (by_itself)
        tell(p, t, out, &end);
    return -1;
}

static int open_program(const struct programs *p, struct program_reducer *t, struct mr_context *out)
{
    if (task_environment_set(NULL, out) < 0)
        return -1;
    if (exchange_open(&t->exchange, p->reducer, out, take_output, true) < 0)
        return failed(p, t, out);
    if (mr_may_skip(out))
        culprit_begin(&t->exchange, &t->recent, mr_reduce_memory(out));
    return 0;
}

static int feed_gathered(struct program_reducer *t)
{
    size_t size = t->fill;
    t->fill = 0;
    return culprit_feed(&t->exchange, &t->recent, t->gathered, size);
}

static int feed(struct program_reducer *t, const unsigned char *bytes, size_t size)
{
    t->given += size;
    if (size > PROGRAM_GATHERED - t->fill && feed_gathered(t) < 0)
        return -1;
    if (size > PROGRAM_GATHERED)
        return culprit_feed(&t->exchange, &t->recent, bytes, size);
    memcpy(t->gathered + t->fill, bytes, size);
    t->fill += size;
    return 0;
}

/* Feeds bytes of a line. */
static int feed_part(struct program_reducer *t, const unsigned char *bytes, size_t size)
{
    shown_line_add(&t->last, bytes, size);
    return feed(t, bytes, size);
}

/* What each line of a key begins with: its bytes, none where they are in the values, and a tab or
 * not. */
struct line_head {
    struct mr_key *key;       /* to be read for each line, as there may be no memory for it, */
    const unsigned char *at;  /* where it is longer than this, which has all of it */
    size_t size;
    bool separate;
    unsigned char whole[PROGRAM_SHORT]; /* all of it, where it is short */
};

/* Feeds the key of a line. Returns as feed_long. */
static int feed_key(struct program_reducer *t, const struct line_head *head)
{
    const unsigned char *bytes;
    size_t n;
    int pieces;
    if (head->key == NULL)
        return feed_part(t, head->at, head->size) < 0;
    mr_key_rewind(head->key);
    while ((pieces = mr_key_next(head->key, &bytes, &n)) > 0)
        if (feed_part(t, bytes, n) < 0)
            return 1;
    return pieces;
}

/* Feeds a line of any size, part by part. Returns 0; 1 where the program has failed, which is yet
 * to be said; or -1. */
static int feed_long(struct program_reducer *t, const struct line_head *head,
                     struct mr_value_list *values)
{
    const unsigned char *bytes;
    size_t n;
    int pieces;
    t->line = NULL;
    shown_line_begin(&t->last, t->records++);
    int result = feed_key(t, head);
    if (result != 0)
        return result;
    if (head->separate && feed_part(t, (const unsigned char *)"\t", 1) < 0)
        return 1;
    while ((pieces = mr_values_read(values, &bytes, &n)) > 0)
        if (feed_part(t, bytes, n) < 0)
            return 1;
    if (pieces < 0)
        return -1;
    return feed(t, (const unsigned char *)"\n", 1) < 0;
}

static bool is_short(const struct line_head *head)
{
    return head->size + head->separate <= PROGRAM_SHORT;
}

/* Makes it of an unread key. Returns 0 or -1. */
static int make_head(const struct programs *p, struct mr_key *key, struct line_head *head)
{
    const bool none = values_are_whole_lines(&p->keys);
    *head = (struct line_head){ .at = (const unsigned char *)"", .separate = p->bare_values,
                                .size = none ? 0 : (size_t)mr_key_size(key) };
    if (head->size > PROGRAM_LINE) {
        head->key = key;
        return 0;
    }
    if (!none && mr_key_whole(key, &head->at, &head->size) < 0)
        return -1;
    if (is_short(head)) {
        memcpy(head->whole, head->at, head->size);
        if (head->separate)
            head->whole[head->size] = '\t';
    }
    return 0;
}

/* Copies it to where there is room for PROGRAM_SHORT bytes at least. */
static void put_head(unsigned char *to, const struct line_head *head)
{
    if (is_short(head)) {
        memcpy(to, head->whole, PROGRAM_SHORT);
        return;
    }
    memcpy(to, head->at, head->size);
    if (head->separate)
        to[head->size] = '\t';
}

/* Makes room for a line of so many bytes, and its end, where lines are put together and fed from.
 * Returns where they go, or NULL: the program has failed. */
static unsigned char *add_line(struct program_reducer *t, size_t size)
{
    if (size >= PROGRAM_GATHERED - t->fill && feed_gathered(t) < 0)
        return NULL;
    unsigned char *to = t->gathered + t->fill;
    t->fill += size + 1;
    t->given += size + 1;
    t->line = to;
    t->line_size = size;
    t->records++;
    return to;
}

/* Begins one. Returns where a value of so many bytes goes, or NULL, the same. */
static unsigned char *begin_line(struct program_reducer *t, const struct line_head *head,
                                 size_t value)
{
    const size_t size = head->size + head->separate + value;
    unsigned char *to = add_line(t, size);
    if (to == NULL)
        return NULL;
    put_head(to, head);
    to[size] = '\n';
    return to + (size - value);
}

/* Feeds a line that is put together. Returns as feed_long. */
static int feed_line(struct program_reducer *t, const struct line_head *head,
                     struct mr_value_list *values)
{
    const unsigned char *bytes;
    size_t left = (size_t)mr_values_size(values), n;
    unsigned char *to = begin_line(t, head, left);
    if (to == NULL)
        return 1;
    for (; left > 0; to += n, left -= n) {
        if (mr_values_read(values, &bytes, &n) <= 0)
            return -1;
        memcpy(to, bytes, n);
    }
    return 0;
}

/* Feeds the lines of further values, as long as several are at hand. Returns as feed_long. */
static int feed_many(struct program_reducer *t, const struct line_head *head,
                     struct mr_value_list *values)
{
    struct mr_bytes some[PROGRAM_MANY];
    size_t count;
    while (head->size <= PROGRAM_LINE &&
           (count = mr_values_many(values, some, PROGRAM_MANY)) > 0) {
        for (size_t i = 0; i < count; i++) {
            unsigned char *to = begin_line(t, head, some[i].size);
            if (to == NULL)
                return 1;
            if (some[i].size > 0)
                memcpy(to, some[i].at, some[i].size);
        }
    }
    return 0;
}

/* Feeds the lines of a key. Returns as feed_long. */
static int feed_records(struct program_reducer *t, const struct line_head *head,
                        struct mr_value_list *values)
{
    int more = 0, result = 0;
    while (result == 0 && (more = mr_values_next(values)) > 0) {
        bool fits = mr_values_size(values) + head->separate + head->size <= PROGRAM_LINE;
        result = fits ? feed_line(t, head, values) : feed_long(t, head, values);
        if (result == 0)
            result = feed_many(t, head, values);
    }
    return result != 0 ? result : more;
}

static int refuse_line_feed(const struct programs *p, struct mr_key *key, struct mr_context *out)
{
    enum { SHOWN = 60 };
    const unsigned char *bytes;
    size_t size;
    mr_key_rewind(key);
    if (mr_key_next(key, &bytes, &size) < 0)
        return -1;
    return mr_fail_for_good(out, "the reducer '%s' cannot be given a key with a line feed, of "
                                 "which it would make two lines: '%.*s'", p->reducer,
                            (int)(size < SHOWN ? size : SHOWN), bytes);
}

/* Looks for tabs and line feeds in a key of a job's own, which may have any bytes: that of lines
 * has none that ends one. Returns 0 or -1. */
static int look_at_key(const struct programs *p, struct program_reducer *t, struct mr_key *key,
                       struct mr_context *out)
{
    const unsigned char *bytes;
    size_t n;
    int pieces;
    bool tab = false;
    while ((pieces = mr_key_next(key, &bytes, &n)) > 0) {
        if (memchr(bytes, '\n', n) != NULL)
            return refuse_line_feed(p, key, out);
        tab = tab || memchr(bytes, '\t', n) != NULL;
    }
    mr_key_rewind(key);
    if (!p->numbers && t->recent.room > 0)
        tab_keys_begin(&t->tabs, t->given, tab, (size_t)mr_key_size(key),
                       t->recent.room / sizeof *t->tabs.at);
    return pieces;
}

int program_reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                   struct mr_context *out)
{
    const struct programs *p = state;
    struct program_reducer *t = mr_task(out);
    struct line_head head;
    mr_blame(out, 0, 0, NULL, 0); /* the program may be at any key before */
    if (!t->exchange.open && open_program(p, t, out) < 0)
        return -1;
    if ((p->bare_values && look_at_key(p, t, key, out) < 0) || make_head(p, key, &head) < 0)
        return -1;
    int result = feed_records(t, &head, values);
    return result > 0 ? failed(p, t, out) : result;
}

/* The values have their separators. */
int program_reduce_pairs(const void *state, const struct mr_pair *pairs, size_t count,
                         struct mr_context *out)
{
    const struct programs *p = state;
    struct program_reducer *t = mr_task(out);
    const bool none = values_are_whole_lines(&p->keys);
    mr_blame(out, 0, 0, NULL, 0); /* as above */
    if (!t->exchange.open && open_program(p, t, out) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct mr_bytes key = none ? (struct mr_bytes){ NULL, 0 } : pairs[i].key;
        const struct mr_bytes value = pairs[i].value;
        unsigned char *to = add_line(t, key.size + value.size);
        if (to == NULL)
            return failed(p, t, out);
        if (key.size > 0)
            memcpy(to, key.at, key.size);
        if (value.size > 0)
            memcpy(to + key.size, value.at, value.size);
        to[key.size + value.size] = '\n';
    }
    return 0;
}

int program_reduce_end(const void *state, void *task, struct mr_context *out)
{
    struct program_reducer *t = task;
    int result = 0;
    if (t->exchange.open && (feed_gathered(t) < 0 || exchange_finish(&t->exchange) < 0))
        result = failed(state, t, out);
    else if (t->exchange.open)
        exchange_close(&t->exchange);
    recent_free(&t->recent);
    tab_keys_free(&t->tabs);
    keyed_line_free(&t->keyed);
    return result;
}
