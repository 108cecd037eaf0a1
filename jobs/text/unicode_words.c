/* Words by ICU. */
#include "unicode_words.h"

#include "ascii.h"
#include "out_of_memory.h"

#include <stdlib.h>
#include <string.h>

#ifdef WCMR_ICU

#include <dlfcn.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdio.h>
#include <unicode/uclean.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

enum {
    STEP = 4096,           /* bytes of ASCII looked through at a time */
    MEMORY_LEAST = 2 << 20 /* that ICU may have; a sentence takes some 200 KB at most */
};

/* What is called of ICU, whose names have its version in them. */
#define TEXT_OF(name) #name
#define NAME_OF(name) TEXT_OF(name)
#define ICU_CALLS(CALL)        \
    CALL(u_setMemoryFunctions) \
    CALL(ubrk_open)            \
    CALL(ubrk_close)           \
    CALL(ubrk_setUText)        \
    CALL(ubrk_next)            \
    CALL(ubrk_getRuleStatus)   \
    CALL(utext_openUTF8)       \
    CALL(utext_close)

struct icu {
#define CALL(name) __typeof__(&(name)) at_##name;
    ICU_CALLS(CALL)
#undef CALL
};

/* Of an ASCII character. */
enum {
    LETTER = 1, NUMBER = 2, CONNECTOR = 4, /* pieces go on with these */
    JOINS_LETTERS = 8, JOINS_NUMBERS = 16, /* as one character between two */
    GOES_ON = LETTER | NUMBER | CONNECTOR
};

/* Where to go on when ICU gets no memory; it cannot be called any more then. For a character of
 * Chinese or Japanese it takes some 30 bytes, of all that stand in a row. */
struct leave {
    jmp_buf to;
    bool taken, too_much;
    size_t held, most; /* bytes that it has, and may have */
};

struct unicode_words {
    struct leave *leave;
    void *library;
    struct icu icu;
    UBreakIterator *iterator;
    UText *text;
    unsigned char classes[128];
    struct mr_byteset ends; /* pieces end at these, or are joined by them */
    bool connector_is_word, connectors_are_words; /* one; several */
    char version[32];
};

/* ---- ICU -------------------------------------------------------------------------------- */

static struct leave *leave_of(const void *unicode_words)
{
    return ((const struct unicode_words *)unicode_words)->leave;
}

/* Where it gets no memory, ICU itself cuts in other places, without a word, or never ends. */
static void *get_other(const void *unicode_words, void *memory, size_t size)
{
    struct leave *leave = leave_of(unicode_words);
    const size_t before = memory ? malloc_usable_size(memory) : 0;
    leave->too_much = size > leave->most || leave->held > leave->most - size;
    void *got = leave->too_much ? NULL : realloc(memory, size ? size : 1);
    if (got == NULL) {
        leave->taken = true;
        longjmp(leave->to, 1);
    }
    leave->held += malloc_usable_size(got) - before;
    return got;
}

static void *get(const void *unicode_words, size_t size)
{
    return get_other(unicode_words, NULL, size);
}

static void give_back(const void *unicode_words, void *memory)
{
    if (memory != NULL)
        leave_of(unicode_words)->held -= malloc_usable_size(memory);
    free(memory);
}

/* Has it cut a text from here on. */
static int set_text(const struct unicode_words *u, const void *bytes, size_t size)
{
    UErrorCode code = U_ZERO_ERROR;
    if (size > INT32_MAX)
        return -1;
    u->icu.at_utext_openUTF8(u->text, bytes, (int64_t)size, &code);
    u->icu.at_ubrk_setUText(u->iterator, u->text, &code);
    return U_SUCCESS(code) ? 0 : -1;
}

/* Gives the next piece's end, and whether it is a word. False after the last. */
static bool next_piece(const struct unicode_words *u, size_t *end, bool *is_word)
{
    int32_t at = u->icu.at_ubrk_next(u->iterator);
    if (at == UBRK_DONE)
        return false;
    *end = (size_t)at;
    *is_word = u->icu.at_ubrk_getRuleStatus(u->iterator) >= UBRK_WORD_NONE_LIMIT;
    return true;
}

/* Whether a text is one piece, and that is a word. */
static bool is_piece(const struct unicode_words *u, const char *text, size_t size, bool *is_word)
{
    size_t end = 0;
    *is_word = false;
    return set_text(u, text, size) == 0 && next_piece(u, &end, is_word) && end == size;
}

static bool is_word(const struct unicode_words *u, const char *text, size_t size)
{
    bool word;
    return is_piece(u, text, size, &word) && word;
}

