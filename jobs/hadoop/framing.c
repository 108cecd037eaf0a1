/* Records from a form to another. */
#include "framing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct part {
    unsigned char *at;
    size_t size;
};

struct record {
    struct part key, value;
    size_t size;         /* bytes of it, in the form that it is read from */
    char number[24];     /* FORM_NUMBERED: the key */
};

/* What the readers below return, or -1: it is no record. With NONE, size is that of what belongs to
 * no record. */
enum { MORE, FOUND, NONE };

/* ---- lines ------------------------------------------------------------------------------ */

/* Finds a line at the beginning of the bytes, and its end: LF, CR LF or CR. */
static int find_line(struct framing *f, unsigned char *at, size_t size, bool last,
                     struct part *line, size_t *used)
{
    size_t n = f->looked;
    const unsigned char cr = f->lines.lf_only ? '\n' : '\r';
    while (n < size && at[n] != '\n' && at[n] != cr)
        n++;
    f->looked = n;
    if ((n == size || (at[n] == '\r' && n + 1 == size)) && !last)
        return MORE;
    if (n == size && n == 0)
        return MORE;
    line->at = at;
    line->size = n;
    *used = n + (n < size) + (n + 1 < size && at[n] == '\r' && at[n + 1] == '\n');
    return FOUND;
}

static void split_line(const struct records *r, struct part line, struct record *to)
{
    const unsigned char *found = separator_find_nth(&r->separator, line.at, line.size, r->fields);
    const size_t key = found ? (size_t)(found - line.at) : line.size;
    const size_t behind = found ? key + r->separator.size : key;
    to->key = (struct part){ line.at, key };
    to->value = (struct part){ line.at + behind, line.size - behind };
}

/* The key is where the line begins in its file. */
static void number_line(struct framing *f, struct part line, struct record *to)
{
    int n = snprintf(to->number, sizeof to->number, "%" PRIu64, f->offset - f->mark);
    to->key = (struct part){ (unsigned char *)to->number, (size_t)n };
    to->value = line;
    f->offset += to->size;
    f->mark = 0;
}

static int read_line(struct framing *f, unsigned char *at, size_t size, bool last,
                     struct record *to)
{
    struct part line;
    if (find_line(f, at, size, last, &line, &to->size) == MORE)
        return MORE;
    if (f->from == FORM_NUMBERED)
        number_line(f, line, to);
    else
        split_line(&f->lines, line, to);
    return FOUND;
}

/* ---- sortable lines --------------------------------------------------------------------- */

enum { ESCAPE = 0x0e, ADDED = 0x10 };

static int keep_part(struct mr_buffer *to, struct part p, char end)
{
    unsigned char *at = mr_buffer_reserve(to, 2 * p.size + 1), *start = at;
    if (at == NULL)
        return -1;
    for (size_t i = 0; i < p.size; i++) {
        bool escaped = p.at[i] <= ESCAPE;
        if (escaped)
            *at++ = ESCAPE;
        *at++ = (unsigned char)(p.at[i] + (escaped ? ADDED : 0));
    }
    *at++ = (unsigned char)end;
    to->size += (size_t)(at - start);
    return 0;
}

/* Undoes it in its place. */
static struct part part_kept(unsigned char *from, const unsigned char *end)
{
    unsigned char *to = from;
    struct part p = { from, 0 };
    while (from < end) {
        bool escaped = *from == ESCAPE && from + 1 < end;
        from += escaped;
        *to++ = (unsigned char)(*from++ - (escaped ? ADDED : 0));
    }
    p.size = (size_t)(to - p.at);
    return p;
}

static int read_kept(struct framing *f, unsigned char *at, size_t size, bool last,
                     struct record *to)
{
    unsigned char *end = memchr(at + f->looked, '\n', size - f->looked), *tab;
    f->looked = size;
    if (end == NULL && !last)
        return MORE;
    if (end == NULL || (tab = memchr(at, '\t', (size_t)(end - at))) == NULL)
        return size == 0 ? MORE : -1;
    to->size = (size_t)(end - at) + 1;
    to->key = part_kept(at, tab);
    to->value = part_kept(tab + 1, end);
    return FOUND;
}

