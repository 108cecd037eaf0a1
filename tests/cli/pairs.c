/*
 * Jobs whose values are bytes, for test_values.py: each line of the input is a key, a tab and a
 * value, where byte 1 stands for a newline.
 *
 *     pairs --do=NAME [OPTION...] INPUT...
 *
 *     join    a key's values with | behind each; unless another is asked for
 *     pass    every pair, by no reduce at all
 *     first   a key's first value; the others are not read
 *     sizes   how many values there are, and of how many bytes
 *     swap    each value as a key of its own, with what it stood under as the value
 *     some    join, first, sizes, swap or nothing, by the sum of the key's bytes modulo 5
 *     whole   as join, but each value and the key is asked for in one piece
 *     large   the value is a file's name, and the value emitted what that file has; as sizes
 *     spread  the value is a number: so many values of a byte for the key, as join
 *     cat     a key's values one behind the other; folded in the mapper, too
 *     total   how many bytes they have; the same, where the numbers are added
 *     order   as join, of the values in the order of their bytes
 *     set     the same of each but once; folded in the mapper, too
 *
 * and those that are wrong: number, unended, fails.
 */
#include "mapreduce.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { JOIN, PASS, FIRST, SIZES, SWAP, SOME, WHOLE, LARGE, SPREAD, CAT, TOTAL, ORDER,
            SET, NUMBER, UNENDED, FAILS };

static const char *const kinds[] = { "join", "pass", "first", "sizes", "swap", "some", "whole",
                                     "large", "spread", "cat", "total", "order", "set",
                                     "number", "unended", "fails", NULL };

struct state {
    enum kind kind;
};

/* ---- map -------------------------------------------------------------------------------- */

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state, (void)path;
    return &mr_lines;
}

/* Emits what a file has. It is mapped, so that it is no memory of this process's own. */
static int emit_file(const unsigned char *key, size_t key_size, const char *path,
                     struct mr_context *out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -1;
    void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return -1;
    int result = mr_emit_value(out, key, key_size, bytes, (size_t)st.st_size);
    munmap(bytes, (size_t)st.st_size);
    close(fd);
    return result;
}

static int emit_pair(enum kind kind, unsigned char *line, size_t size, struct mr_context *out)
{
    unsigned char *tab = memchr(line, '\t', size);
    size_t key_size = tab ? (size_t)(tab - line) : size, value_size = tab ? size - key_size - 1 : 0;
    unsigned char *value = tab ? tab + 1 : NULL;
    char text[256];
    snprintf(text, sizeof text, "%.*s", (int)value_size, value ? (char *)value : "");
    for (size_t i = 0; i < size; i++)
        if (line[i] == 1)
            line[i] = '\n';
    if (kind == LARGE)
        return emit_file(line, key_size, text, out);
    if (kind == NUMBER)
        return mr_emit(out, line, key_size, 1);
    if (kind == TOTAL) {
        int n = snprintf(text, sizeof text, "%zu", value_size);
        return mr_emit_value(out, line, key_size, text, (size_t)n);
    }
    if (kind != SPREAD)
        return mr_emit_value(out, line, key_size, value, value_size);
    for (unsigned long long left = strtoull(text, NULL, 10); left > 0; left--)
        if (mr_emit_value(out, line, key_size, &"0123456789"[left % 10], 1) < 0)
            return -1;
    return 0;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct state *s = state;
    const unsigned char *line;
    size_t at = 0, size;
    while (mr_line_next(chunk, &at, &line, &size)) {
        unsigned char *copy = malloc(size + 1);
        if (copy == NULL)
            return -1;
        memcpy(copy, line, size);
        int result = emit_pair(s->kind, copy, size, out);
        free(copy);
        if (result < 0)
            return -1;
    }
    return 0;
}

/* ---- reduce ----------------------------------------------------------------------------- */

static int join(struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int more, pieces;
    if (mr_result_begin(out, NULL, 0) < 0)
        return -1;
    while ((more = mr_values_next(values)) > 0) {
        while ((pieces = mr_values_read(values, &bytes, &size)) > 0)
            if (mr_result_add(out, bytes, size) < 0)
                return -1;
        if (pieces < 0 || mr_result_add(out, "|", 1) < 0)
            return -1;
    }
    return more < 0 ? -1 : mr_result_end(out);
}

/* A key in one piece. */
struct name {
    const unsigned char *bytes;
    size_t size;
};

static int whole(const struct name *key, struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int more;
    if (mr_result_begin(out, key->bytes, key->size) < 0)
        return -1;
    while ((more = mr_values_next(values)) > 0)
        if (mr_values_whole(values, &bytes, &size) < 0 || mr_result_add(out, bytes, size) < 0 ||
            mr_result_add(out, "|", 1) < 0)
            return -1;
    return more < 0 ? -1 : mr_result_end(out);
}

static int first(struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int pieces;
    if (mr_values_next(values) < 0 || mr_result_begin(out, NULL, 0) < 0)
        return -1;
    while ((pieces = mr_values_read(values, &bytes, &size)) > 0)
        if (mr_result_add(out, bytes, size) < 0)
            return -1;
    return pieces < 0 ? -1 : mr_result_end(out);
}

