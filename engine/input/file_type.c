/* Types of files: a table of first bytes, looked through from its start, behind the codings. */
#define ZLIB_CONST /* what is read is const */

#include "input/file_type.h"

#include "base/error.h"
#include "base/message.h"
#include "input/encoding.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

struct file_type {
    const char *name;
    const char *from_file; /* the command that makes a file readable, whose name FILE stands for;
                              without that, it stands behind */
    const char *from_pipe; /* the same for what comes through a pipe; NULL: there is none */
    size_t at, size;       /* where its bytes stand, and how many */
    const char *bytes;
    bool (*is)(const unsigned char *head, size_t size); /* NULL: the bytes are enough */
};

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

/* Whether there are control characters, from this one on, that no text has, in whatever encoding of
 * single bytes. */
static bool has_control(const unsigned char *head, size_t size, unsigned char from)
{
    enum { BS = 8, CR = 13, SUB = 26 }; /* white space, and what ends a file or, behind, a field */
    size_t i = 0;
    while (i < size && (head[i] < from || (head[i] >= BS && head[i] <= CR) || head[i] >= SUB))
        i++;
    return i < size;
}

static bool is_no_text(const unsigned char *head, size_t size)
{
    return has_control(head, size, '\0');
}

/* The same where the mark may begin a list, whose names end with NUL, or a table of Hive, whose
 * fields, and what is in them, the seven characters behind that separate. */
static bool is_no_table(const unsigned char *head, size_t size)
{
    return has_control(head, size, '\7' + 1);
}

/* Whether the bytes decode: zlib's head is too short to tell by itself. A whole stream has a check
 * sum at its end; of one that goes on, what is there must be right, and no text. */
static bool is_zlib(const unsigned char *head, size_t size)
{
    unsigned char text[4096];
    z_stream z = { .next_in = head, .avail_in = (uInt)size };
    int status = inflateInit(&z);
    if (status != Z_OK)
        return true; /* memory is out: rather than to count what it may be */
    do {
        z.next_out = text;
        z.avail_out = sizeof text;
        status = inflate(&z, Z_NO_FLUSH);
    } while (status == Z_OK && (z.avail_in > 0 || z.avail_out == 0));
    inflateEnd(&z);
    bool goes_on = (status == Z_OK || status == Z_BUF_ERROR) && z.avail_in == 0;
    return status == Z_STREAM_END ||
           (goes_on && size >= MR_FILE_TYPE_HEAD && is_no_text(head + 2, size - 2));
}

/* Its version stands behind the mark, which may be a comment's begin, as in TeX. */
static bool is_pdf(const unsigned char *head, size_t size)
{
    return size > 6 && head[5] >= '0' && head[5] <= '9' && head[6] == '.';
}

static const struct file_type types[] = {
    { "an lzip file", "lzip -dc", "lzip -dc", 0, 5, "LZIP\1", NULL },
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
    { "a zlib stream", "pigz -dc <", "pigz -dc", 0, 2, "x\1", is_zlib },
    { "a zlib stream", "pigz -dc <", "pigz -dc", 0, 2, "x^", is_zlib },
    { "a zlib stream", "pigz -dc <", "pigz -dc", 0, 2, "x\x9C", is_zlib },
    { "a zlib stream", "pigz -dc <", "pigz -dc", 0, 2, "x\xDA", is_zlib },
    { "a file of Snappy", "snzip -dc", "snzip -dc", 0, 10, "\xFF\6\0\0sNaPpY", NULL },
    { "a PDF document", "pdftotext FILE -", "pdftotext - -", 0, 5, "%PDF-", is_pdf },
    { "an old Office document", "catdoc", "catdoc", 0, 8,
      "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", NULL },
    { "an SQLite database", "sqlite3 -readonly FILE .dump", NULL, 0, 16, "SQLite format 3\0",
      NULL },
    { "a Parquet file", "parquet-tools csv", NULL, 0, 5, "PAR1\x15", NULL },
    { "an ORC file", "orc-contents", NULL, 0, 3, "ORC", is_no_table },
    { "an Avro file", "avro-tools tojson", "avro-tools tojson -", 0, 4, "Obj\1",
      is_no_table },
    { "a Hadoop sequence file", "hadoop fs -fs file:/// -text", NULL, 0, 4, "SEQ\6", NULL },
};

static bool is_type(const struct file_type *t, const unsigned char *head, size_t size)
{
    return size >= t->at + t->size && head[t->at] == (unsigned char)*t->bytes &&
           memcmp(head + t->at, t->bytes, t->size) == 0 && (t->is == NULL || t->is(head, size));
}