/* ---- frames ----------------------------------------------------------------------------- */

static int read_typed(struct framing *f, unsigned char *at, size_t size, struct record *to)
{
    while (f->looked < size) {
        size_t used;
        int result = typed_scan(&f->scan, at + f->looked, size - f->looked, &used);
        f->looked += used;
        if (result <= 0)
            return result;
        if (f->key_size > 0) {
            to->key = (struct part){ at, f->key_size };
            to->value = (struct part){ at + f->key_size, f->looked - f->key_size };
            to->size = f->looked;
            return FOUND;
        }
        f->key_size = f->looked;
    }
    return MORE;
}

/* A size, and so many bytes. */
static int read_sized(unsigned char *at, size_t size, struct part *p)
{
    if (size < 4)
        return MORE;
    size_t n = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    if (n > INT32_MAX)
        return -1;
    p->at = at + 4;
    p->size = n;
    return n <= size - 4 ? FOUND : MORE;
}

static int read_raw(unsigned char *at, size_t size, struct record *to)
{
    int result = read_sized(at, size, &to->key);
    if (result != FOUND)
        return result;
    to->size = 4 + to->key.size;
    result = read_sized(at + to->size, size - to->size, &to->value);
    to->size += 4 + to->value.size;
    return result;
}

/* ---- what stands between marks ---------------------------------------------------------- */

static size_t find_mark(const unsigned char *at, size_t size, const char *mark)
{
    const unsigned char *found = size > 0 ? memmem(at, size, mark, strlen(mark)) : NULL;
    return found ? (size_t)(found - at) : size;
}

/* Passes over what stands before a mark, and where there is none, before what may become one. */
static int pass_over(const struct framing *f, const unsigned char *at, size_t size,
                     struct record *to)
{
    const size_t mark = find_mark(at, size, f->begin), kept = strlen(f->begin) - 1;
    to->size = mark < size ? mark : size > kept ? size - kept : 0;
    return to->size > 0 ? NONE : MORE;
}

bool framing_is_within(const struct framing *f)
{
    const size_t size = f->begin ? strlen(f->begin) : 0;
    return size > 0 && f->in.size >= size && memcmp(f->in.at, f->begin, size) == 0;
}

static int read_marked(struct framing *f, unsigned char *at, size_t size, struct record *to)
{
    const size_t begin = strlen(f->begin), end = strlen(f->end);
    if (size < begin || memcmp(at, f->begin, begin) != 0)
        return pass_over(f, at, size, to);
    const size_t found = f->looked + find_mark(at + f->looked, size - f->looked, f->end);
    f->looked = size >= end ? size - (end - 1) : 0;
    if (found == size)
        return MORE;
    to->size = found + end;
    to->key = (struct part){ at, to->size };
    to->value = (struct part){ at, 0 };
    return FOUND;
}

static int read_record(struct framing *f, unsigned char *at, size_t size, bool last,
                       struct record *to)
{
    switch (f->from) {
    case FORM_MARKED:
        return read_marked(f, at, size, to);
    case FORM_TYPED:
        return read_typed(f, at, size, to);
    case FORM_RAW:
        return read_raw(at, size, to);
    case FORM_SORTABLE:
        return read_kept(f, at, size, last, to);
    default:
        return read_line(f, at, size, last, to);
    }
}

/* ---- writing ---------------------------------------------------------------------------- */

static int put(struct mr_buffer *to, const void *bytes, size_t size)
{
    return mr_buffer_add(to, bytes, size);
}

static int put_text(struct mr_buffer *to, const char *text)
{
    return put(to, text, strlen(text));
}

static int put_number(struct mr_buffer *to, uint64_t n, unsigned size)
{
    unsigned char bytes[8];
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (unsigned char)(n >> 8 * (size - 1 - i));
    return put(to, bytes, size);
}

/* What the digits of a part say. */
static uint64_t number_of(struct part p)
{
    uint64_t n = 0;
    for (size_t i = 0; i < p.size && p.at[i] >= '0' && p.at[i] <= '9'; i++)
        n = 10 * n + p.at[i] - '0';
    return n;
}