static int sizes(struct mr_value_list *values, struct mr_context *out)
{
    unsigned long long count = 0, bytes = 0;
    char text[64];
    int more;
    for (; (more = mr_values_next(values)) > 0; count++)
        bytes += mr_values_size(values);
    int n = snprintf(text, sizeof text, "%llu %llu", count, bytes);
    return more < 0 ? -1 : mr_emit_result(out, NULL, 0, text, (size_t)n);
}

static int swap(const struct name *key, struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int more;
    while ((more = mr_values_next(values)) > 0)
        if (mr_values_whole(values, &bytes, &size) < 0 ||
            mr_emit_result(out, bytes, size, key->bytes, key->size) < 0)
            return -1;
    return more;
}

static int cat(struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    int more, pieces = 0;
    if (mr_result_begin(out, NULL, 0) < 0)
        return -1;
    while (pieces == 0 && (more = mr_values_next(values)) > 0)
        while ((pieces = mr_values_read(values, &bytes, &size)) > 0)
            if (mr_result_add(out, bytes, size) < 0)
                return -1;
    return pieces < 0 || more < 0 ? -1 : mr_result_end(out);
}

static int total(struct mr_value_list *values, struct mr_context *out)
{
    const unsigned char *bytes;
    size_t size;
    unsigned long long sum = 0;
    char text[32];
    int more;
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &bytes, &size) < 0 || size >= sizeof text)
            return -1;
        memcpy(text, bytes, size);
        text[size] = '\0';
        sum += strtoull(text, NULL, 10);
    }
    int n = snprintf(text, sizeof text, "%llu", sum);
    return more < 0 ? -1 : mr_emit_result(out, NULL, 0, text, (size_t)n);
}

/* Emits each value but once, which are in the order of their bytes: as a set, or as a list. */
static int set(struct mr_value_list *values, struct mr_context *out, bool list)
{
    const unsigned char *bytes;
    unsigned char *last = NULL;
    size_t size, last_size = 0;
    int more, result = 0;
    if (list && mr_result_begin(out, NULL, 0) < 0)
        return -1;
    while (result == 0 && (more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &bytes, &size) < 0)
            return -1;
        if (last != NULL && size == last_size && memcmp(bytes, last, size) == 0)
            continue;
        last = realloc(last, size + 1);
        if (last == NULL)
            abort();
        if (size > 0)
            memcpy(last, bytes, size);
        last_size = size;
        result = !list ? mr_emit_result(out, NULL, 0, last, size)
                 : mr_result_add(out, last, size) < 0 ? -1
                                                      : mr_result_add(out, "|", 1);
    }
    free(last);
    return result < 0 || more < 0 ? -1 : list ? mr_result_end(out) : 0;
}

/* Which of the first five is done with a key, where all are: or the sixth, nothing. */
static enum kind kind_of(const struct name *key)
{
    static const enum kind done[] = { JOIN, FIRST, SIZES, SWAP, SOME };
    unsigned sum = 0;
    for (size_t i = 0; i < key->size; i++)
        sum += key->bytes[i];
    return done[sum % 5];
}

static int reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                  struct mr_context *out)
{
    enum kind kind = ((const struct state *)state)->kind;
    struct name name = { NULL, 0 };
    if ((kind == SOME || kind == WHOLE || kind == SWAP) &&
        mr_key_whole(key, &name.bytes, &name.size) < 0)
        return -1;
    switch (kind == SOME ? kind_of(&name) : kind) {
    case JOIN:
    case ORDER:
    case SPREAD: return join(values, out);
    case SET: return set(values, out, true);
    case WHOLE: return whole(&name, values, out);
    case FIRST: return first(values, out);
    case LARGE:
    case SIZES: return sizes(values, out);
    case SWAP: return swap(&name, values, out);
    case CAT: return cat(values, out);
    case TOTAL: return total(values, out);
    case SOME: return 0;
    case UNENDED: return mr_result_begin(out, "k", 1);
    default: return -1;
    }
}

static int combine_set(const void *state, struct mr_key *key, struct mr_value_list *values,
                       struct mr_context *out)
{
    (void)state, (void)key;
    return set(values, out, false);
}

/* ---- the job ---------------------------------------------------------------------------- */

static int set_kind(void *state, const char *argument, struct mr_error *err)
{
    struct state *s = state;
    for (int i = 0; kinds[i]; i++)
        if (strcmp(argument, kinds[i]) == 0) {
            s->kind = (enum kind)i;
            return 0;
        }
    return mr_error_set(err, "there is nothing called '%s' to do", argument);
}

static const struct mr_option options[] = {
    { .name = "do", .argument = "NAME", .help = "what is done with a key", .set = set_kind }, { 0 }
};

static void fit(const void *state, struct mr_job *job)
{
    const struct state *s = state;
    if (s->kind == PASS)
        job->reduce_values = NULL;
    if (s->kind == CAT || s->kind == TOTAL)
        job->combine_values = reduce;
    if (s->kind == SET)
        job->combine_values = combine_set;
    if (s->kind == ORDER || s->kind == SET)
        job->value_order = MR_BY_VALUE_BYTES;
}

static void identify(const void *state, struct mr_identity *to)
{
    mr_identify(to, state, sizeof(struct state));
}

static const struct mr_job job = {
    .name = "pairs", .values = MR_BYTES, .order = MR_BY_KEY, .whole_records = true,
    .options = options, .state_size = sizeof(struct state), .fit = fit, .identify = identify,
    .records = records, .map = map, .reduce_values = reduce,
};

int main(int argc, char **argv)
{
    return mr_main(&job, argc, argv);
}
