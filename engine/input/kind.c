/* Kinds of files: a table of first bytes, looked through from its start. */
#include "input/kind.h"

#include "base/endian.h"
#include "base/error.h"
#include "base/message.h"

#include <stdio.h>
#include <string.h>

struct kind {
    const char *name;
    const char *from_file; /* the command that makes a file readable, without its name */
    const char *from_pipe; /* the same for what comes through a pipe; NULL: there is none */
    size_t at, size;       /* where its bytes stand, and how many */
    const char *bytes;
    bool (*is)(const unsigned char *head, size_t size); /* NULL: the bytes are enough */
};

/* The head of a bare LZMA file has few bytes that are always the same: what its fields may hold
 * decides. 5D, the dictionary's size (2^n or 2^n + 2^(n-1)), the size of the content (all ones:
 * not known; else below 256 GiB, as xz has it), and the first coded byte, which is 0. */
static bool is_lzma(const unsigned char *head, size_t size)
{
    if (size < 14 || head[13] != 0)
        return false;
    uint32_t dictionary = mr_get32(head + 1), top = dictionary;
    while ((top & (top - 1)) != 0)
        top &= top - 1;
    uint64_t content = mr_get64(head + 5);
    return dictionary >= 4096 && (dictionary == top || dictionary == top + top / 2) &&
           (content == UINT64_MAX || content < UINT64_C(1) << 38);
}

/* A digit, and the first bytes of a block or of the end. */
static bool is_bzip2(const unsigned char *head, size_t size)
{
    return size >= 10 && head[3] >= '1' && head[3] <= '9' &&
           (memcmp(head + 4, "1AY&SY", 6) == 0 || memcmp(head + 4, "\x17rE8P\x90", 6) == 0);
}

/* One of sixteen, which zstd and lz4 share. */
static bool is_skippable(const unsigned char *head, size_t size)
{
    return size >= 4 && head[0] >> 4 == 5;
}

/* A number in octal digits, as tar has them: spaces may stand before it. */
static uint64_t get_octal(const unsigned char *at, size_t size)
{
    uint64_t number = 0;
    size_t i = 0;
    while (i < size && at[i] == ' ')
        i++;
    for (; i < size && at[i] >= '0' && at[i] <= '7'; i++)
        number = number * 8 + (uint64_t)(at[i] - '0');
    return number;
}

/* The oldest tar has no magic. Its head, a block of 512 bytes, begins with a name and has the sum
 * of its bytes in it, as if that were eight spaces. */
static bool is_old_tar(const unsigned char *head, size_t size)
{
    enum { BLOCK = 512, SUM = 148, SUM_SIZE = 8 };
    uint64_t sum = (uint64_t)SUM_SIZE * ' ';
    if (size < BLOCK || head[0] == '\0')
        return false;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i < SUM || i >= SUM + SUM_SIZE ? head[i] : 0;
    return sum == get_octal(head + SUM, SUM_SIZE - 2);
}

#define ICONV16 "iconv -f UTF-16 -t UTF-8"
#define ICONV32 "iconv -f UTF-32 -t UTF-8"