/* One that a type is put before. */
static int put_typed_bytes(struct mr_buffer *to, unsigned char type, const void *bytes, size_t size)
{
    if (size > INT32_MAX || put(to, &type, 1) < 0 || put_number(to, size, 4) < 0)
        return -1;
    return put(to, bytes, size);
}

static int put_typed(struct mr_buffer *to, enum class class, struct part p)
{
    /* What Hadoop makes of an object of any class: its name, with its size, and what it writes. */
    static const char null[] = "\0\0\0\x21org.apache.hadoop.io.NullWritable";
    static const unsigned char number = TYPED_LONG;
    switch (class) {
    case CLASS_TYPED:
        return put(to, p.at, p.size);
    case CLASS_NUMBER:
        return put(to, &number, 1) < 0 ? -1 : put_number(to, number_of(p), 8);
    case CLASS_NULL:
        return put_typed_bytes(to, TYPED_OWN, null, sizeof null - 1);
    default:
        return put_typed_bytes(to, class == CLASS_TEXT ? TYPED_STRING : TYPED_BYTES, p.at, p.size);
    }
}

/* As Hadoop has a text's size: in as few bytes as it needs, and before them how many. */
static int put_text_size(struct mr_buffer *to, size_t size)
{
    enum { SMALL = 127, MARK = -112 };
    unsigned bytes = 0;
    if (size <= SMALL)
        return put_number(to, size, 1);
    for (size_t rest = size; rest > 0; rest >>= 8)
        bytes++;
    return put_number(to, (uint64_t)(MARK - (int)bytes), 1) < 0 ? -1 : put_number(to, size, bytes);
}

/* As Hadoop writes an object of the class, and its size before it. */
static int put_raw(struct mr_buffer *to, enum class class, struct part p)
{
    size_t before = to->size;
    if (p.size > INT32_MAX || put_number(to, 0, 4) < 0 ||
        (class == CLASS_TEXT && put_text_size(to, p.size) < 0) ||
        (class == CLASS_NUMBER ? put_number(to, number_of(p), 8) : put(to, p.at, p.size)) < 0)
        return -1;
    size_t after = to->size;
    to->size = before;
    int result = put_number(to, after - before - 4, 4);
    to->size = after;
    return result;
}

/* As Hadoop writes text for programs. */
static int put_plain(struct mr_buffer *to, enum class class, struct part p)
{
    return class == CLASS_NULL ? put_text(to, "(null)") : put(to, p.at, p.size);
}

static int put_shown(struct mr_buffer *to, enum class class, struct part p)
{
    return class == CLASS_TYPED   ? typed_text(p.at, to)
           : class == CLASS_BYTES ? typed_digits(p.at, p.size, true, to)
                                  : put(to, p.at, p.size);
}

/* A key and a value of no class are left out, and the separator with either. */
static int put_result(const struct framing *f, struct mr_buffer *to, const struct record *r)
{
    bool value = f->value != CLASS_NULL;
    return put_shown(to, f->key, r->key) < 0 || (value && put_text(to, f->lines.written) < 0) ||
                   (value && put_shown(to, f->value, r->value) < 0)
               ? -1
               : put_text(to, "\n");
}

static int put_line(const struct framing *f, struct mr_buffer *to, const struct record *r)
{
    return (!f->no_key && (put_plain(to, f->key, r->key) < 0 ||
                           put_text(to, f->lines.written) < 0)) ||
                   put_plain(to, f->value, r->value) < 0
               ? -1
               : put_text(to, "\n");
}

static int write_record(struct framing *f, const struct record *r)
{
    struct mr_buffer *to = &f->out;
    f->lines.lines++;
    switch (f->to) {
    case FORM_TYPED:
        return put_typed(to, f->key, r->key) < 0 ? -1 : put_typed(to, f->value, r->value);
    case FORM_RAW:
        return put_raw(to, f->key, r->key) < 0 ? -1 : put_raw(to, f->value, r->value);
    case FORM_SORTABLE:
        return keep_part(to, r->key, '\t') < 0 ? -1 : keep_part(to, r->value, '\n');
    case FORM_KEY_ONLY:
        return put_plain(to, f->key, r->key) < 0 ? -1 : put_text(to, "\n");
    case FORM_RESULT:
        return put_result(f, to, r);
    default:
        return put_line(f, to, r);
    }
}

