/* Lines that are counted already. */
#include "counted.h"

#include "bytes.h"

#include <string.h>
#include <unistr.h>

static const char *const names[] = { [COUNTED_TSV] = "tsv", [COUNTED_UNIQ] = "uniq",
                                     [COUNTED_CSV] = "csv", [COUNTED_JSONL] = "jsonl" };

enum counted_format counted_find(const char *name)
{
    if (name == NULL)
        return COUNTED_TSV;
    for (int format = COUNTED_TSV; format <= COUNTED_JSONL; format++)
        if (strcmp(name, names[format]) == 0)
            return (enum counted_format)format;
    return COUNTED_NOT;
}

/* ---- what lines consist of -------------------------------------------------------------- */

/* A line that is read from its beginning on. */
struct reading {
    const unsigned char *at, *end;
};

/* Goes past a text if it stands there. */
static bool pass(struct reading *r, const char *text)
{
    size_t size = strlen(text);
    if ((size_t)(r->end - r->at) < size || memcmp(r->at, text, size) != 0)
        return false;
    r->at += size;
    return true;
}

/* Reads the count that begins there. */
static enum counted_kind read_count(struct reading *r, uint64_t *count)
{
    const unsigned char *at = r->at;
    uint64_t n = 0;
    if (at == r->end || *at < '1' || *at > '9')
        return COUNTED_NONE;
    for (; at < r->end && *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *at - (unsigned)'0', &n))
            return COUNTED_TOO_LARGE;
    r->at = at;
    *count = n;
    return COUNTED_LINE;
}

/* Reads a count behind which the line ends. */
static enum counted_kind read_last(struct reading *r, uint64_t *count)
{
    enum counted_kind kind = read_count(r, count);
    return kind == COUNTED_LINE && r->at < r->end ? COUNTED_NONE : kind;
}

/* ---- lines by format -------------------------------------------------------------------- */

static enum counted_kind read_tsv(struct reading *r, struct counted_word *word)
{
    const unsigned char *tab = memrchr(r->at, '\t', (size_t)(r->end - r->at));
    if (tab == NULL)
        return COUNTED_NONE;
    word->bytes = r->at;
    word->size = (size_t)(tab - r->at);
    r->at = tab + 1;
    return read_last(r, &word->count);
}

static enum counted_kind read_uniq(struct reading *r, struct counted_word *word)
{
    while (pass(r, " "))
        continue;
    enum counted_kind kind = read_count(r, &word->count);
    if (kind != COUNTED_LINE)
        return kind;
    if (!pass(r, " "))
        return COUNTED_NONE;
    word->bytes = r->at;
    word->size = (size_t)(r->end - r->at);
    return COUNTED_LINE;
}

/* Reads what stands in quotes, up to behind the closing one. Returns whether there is that. */
static bool read_quoted(struct reading *r, unsigned char *to, struct counted_word *word)
{
    const unsigned char *quote;
    word->bytes = to;
    while ((quote = memchr(r->at, '"', (size_t)(r->end - r->at))) != NULL) {
        size_t size = (size_t)(quote - r->at);
        memcpy(to, r->at, size);
        to += size;
        r->at = quote + 1;
        if (!pass(r, "\"")) {
            word->size = (size_t)(to - word->bytes);
            return true;
        }
        *to++ = '"';
    }
    return false;
}

static enum counted_kind read_csv(struct reading *r, unsigned char *scratch,
                                  struct counted_word *word)
{
    if (pass(r, "\"")) {
        if (!read_quoted(r, scratch, word) || !pass(r, ","))
            return COUNTED_NONE;
        return read_last(r, &word->count);
    }
    word->bytes = r->at;
    while (r->at < r->end && *r->at != ',')
        if (*r->at == '"' || *r->at == '\r' || *r->at++ == '\n')
            return COUNTED_NONE;
    word->size = (size_t)(r->at - word->bytes);
    return pass(r, ",") ? read_last(r, &word->count) : COUNTED_NONE;
}

