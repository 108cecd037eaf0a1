/* Lines to records. */
#include "keyed_line.h"

#include <stdlib.h>
#include <string.h>

/* ---- keys ------------------------------------------------------------------------------- */

size_t line_key_size(const struct line_keys *k, const unsigned char *line, size_t size)
{
    const unsigned char *end = separator_find_nth(&k->separator, line, size, k->fields);
    return end ? (size_t)(end - line) : size;
}

/* ---- whole lines ------------------------------------------------------------------------ */

/* Has the line of this key go to its partition. */
static int choose_partition(const struct line_keys *k, struct keyed_line *l, struct mr_context *out,
                            const unsigned char *key, size_t size)
{
    if (k->partition.count == 0)
        return values_are_whole_lines(k) ? mr_partition_by(out, key, size) : 0;
    unsigned char *to = bytes_hold(&l->partition, sort_keys_room(&k->partition, size), out);
    if (to == NULL)
        return -1;
    const unsigned char *end = sort_keys_put(&k->partition, false, to, key, size);
    return mr_partition_by(out, to, (size_t)(end - to));
}

/* What the line of this key is sorted by. NULL, and why, on failure. */
static unsigned char *make_order(const struct line_keys *k, struct keyed_line *l,
                                 struct mr_context *out, const unsigned char *key, size_t *size)
{
    unsigned char *to = bytes_hold(&l->order, sort_keys_room(&k->order, *size), out);
    if (to != NULL)
        *size = (size_t)(sort_keys_put(&k->order, false, to, key, *size) - to);
    return to;
}

const unsigned char *keyed_line_key(const struct line_keys *k, struct keyed_line *l,
                                    struct mr_context *out, const unsigned char *line,
                                    size_t *size)
{
    *size = line_key_size(k, line, *size);
    return values_are_whole_lines(k) ? make_order(k, l, out, line, size) : line;
}

void keyed_line_blame(const struct line_keys *k, struct keyed_line *l, struct mr_context *out,
                      const unsigned char *line, size_t size)
{
    size_t key_size = size;
    const unsigned char *key = keyed_line_key(k, l, out, line, &key_size);
    if (key == NULL)
        return;
    mr_blame_key(out, key, key_size);
    mr_show_key(out, line, line_key_size(k, line, size));
}

/* Emits a line with a key of so many bytes. */
static inline __attribute__((always_inline)) int
emit_line(const struct line_keys *k, struct keyed_line *l, struct mr_context *out,
          const unsigned char *line, size_t key, size_t size)
{
    if (choose_partition(k, l, out, line, key) < 0)
        return -1;
    if (!values_are_whole_lines(k))
        return mr_emit_value(out, line, key, line + key, size - key);
    const unsigned char *order = make_order(k, l, out, line, &key);
    return order ? mr_emit_value(out, order, key, line, size) : -1;
}

/* Emits lines, of which the last has no end. Their ends, and separators of one byte, are looked for
 * many at once, as most lines are short. */
static int emit_lines(const struct line_keys *k, struct keyed_line *l, struct mr_context *out,
                      const unsigned char *bytes, size_t size)
{
    const unsigned char *line = bytes, *key = NULL, *end = bytes + size;
    uint64_t separators = 0;
    l->marks.has['\n'] = l->marks.has[k->separator.at[0]] = 1;
    for (size_t at = 0, look; at < size; at += look) {
        look = size - at < KEYED_LINE_LOOK ? size - at : KEYED_LINE_LOOK;
        size_t count = mr_find(out, &l->marks, bytes + at, look, (uint32_t)at, l->found);
        for (size_t i = 0; i < count; i++) {
            const unsigned char *mark = bytes + l->found[i];
            if (*mark != '\n') {
                key = ++separators == k->fields ? mark : key;
                continue;
            }
            if (emit_line(k, l, out, line, (size_t)((key ? key : mark) - line),
                          (size_t)(mark - line)) < 0)
                return -1;
            line = mark + 1;
            key = NULL;
            separators = 0;
        }
    }
    return emit_line(k, l, out, line, (size_t)((key ? key : end) - line), (size_t)(end - line));
}

