/*
 * Lists of tokens. The table is open: a token stands in the slot that its hash says, or in the next
 * free one behind it; half of the slots stay free.
 */
#include "token_list.h"

#include "out_of_memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

struct listed_token {
    const unsigned char *bytes; /* NULL: the slot is free */
    size_t size;
};

static int no_memory(struct mr_error *err)
{
    return out_of_memory(err, "a list of words");
}

/* ---- reading ---------------------------------------------------------------------------- */

/* Reads the file behind what is there. Returns 0 or -1 (errno). */
static int read_file(FILE *file, struct token_list *list, size_t *capacity)
{
    for (;;) {
        if (*capacity - list->size < 2) { /* one for an LF behind the last line */
            size_t more = *capacity ? 2 * *capacity : 4096;
            unsigned char *bytes = realloc(list->bytes, more);
            if (bytes == NULL)
                return -1;
            list->bytes = bytes;
            *capacity = more;
        }
        size_t want = *capacity - list->size - 1;
        size_t got = fread(list->bytes + list->size, 1, want, file);
        list->size += got;
        if (got < want)
            return ferror(file) ? -1 : 0;
    }
}

/* Has all lines of what begins at `from` end at LF, and begin behind a byte order mark. */
static void settle_lines(struct token_list *list, size_t from)
{
    unsigned char *bytes = list->bytes, *to = bytes + from;
    const unsigned char *at = to, *end = bytes + list->size;
    if (end - at >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    while (at < end) {
        unsigned char b = *at++;
        if (b == '\r' && at < end && *at == '\n')
            at++;
        *to++ = b == '\r' ? '\n' : b;
    }
    if (to > bytes + from && to[-1] != '\n')
        *to++ = '\n';
    list->size = (size_t)(to - bytes);
}

/* What a list cannot be that begins so, or NULL. */
static const char *other_kind(const unsigned char *bytes, size_t size)
{
    static const char utf16[] = "UTF-16: make it UTF-8 first (iconv -f UTF-16 -t UTF-8)";
    static const struct {
        size_t at, size; /* where it has these bytes */
        const char *bytes, *kind;
    } kinds[] = {
        { 0, 2, "\x1F\x8B", "gzip: inflate it first (gzip -d)" },
        { 0, 4, "\x28\xB5\x2F\xFD", "zstd: decompress it first (zstd -d)" },
        { 0, 6, "\xFD" "7zXZ\0", "xz: decompress it first (xz -d)" },
        { 4, 6, "1AY&SY", "bzip2: decompress it first (bzip2 -d)" },
        { 0, 4, "\x04\x22\x4D\x18", "lz4: decompress it first (lz4 -d)" },
        { 0, 2, "\xFF\xFE", utf16 },
        { 0, 2, "\xFE\xFF", utf16 },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (size >= kinds[i].at + kinds[i].size &&
            memcmp(bytes + kinds[i].at, kinds[i].bytes, kinds[i].size) == 0)
            return kinds[i].kind;
    return NULL;
}

int token_list_read(struct token_list *list, const char *path, struct mr_error *err)
{
    size_t from = list->size, capacity = from;
    const bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    FILE *file = standard ? stdin : fopen(path, "r");
    int result = file ? read_file(file, list, &capacity) : -1, code = errno;
    if (file && !standard)
        fclose(file);
    if (result < 0) {
        mr_error_set(err, "cannot read the list of words '%s': %s", name, strerror(code));
        err->code = code;
        return -1;
    }
    const char *kind = other_kind(list->bytes + from, list->size - from);
    if (kind != NULL) {
        mr_error_set(err, "the list of words '%s' is %s", name, kind);
        err->code = EINVAL;
        return -1;
    }
    settle_lines(list, from);
    list->given = true;
    return 0;
}

/* ---- the table -------------------------------------------------------------------------- */

/* Where a token is, or the free slot for it. */
static struct listed_token *find(const struct token_list *list, const unsigned char *token,
                                 size_t size)
{
    for (size_t slot = (size_t)XXH3_64bits(token, size);; slot++) {
        struct listed_token *t = &list->table[slot & (list->slots - 1)];
        if (t->bytes == NULL || (t->size == size && memcmp(t->bytes, token, size) == 0))
            return t;
    }
}

int token_list_rewrite(struct token_list *list,
                       size_t (*rekey)(const void *state, const unsigned char *key, size_t size,
                                       unsigned char *to),
                       size_t growth, const void *state, struct mr_error *err)
{
    unsigned char *bytes = calloc(1, growth * list->size + 1), *to = bytes;
    if (bytes == NULL)
        return no_memory(err);
    for (size_t at = 0; at < list->size;) {
        const unsigned char *token = list->bytes + at;
        size_t size = (size_t)((const unsigned char *)memchr(token, '\n', list->size - at) - token);
        to += rekey(state, token, size, to);
        *to++ = '\n';
        at += size + 1;
    }
    free(list->bytes);
    list->bytes = bytes;
    list->size = (size_t)(to - bytes);
    return 0;
}

int token_list_index(struct token_list *list,
                     size_t (*rekey)(const void *state, const unsigned char *key, size_t size,
                                     unsigned char *to),
                     const void *state, struct mr_error *err)
{
    size_t lines = 0, slots = 1;
    if (rekey && token_list_rewrite(list, rekey, 3, state, err) < 0)
        return -1;
    for (size_t at = 0; at < list->size; at++)
        lines += list->bytes[at] == '\n';
    while (slots <= 2 * lines)
        slots *= 2;
    list->table = calloc(slots, sizeof *list->table);
    if (list->table == NULL)
        return no_memory(err);
    list->slots = slots;
    for (size_t at = 0; at < list->size;) {
        const unsigned char *token = list->bytes + at;
        size_t size = (size_t)((const unsigned char *)memchr(token, '\n', list->size - at) - token);
        *find(list, token, size) = (struct listed_token){ token, size };
        list->longest = size > list->longest ? size : list->longest;
        at += size + 1;
    }
    return 0;
}

bool token_list_has(const struct token_list *list, const unsigned char *token, size_t size)
{
    return size <= list->longest && find(list, token, size)->bytes != NULL;
}

void token_list_free(struct token_list *list)
{
    free(list->bytes);
    free(list->table);
    *list = (struct token_list){ 0 };
}