/* The value of a digit as escapes have it, in lower case, or -1. */
static int hex(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads what is escaped by its number: 00xx, one of the bytes below 0x20 that have no name, or
 * dcxx, a byte that is not part of valid UTF-8. Returns it, or -1. */
static int read_number(struct reading *r)
{
    bool low = pass(r, "00");
    if ((!low && !pass(r, "dc")) || r->end - r->at < 2)
        return -1;
    int high_digit = hex(r->at[0]), low_digit = hex(r->at[1]);
    if (high_digit < 0 || low_digit < 0)
        return -1;
    r->at += 2;
    int byte = high_digit << 4 | low_digit;
    return (low ? byte < 0x20 : byte >= 0x80) ? byte : -1;
}

/* Reads what follows a backslash. Returns the byte that is meant, or -1. */
static int read_escape(struct reading *r)
{
    static const char bytes[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* each with its name behind it */
    if (r->at == r->end)
        return -1;
    unsigned char name = *r->at++;
    if (name == 'u')
        return read_number(r);
    for (size_t i = 0; i < sizeof bytes - 1; i += 2)
        if (name == (unsigned char)bytes[i + 1])
            return bytes[i];
    return -1;
}

/* Reads what stands in the quotes of JSON, up to the closing one. Returns whether it is right. */
static bool read_string(struct reading *r, unsigned char *to, struct counted_word *word)
{
    word->bytes = to;
    while (r->at < r->end && *r->at != '"') {
        int byte = *r->at++;
        if (byte < 0x20)
            return false;
        if (byte == '\\' && (byte = read_escape(r)) < 0)
            return false;
        *to++ = (unsigned char)byte;
    }
    word->size = (size_t)(to - word->bytes);
    return r->at < r->end;
}

static enum counted_kind read_jsonl(struct reading *r, unsigned char *scratch,
                                    struct counted_word *word)
{
    if (u8_check(r->at, (size_t)(r->end - r->at)) != NULL || !pass(r, "{\"word\":\"") ||
        !read_string(r, scratch, word) || !pass(r, "\",\"count\":"))
        return COUNTED_NONE;
    enum counted_kind kind = read_count(r, &word->count);
    if (kind != COUNTED_LINE)
        return kind;
    return pass(r, "}") && r->at == r->end ? COUNTED_LINE : COUNTED_NONE;
}

enum counted_kind counted_read(enum counted_format format, const unsigned char *line, size_t size,
                               unsigned char *scratch, struct counted_word *word)
{
    struct reading r = { line, line + size };
    switch (format) {
    case COUNTED_TSV: return read_tsv(&r, word);
    case COUNTED_UNIQ: return read_uniq(&r, word);
    case COUNTED_CSV: return read_csv(&r, scratch, word);
    case COUNTED_JSONL: return read_jsonl(&r, scratch, word);
    case COUNTED_NOT: break;
    }
    return COUNTED_NONE;
}

/* ---- map -------------------------------------------------------------------------------- */

static const struct mr_records rows = { { { ['\n'] = 1, ['\r'] = 1 } } };

const struct mr_records *counted_records(enum counted_format format)
{
    return format == COUNTED_CSV ? &rows : &mr_lines;
}

const struct mr_quotes *counted_quotes(enum counted_format format)
{
    static const struct mr_quotes quotes = { '"', ',' };
    return format == COUNTED_CSV ? &quotes : NULL;
}

/* Gives the next row, as mr_line_next gives the next line. It ends at the first LF before which
 * quotes are even in number: of rows as they are written, each quote belongs to one in quotes. */
static bool row_next(const struct mr_chunk *chunk, size_t *at, const unsigned char **row,
                     size_t *size)
{
    const unsigned char *from = chunk->data + *at, *end = chunk->data + chunk->size, *lf;
    bool inside = false;
    if (*at == chunk->size)
        return false;
    *row = from;
    while ((lf = memchr(from, '\n', (size_t)(end - from))) != NULL) {
        for (; (from = memchr(from, '"', (size_t)(lf - from))) != NULL; from++)
            inside = !inside;
        if (!inside)
            break;
        from = lf + 1;
    }
    *size = (size_t)((lf ? lf : end) - *row);
    *at += *size + (lf != NULL);
    return true;
}

/* What takes lines of other programs that are nearly of a format. */
static const char *way_out(enum counted_format format)
{
    if (format == COUNTED_CSV)
        return "--job=sum adds up the numbers of any table, ";
    if (format == COUNTED_JSONL)
        return "jq -r '[.word, .count] | @csv' makes csv of other JSON, ";
    return "";
}

static int refuse(enum counted_format format, const struct mr_chunk *chunk,
                  const unsigned char *line, size_t size, enum counted_kind kind,
                  struct mr_context *out)
{
    enum { SHOWN = 60 };
    unsigned long long offset = chunk->offset + (size_t)(line - chunk->data);
    int shown = (int)(size < SHOWN ? size : SHOWN);
    if (kind == COUNTED_TOO_LARGE)
        return mr_fail_for_good(out, "'%s' has a count, in the line at byte %llu, that is larger "
                                     "than 64 bits hold: '%.*s'", chunk->file, offset, shown, line);
    const bool first = chunk->begins_file && line == chunk->data;
    return mr_fail_for_good(out, "'%s' has a line, at byte %llu, that is none of --format=%s: "
                                 "'%.*s'; --counted=FORMAT says which format it is, %s%sand "
                                 "without --counted words are counted",
                            chunk->file, offset, names[format], shown, line,
                            first ? "--header that the first line has names, " : "",
                            way_out(format));
}

/* What a line has before its end, which is CR LF where no word can end with that CR. */
static size_t before_end(enum counted_format format, const unsigned char *line, size_t size)
{
    return size > 0 && line[size - 1] == '\r' && format != COUNTED_UNIQ ? size - 1 : size;
}

int counted_map(enum counted_format format, bool header, const struct mr_chunk *chunk,
                struct mr_context *out)
{
    struct bytes *scratch = mr_task(out);
    bool (*next)(const struct mr_chunk *, size_t *, const unsigned char **, size_t *) =
        format == COUNTED_CSV ? row_next : mr_line_next;
    unsigned char *to = bytes_hold(scratch, chunk->size + 1, out); /* no line is larger */
    const unsigned char *line;
    size_t at = 0, size;
    if (to == NULL)
        return -1;
    if (header && chunk->begins_file && !next(chunk, &at, &line, &size))
        return 0;
    while (next(chunk, &at, &line, &size)) {
        size = before_end(format, line, size);
        struct counted_word word;
        enum counted_kind kind = counted_read(format, line, size, to, &word);
        if (kind != COUNTED_LINE)
            return refuse(format, chunk, line, size, kind, out);
        if (mr_emit(out, word.bytes, word.size, word.count) < 0)
            return -1;
    }
    return 0;
}