/* How an iterator cuts may depend on which scripts it has met: so it meets them all before. */
static int warm_up(const struct unicode_words *u)
{
    static const char text[] = "\xE6\xBC\xA2\xE5\xAD\x97 \xE3\x81\xB2\xE3\x82\x89 "
                               "\xE3\x82\xAB\xE3\x83\x8A \xED\x95\x9C\xEA\xB8\x80 "
                               "\xE0\xB9\x84\xE0\xB8\x97\xE0\xB8\xA2 "
                               "\xE0\xBA\xA5\xE0\xBA\xB2\xE0\xBA\xA7 "
                               "\xE1\x9E\x81\xE1\x9F\x92\xE1\x9E\x98\xE1\x9F\x82\xE1\x9E\x9A "
                               "\xE1\x80\x99\xE1\x80\xBC\xE1\x80\x94\xE1\x80\xBA "
                               "\xE3\x83\xBC\xE3\x82\x9B";
    size_t end;
    bool word;
    if (set_text(u, text, sizeof text - 1) < 0)
        return -1;
    while (next_piece(u, &end, &word))
        continue;
    return 0;
}

/* ---- ASCII ------------------------------------------------------------------------------ */

static unsigned char class_of(const struct unicode_words *u, char c)
{
    const char word[] = { 'a', c }, letters[] = { 'a', c, 'a' }, numbers[] = { '1', c, '1' };
    const char by_quote[] = { 'a', '\'', c }, by_comma[] = { '1', ',', c };
    if (is_word(u, word, 2)) {
        if (is_word(u, by_quote, 3))
            return LETTER;
        return is_word(u, by_comma, 3) ? NUMBER : CONNECTOR;
    }
    return (unsigned char)((is_word(u, letters, 3) ? JOINS_LETTERS : 0) |
                           (is_word(u, numbers, 3) ? JOINS_NUMBERS : 0));
}

static void learn_ascii(struct unicode_words *u)
{
    for (int c = 0; c < 128; c++)
        u->ends.has[c] = !((u->classes[c] = class_of(u, (char)c)) & GOES_ON);
    u->connector_is_word = is_word(u, "_", 1);
    u->connectors_are_words = is_word(u, "__", 2);
}

/* Whether the piece that ends at a byte goes on beyond it. */
static bool is_joined(const struct unicode_words *u, const unsigned char *bytes, size_t at,
                      size_t to)
{
    const unsigned char joiner = u->classes[bytes[at]];
    if (joiner == 0 || to - at < 2) /* mostly, it is a blank */
        return false;
    const unsigned char around = u->classes[bytes[at - 1]] & u->classes[bytes[at + 1]];
    return (joiner & JOINS_LETTERS && around & LETTER) ||
           (joiner & JOINS_NUMBERS && around & NUMBER);
}

/* Whether a piece is a word: nearly all are by their first character. */
static bool is_ascii_word(const struct unicode_words *u, const unsigned char *piece, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (u->classes[piece[i]] & (LETTER | NUMBER))
            return true;
    return size > 1 ? u->connectors_are_words : u->connector_is_word;
}

static int take_piece(const struct unicode_words *u, struct batch *b, size_t from, size_t to)
{
    if (from == to || !is_ascii_word(u, b->chunk + from, to - from))
        return 0;
    return batch_take(b, from, to);
}

static int take_ascii(const struct unicode_words *u, struct batch *b, size_t from, size_t to)
{
    uint32_t ends[STEP + MR_FIND_SLACK];
    const unsigned char *bytes = b->chunk;
    size_t start = from;
    for (size_t at = from; at < to; at += STEP) {
        size_t size = to - at < STEP ? to - at : STEP;
        size_t count = mr_find(b->out, &u->ends, bytes + at, size, (uint32_t)at, ends);
        for (size_t i = 0; i < count; i++) {
            size_t end = ends[i];
            if (start < end && is_joined(u, bytes, end, to))
                continue;
            if (take_piece(u, b, start, end) < 0)
                return -1;
            start = end + 1;
        }
    }
    return take_piece(u, b, start, to);
}

/* ---- all of it -------------------------------------------------------------------------- */

static int take_by_icu(const struct unicode_words *u, struct batch *b, size_t from, size_t to)
{
    size_t start = 0, end;
    bool word;
    if (set_text(u, b->chunk + from, to - from) < 0)
        return mr_fail_for_good(b->out, "ICU cannot cut a text of %zu bytes in '%s' into words",
                                to - from, b->file);
    for (; next_piece(u, &end, &word); start = end)
        if (word && batch_take(b, from + start, from + end) < 0)
            return -1;
    return 0;
}

static int no_room(const struct unicode_words *u, struct batch *b, size_t size)
{
    if (!u->leave->too_much)
        return mr_fail(b->out, "there is no memory for ICU to cut a text of %zu bytes in '%s' into "
                               "words", size, b->file);
    return mr_fail_for_good(b->out, "to cut a text of %zu bytes in '%s' into words, ICU takes more "
                                    "than the %zu MB of memory that a mapper has for that: give "
                                    "more (--memory), or have fewer (--mappers)",
                            size, b->file, u->leave->most >> 20);
}