/* The same with separators of several bytes. */
static int emit_lines_apart(const struct line_keys *k, struct keyed_line *l,
                            struct mr_context *out, const unsigned char *bytes, size_t size)
{
    const unsigned char *line = bytes, *end = bytes + size, *lf;
    for (; (lf = memchr(line, '\n', (size_t)(end - line))) != NULL; line = lf + 1) {
        size_t whole = (size_t)(lf - line);
        if (emit_line(k, l, out, line, line_key_size(k, line, whole), whole) < 0)
            return -1;
    }
    size_t whole = (size_t)(end - line);
    return emit_line(k, l, out, line, line_key_size(k, line, whole), whole);
}

/* ---- lines in parts --------------------------------------------------------------------- */

/* The first part of a line whose fields decide where it goes: it must have all of the key. Emits
 * what is known before the value. */
static int emit_fields(const struct line_keys *k, struct keyed_line *l, struct mr_context *out,
                       const unsigned char *bytes, size_t size)
{
    size_t key = line_key_size(k, bytes, size);
    l->separators = k->fields;
    if (key == size)
        return mr_fail_for_good(out, "a line begins with a key of more than %zu bytes, too many to "
                                     "be sorted or partitioned by its fields (--sort-by, "
                                     "--partition-by)", size);
    if (choose_partition(k, l, out, bytes, key) < 0)
        return -1;
    if (!values_are_whole_lines(k))
        return mr_pair_key(out, bytes, key) < 0 ? -1
                                                : mr_pair_value(out, bytes + key, size - key);
    const unsigned char *order = make_order(k, l, out, bytes, &key);
    if (order == NULL || mr_pair_key(out, order, key) < 0)
        return -1;
    return mr_pair_value(out, bytes, size);
}

/* Adds so many of the bytes that were held and of those behind them to the key. */
static int add_to_key(const struct line_keys *k, struct mr_context *out, size_t held,
                      const unsigned char *bytes, size_t size)
{
    size_t first = size < held ? size : held;
    if (first > 0 && mr_pair_key(out, k->separator.at, first) < 0)
        return -1;
    return size > first ? mr_pair_key(out, bytes, size - first) : 0;
}

/* Emits what of a part belongs to the key, which ends before the last separator; *bytes and *size
 * become what does not. Of a separator that is the value's, some may have been held. */
static int emit_key_part(const struct line_keys *k, struct keyed_line *l, struct mr_context *out,
                         const unsigned char **bytes, size_t *size)
{
    bool found = true;
    while (found && l->separators < k->fields) {
        size_t held = l->held, key;
        found = separator_look(&k->separator, &l->held, *bytes, *size, &key);
        l->separators += found;
        if (found && l->separators < k->fields)
            key += k->separator.size;
        if (add_to_key(k, out, held, *bytes, key) < 0 ||
            (found && key < held && mr_pair_value(out, k->separator.at, held - key) < 0))
            return -1;
        size_t used = !found ? *size : key > held ? key - held : 0;
        *bytes += used;
        *size -= used;
    }
    return 0;
}

/* Emits a part at its place in key or value. */
static int emit_part(const struct line_keys *k, struct keyed_line *l, struct mr_context *out,
                     const unsigned char *bytes, size_t size, enum mr_part part)
{
    if (part == MR_FIRST && mr_pair_begin(out) < 0)
        return -1;
    if (part == MR_FIRST) {
        l->separators = mr_is_result(out) ? k->fields : 0;
        l->held = 0;
    }
    if (part == MR_FIRST && !mr_is_result(out) &&
        (values_are_whole_lines(k) || k->partition.count > 0))
        return emit_fields(k, l, out, bytes, size);
    if (emit_key_part(k, l, out, &bytes, &size) < 0 ||
        (size > 0 && mr_pair_value(out, bytes, size) < 0))
        return -1;
    if (part != MR_LAST)
        return 0;
    return l->held > 0 && mr_pair_key(out, k->separator.at, l->held) < 0 ? -1 : mr_pair_end(out);
}

int keyed_line_emit(const struct line_keys *k, struct keyed_line *l, struct mr_context *out,
                    const unsigned char *bytes, size_t size, enum mr_part part)
{
    if (part != MR_WHOLE)
        return emit_part(k, l, out, bytes, size, part);
    if (mr_is_result(out))
        return mr_emit_lines(out, bytes, size);
    return k->separator.size == 1 ? emit_lines(k, l, out, bytes, size)
                                  : emit_lines_apart(k, l, out, bytes, size);
}

void keyed_line_free(struct keyed_line *l)
{
    free(l->order.at);
    free(l->partition.at);
    *l = (struct keyed_line){ 0 };
}