/* UTF-32's mark in one byte order begins as UTF-16's does, so it is asked for first. */
static const struct kind kinds[] = {
    { "UTF-32 text", ICONV32, ICONV32, 0, 4, "\xFF\xFE\0\0", NULL },
    { "UTF-32 text", ICONV32, ICONV32, 0, 4, "\0\0\xFE\xFF", NULL },
    { "UTF-16 text", ICONV16, ICONV16, 0, 2, "\xFF\xFE", NULL },
    { "UTF-16 text", ICONV16, ICONV16, 0, 2, "\xFE\xFF", NULL },
    { "a zstd file", "zstdcat", "zstdcat", 0, 4, "\x28\xB5\x2F\xFD", NULL },
    { "a zstd or lz4 file", "zstdcat", "zstdcat", 1, 3, "\x2A\x4D\x18", is_skippable },
    { "an xz file", "xzcat", "xzcat", 0, 6, "\xFD" "7zXZ\0", NULL },
    { "an lzma file", "xzcat", "xzcat", 0, 1, "\x5D", is_lzma },
    { "an lzip file", "lzip -dc", "lzip -dc", 0, 5, "LZIP\1", NULL },
    { "a bzip2 file", "bzcat", "bzcat", 0, 3, "BZh", is_bzip2 },
    { "an lz4 file", "lz4 -dc", "lz4 -dc", 0, 4, "\x04\x22\x4D\x18", NULL },
    { "an lz4 file", "lz4 -dc", "lz4 -dc", 0, 4, "\x02\x21\x4C\x18", NULL },
    { "an lzop file", "lzop -dc", "lzop -dc", 0, 9, "\x89LZO\0\r\n\x1A\n", NULL },
    { "a zip archive", "unzip -p", "funzip", 0, 4, "PK\3\4", NULL },
    { "a zip archive", "unzip -p", "funzip", 0, 4, "PK\5\6", NULL }, /* an empty one */
    { "a zip archive", "unzip -p", "funzip", 0, 4, "PK\7\x08", NULL }, /* in several volumes */
    { "a zip archive", "unzip -p", "funzip", 0, 8, "PK00PK\3\4", NULL }, /* ... which are one */
    { "a 7z archive", "7z x -so", NULL, 0, 6, "7z\xBC\xAF\x27\x1C", NULL },
    { "a rar archive", "unrar p -inul", NULL, 0, 6, "Rar!\x1A\x07", NULL },
    { "a tar archive", "tar -xOf", "tar -xOf -", 257, 6, "ustar\0", NULL },
    { "a tar archive", "tar -xOf", "tar -xOf -", 257, 8, "ustar  \0", NULL }, /* GNU's own */
    { "a tar archive", "tar -xOf", "tar -xOf -", 154, 2, "\0 ", is_old_tar },
    { "a file of 'compress'", "zcat", "zcat", 0, 2, "\x1F\x9D", NULL },
    { "a file of 'compress'", "zcat", "zcat", 0, 2, "\x1F\xA0", NULL }, /* of its time: lzh */
    { "a file of 'pack'", "zcat", "zcat", 0, 2, "\x1F\x1E", NULL },
};

static const struct kind gzip = { "gzip once more", "zcat", "zcat", 0, 2, "\x1F\x8B", NULL };

static bool is_kind(const struct kind *k, const unsigned char *head, size_t size)
{
    return size >= k->at + k->size && head[k->at] == (unsigned char)*k->bytes &&
           memcmp(head + k->at, k->bytes, k->size) == 0 && (k->is == NULL || k->is(head, size));
}

static const struct kind *find(const unsigned char *head, size_t size)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (is_kind(&kinds[i], head, size))
            return &kinds[i];
    return NULL;
}

const char *mr_kind_name(const unsigned char *head, size_t size)
{
    const struct kind *k = find(head, size);
    return k ? k->name : NULL;
}

/* A file's name as a shell takes it; one that would need more than quotes is left to be put in. */
static const char *quote(char *to, size_t room, const char *path)
{
    size_t size = mr_message(to, room, "'%s'", path);
    return *path != '-' && size == strlen(path) + 2 ? to : "FILE";
}

/* What to type before wc-mr. */
static void put_command(char *to, size_t room, const struct kind *k, const struct mr_source *s,
                        bool inflated)
{
    char quoted[600];
    const char *name = s->path ? quote(quoted, sizeof quoted, s->path) : "";
    if (k->from_pipe == NULL && (s->path == NULL || inflated))
        snprintf(to, room, "%s FILE", k->from_file); /* it must be made a file first */
    else if (inflated)
        snprintf(to, room, "zcat %s%s| %s", name, s->path ? " " : "", k->from_pipe);
    else if (s->path != NULL)
        snprintf(to, room, "%s %s", k->from_file, name);
    else
        snprintf(to, room, "%s", k->from_pipe);
}

int mr_kind_check(const struct mr_source *s, const unsigned char *head, size_t size,
                  bool inflated, struct mr_error *err)
{
    if (s->as_bytes)
        return 0;
    const struct kind *k = inflated && is_kind(&gzip, head, size) ? &gzip : find(head, size);
    if (k == NULL)
        return 0;
    char command[700];
    put_command(command, sizeof command, k, s, inflated);
    mr_error_set(err, "cannot count '%s': it %s %s; what makes it readable: %s | wc-mr "
                      "(with -d for a table; --force-bytes counts it as it is)",
                 mr_source_name(s), inflated ? "is gzip, and holds" : "is", k->name, command);
    return mr_error_final(err);
}