/* ---- all of it -------------------------------------------------------------------------- */

static int no_record(const struct framing *f, struct mr_error *err)
{
    static const char *const forms[] = { [FORM_TYPED] = "typed", [FORM_RAW] = "raw" };
    if (f->from == FORM_SORTABLE)
        return mr_error_set(err, "a record between mapper and reducer is damaged");
    return mr_error_set(err, "record %" PRIu64 " that the program has written is no key and value "
                             "of %s bytes", f->lines.lines + 1, forms[f->from]);
}

static int not_written(const struct framing *f, struct mr_error *err)
{
    return mr_error_set(err, "record %" PRIu64 " cannot be written: it is too large, or a map in "
                             "it has keys of several types", f->lines.lines);
}

/* Forgets a record that was converted. */
static void forget(struct framing *f)
{
    f->looked = f->key_size = 0;
    f->scan = (struct typed_scan){ 0 };
}

static int turn_records(struct framing *f, bool last, struct mr_error *err)
{
    struct record r = { .size = 0 };
    size_t at = 0;
    int result;
    while ((result = read_record(f, f->in.at + at, f->in.size - at, last, &r)) >= FOUND) {
        if (result == FOUND && write_record(f, &r) < 0)
            return not_written(f, err);
        at = result == FOUND && f->last ? f->in.size : at + r.size;
        forget(f);
    }
    if (result < 0)
        return no_record(f, err);
    f->in.size -= at;
    if (at > 0)
        memmove(f->in.at, f->in.at + at, f->in.size);
    return 0;
}

/* What is converted as it comes, without gathering records. */
static bool is_text(const struct framing *f)
{
    return f->from == FORM_LINES && f->to == FORM_LINES && (!f->no_key || f->lines.fields == 0);
}

static int turn_lines(struct framing *f, const char *bytes, size_t size, bool last)
{
    size_t room = last ? records_room(&f->lines, 0) : records_room(&f->lines, size);
    char *to = mr_buffer_hold(&f->out, room);
    if (to == NULL)
        return -1;
    f->made_size = last ? records_end(&f->lines, to) : records_convert(&f->lines, bytes, size, to);
    f->made = to;
    return 0;
}

static int no_memory(struct mr_error *err)
{
    return mr_error_set(err, "there is no memory for a program's records");
}

int framing_convert(struct framing *f, const char *bytes, size_t size, struct mr_error *err)
{
    f->made = bytes;
    f->made_size = size;
    if (f->from == FORM_BYTES)
        return 0;
    if (is_text(f))
        return turn_lines(f, bytes, size, false) < 0 ? no_memory(err) : 0;
    f->out.size = 0;
    if (mr_buffer_add(&f->in, bytes, size) < 0)
        return no_memory(err);
    if (f->from == FORM_MARKED)
        f->offset += size;
    if (turn_records(f, false, err) < 0)
        return -1;
    f->made = (const char *)f->out.at;
    f->made_size = f->out.size;
    return 0;
}

int framing_end(struct framing *f, struct mr_error *err)
{
    f->made_size = 0;
    if (f->from == FORM_BYTES)
        return 0;
    if (is_text(f))
        return turn_lines(f, "", 0, true) < 0 ? no_memory(err) : 0;
    f->out.size = 0;
    if (mr_buffer_reserve(&f->in, 1) == NULL)
        return no_memory(err);
    if (turn_records(f, true, err) < 0)
        return -1;
    f->made = (const char *)f->out.at;
    f->made_size = f->out.size;
    return f->in.size == 0 || f->from == FORM_MARKED ? 0 : no_record(f, err);
}

void framing_free(struct framing *f)
{
    mr_buffer_free(&f->in);
    mr_buffer_free(&f->out);
}