static int take_other(const struct unicode_words *u, struct batch *b, size_t from, size_t to)
{
    const size_t most = mr_map_memory(b->out);
    u->leave->most = most > MEMORY_LEAST ? most : MEMORY_LEAST;
    if (setjmp(u->leave->to) != 0)
        return no_room(u, b, to - from);
    return take_by_icu(u, b, from, to);
}

/* Whether there is but the end of a line between a text and the next: it ends pieces. */
static bool is_line(const unsigned char *bytes, const uint32_t *at)
{
    const uint32_t size = at[2] - at[1];
    return (size == 1 && bytes[at[1]] == '\n') ||
           (size == 2 && bytes[at[1]] == '\r' && bytes[at[1] + 1] == '\n');
}

static bool is_ascii_text(const unsigned char *bytes, const uint32_t *at)
{
    return is_ascii(bytes + at[0], at[1] - at[0]);
}

/* Lines of ASCII that stand one behind the other are taken together. */
int unicode_words_take(const void *unicode_words, struct batch *b, const uint32_t *at,
                       size_t count)
{
    for (const uint32_t *last = at + 2 * (count - 1); count > 0 && at <= last; at += 2) {
        const uint32_t from = at[0];
        bool ascii = is_ascii_text(b->chunk, at);
        while (ascii && at < last && is_line(b->chunk, at) && is_ascii_text(b->chunk, at + 2))
            at += 2;
        if ((ascii ? take_ascii : take_other)(unicode_words, b, from, at[1]) < 0)
            return -1;
    }
    return 0;
}

static int load(struct unicode_words *u, struct mr_error *err)
{
    char name[40];
    snprintf(name, sizeof name, "libicuuc.so.%d", U_ICU_VERSION_MAJOR_NUM);
    u->library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (u->library == NULL)
        return mr_error_set(err, "--words=unicode needs ICU, which cannot be loaded: %s",
                            dlerror());
    void *found;
#define CALL(name)                                                                 \
    if ((found = dlsym(u->library, NAME_OF(name))) == NULL)                        \
        return mr_error_set(err, "--words=unicode needs ICU, which has no %s: %s", \
                            NAME_OF(name), dlerror());                             \
    memcpy(&u->icu.at_##name, &found, sizeof found);
    ICU_CALLS(CALL)
#undef CALL
    return 0;
}

static int no_memory(struct mr_error *err)
{
    return out_of_memory(err, "ICU");
}

static int prepare(struct unicode_words *u, struct mr_error *err)
{
    UErrorCode code = U_ZERO_ERROR;
    if (load(u, err) < 0)
        return -1;
    if ((u->leave = calloc(1, sizeof *u->leave)) == NULL)
        return no_memory(err);
    u->leave->most = SIZE_MAX;
    if (setjmp(u->leave->to) != 0)
        return no_memory(err);
    /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): load has found it */
    u->icu.at_u_setMemoryFunctions(u, get, get_other, give_back, &code);
    u->text = u->icu.at_utext_openUTF8(NULL, "", 0, &code);
    u->iterator = u->icu.at_ubrk_open(UBRK_WORD, "", NULL, 0, &code);
    if (U_FAILURE(code) || warm_up(u) < 0)
        return mr_error_set(err, "--words=unicode needs ICU's rules of words, which cannot be had: "
                                 "error %d", (int)code);
    learn_ascii(u);
    snprintf(u->version, sizeof u->version, "ICU %s", U_ICU_VERSION);
    return 0;
}

struct unicode_words *unicode_words_open(struct mr_error *err)
{
    struct unicode_words *u = calloc(1, sizeof *u);
    if (u == NULL) {
        (void)no_memory(err);
        return NULL;
    }
    if (prepare(u, err) == 0)
        return u;
    unicode_words_close(u);
    return NULL;
}

void unicode_words_close(struct unicode_words *u)
{
    if (u == NULL)
        return;
    const bool callable = u->leave && !u->leave->taken;
    if (callable && u->iterator) {
        /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): as there is an iterator */
        u->icu.at_ubrk_close(u->iterator);
    }
    if (callable && u->text) {
        /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): as there is a text */
        u->icu.at_utext_close(u->text);
    }
    free(u->leave);
    free(u); /* ICU stays: what it has, it has for the process */
}

const char *unicode_words_version(const struct unicode_words *u)
{
    return u->version;
}

#else /* WCMR_ICU */

struct unicode_words *unicode_words_open(struct mr_error *err)
{
    (void)mr_error_set(err, "--words=unicode needs ICU, without which this program was built: "
                            "install its development package (libicu-dev) and build it anew");
    return NULL;
}

/* As nothing is open, these have nothing to do. */
void unicode_words_close(struct unicode_words *u)
{
    (void)u;
}

const char *unicode_words_version(const struct unicode_words *u)
{
    (void)u;
    return "";
}

int unicode_words_take(const void *unicode_words, struct batch *b, const uint32_t *at,
                       size_t count)
{
    (void)unicode_words, (void)at, (void)count;
    return mr_fail(b->out, "there is nothing to find words with");
}

#endif