/* What begins so, of the table, or a coding that the program does not have or, with an outer one,
 * would have to decode what is decoded. */
static bool find(struct file_type *t, const unsigned char *head, size_t size,
                 const struct mr_coding *outer)
{
    const struct mr_coding *c = mr_coding_find(head, size);
    if (c != NULL && (outer != NULL || c->open == NULL)) {
        *t = (struct file_type){ .name = c == outer ? c->name : c->kind, .from_file = c->command,
                            .from_pipe = c->command };
        return true;
    }
    for (size_t i = 0; c == NULL && i < sizeof types / sizeof *types; i++)
        if (is_type(&types[i], head, size)) {
            *t = types[i];
            return true;
        }
    return false;
}

const char *mr_file_type_name(const unsigned char *head, size_t size)
{
    struct file_type t;
    return find(&t, head, size, NULL) ? t.name : NULL;
}

/* A file's name as a shell takes it; one that would need more than quotes is left to be put in. */
static const char *quote(char *to, size_t room, const char *path)
{
    size_t size = mr_message(to, room, "'%s'", path);
    return *path != '-' && size == strlen(path) + 2 ? to : "FILE";
}

static void put_from_file(char *to, size_t room, const char *command, const char *name)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): each type has a command */
    const char *at = strstr(command, "FILE");
    int size = (int)(at ? (size_t)(at - command) : strlen(command));
    snprintf(to, room, "%.*s%s%s%s", size, command, at ? "" : " ", name,
             at ? at + strlen("FILE") : "");
}

/* What to type before wc-mr. */
static void put_command(char *to, size_t room, const struct file_type *t, const struct mr_source *s,
                        const struct mr_coding *outer)
{
    char quoted[600];
    const char *name = s->path ? quote(quoted, sizeof quoted, s->path) : "";
    if (t->from_pipe == NULL && (s->path == NULL || outer))
        put_from_file(to, room, t->from_file, "FILE"); /* it must be made a file first */
    else if (outer)
        snprintf(to, room, "%s %s%s| %s", outer->command, name, s->path ? " " : "", t->from_pipe);
    else if (s->path != NULL)
        put_from_file(to, room, t->from_file, name);
    else
        snprintf(to, room, "%s", t->from_pipe);
}

/* Whether all there is may be the first bytes of a file of the coding, too few to tell. */
static bool is_cut(const struct mr_coding *c, const unsigned char *head, size_t size)
{
    size_t same = size < c->magic_size ? size : c->magic_size;
    return same > 0 && size < MR_CODING_HEAD && memcmp(head, c->magic, same) == 0;
}

/* What is wrong with what a name calls a coding's file, and bytes do not; NULL: nothing, as it may
 * be text. */
static const char *wrong_with(const struct mr_coding *named, const struct mr_source *s,
                              const unsigned char *head, size_t size)
{
    if (size == 0)
        return "it is empty: writing it may have failed";
    if (s->encoding || mr_coding_find(head, size) || mr_encoding_of_mark(head, size))
        return NULL;
    if (is_cut(named, head, size))
        return "it is cut short within its first bytes";
    return is_no_text(head, size)
               ? "it does not begin as one, and is no text: it may be damaged"
               : NULL;
}

/* Refuses what is neither what its name says nor text. */
static int check_name(const struct mr_source *s, const unsigned char *head, size_t size,
                      struct mr_error *err)
{
    const struct mr_coding *named = s->path ? mr_coding_by_name(s->path) : NULL;
    const char *wrong = named ? wrong_with(named, s, head, size) : NULL;
    if (wrong == NULL)
        return 0;
    mr_error_set(err, "cannot count '%s': by its name it is %s, but %s (--force-bytes takes it as "
                      "it is)", mr_source_name(s), named->kind, wrong);
    return mr_error_final(err);
}

int mr_file_type_check(const struct mr_source *s, const unsigned char *head, size_t size,
                       const struct mr_coding *outer, struct mr_error *err)
{
    struct file_type t;
    if (s->as_bytes)
        return 0;
    if (!find(&t, head, size, outer))
        return outer ? 0 : check_name(s, head, size, err);
    char command[800], is[100] = "is";
    put_command(command, sizeof command, &t, s, outer);
    if (outer)
        snprintf(is, sizeof is, "is %s, and holds", outer->name);
    bool again = outer && strcmp(outer->name, t.name) == 0;
    mr_error_set(err, "cannot count '%s': it %s %s%s; what makes it readable: %s | wc-mr "
                      "(--force-bytes takes it as it is)",
                 mr_source_name(s), is, t.name, again ? " once more" : "", command);
    return mr_error_final(err);
}
