/* What grep has found. */
#include "grep_found.h"
#include "text/bytes.h"
#include "text/numbers.h"

#include <string.h>

/* ---- names of files --------------------------------------------------------------------- */

/* Whether names stand before what is found: as columns always, so that all lines have the same. */
static bool names_files(const struct grep *g, const struct mr_context *out, bool several)
{
    return !g->without_name && (g->with_name || several || mr_has_columns(out));
}

/* What stands behind a name: as the end of a column, what it cannot have. */
static char name_end(const struct mr_context *out)
{
    return mr_has_columns(out) ? '\0' : ':';
}

static const char *shown_name(const char *file)
{
    return strcmp(file, "-") == 0 ? "(standard input)" : file;
}

const struct mr_column *grep_found_columns(const struct grep *g)
{
    static const struct mr_column lines[] = {
        { "file", MR_COLUMN_TEXT, '\0' }, { "line", MR_COLUMN_TEXT, 0 }, { 0 },
    };
    static const struct mr_column counts[] = {
        { "file", MR_COLUMN_TEXT, '\0' }, { "count", MR_COLUMN_NUMBER, 0 }, { 0 },
    };
    return (g->count ? counts : lines) + g->without_name;
}

/* ---- what is written -------------------------------------------------------------------- */

int grep_found_emit(const struct grep *g, const struct mr_chunk *chunk, struct mr_context *out,
                    const unsigned char *line, size_t size)
{
    if (!names_files(g, out, chunk->sources > 1))
        return mr_emit_value(out, NULL, 0, line, size);
    const char *name = shown_name(chunk->file);
    size_t before = strlen(name) + 1;
    unsigned char *at = bytes_hold(mr_task(out), before + size, out);
    if (at == NULL)
        return -1;
    memcpy(at, name, before - 1);
    at[before - 1] = (unsigned char)name_end(out);
    memcpy(at + before, line, size);
    return mr_emit_value(out, NULL, 0, at, before + size);
}

int grep_found_reduce(const void *state, struct mr_key *key, struct mr_value_list *values,
                      struct mr_context *out)
{
    const unsigned char *rank, *digits;
    size_t size;
    if (mr_key_whole(key, &rank, &size) < 0 || mr_result_begin(out, "", 0) < 0)
        return -1;
    if (names_files(state, out, mr_input_name(out, 1) != NULL)) {
        const char *name = shown_name(mr_input_name(out, rank_get(rank))), end = name_end(out);
        if (mr_result_add(out, name, strlen(name)) < 0 || mr_result_add(out, &end, 1) < 0)
            return -1;
    }
    if (mr_values_next(values) < 0 || mr_values_whole(values, &digits, &size) < 0 ||
        mr_result_add(out, digits, size) < 0)
        return -1;
    return mr_result_end(out);
}
