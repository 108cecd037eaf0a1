/*
 * Fuzzes --words=unicode (text/unicode_words.c): any bytes, or what beside others is hard to cut;
 * in splits of any size, with any small buffer; from a stream, too; lines in parts, cut where no
 * word can go on; by each scan kernel.
 *
 * Holds true: the words are, one after the other, those that ICU's iterator for no language finds
 * when it is called plainly, over all of the text in one piece of UTF-8: its segments but those
 * without letter, number or ideograph. Whether that iterator is new or has cut other texts is all
 * the same.
 *
 * Where the program is built without ICU, there is nothing to compare, which is said.
 *
 * An input: what to do, how often the text is repeated (so that a small input makes a text of many
 * pieces), the size of the splits, of the buffer, the text.
 */
#include "fuzz.h"

#ifdef WCMR_ICU

#include "base/utf8.h"
#include "input/reader.h"
#include "input/split.h"
#include "map/call_map.h"
#include "text/table.h"
#include "text/unicode_words.h"
#include "text/whole_texts.h"

#include <sys/mman.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>
#include <unistd.h>

enum { TEXT_MAX = 9000, ROOM_MIN = 8, MARK = 3 };

/* Marks, joiners, kinds of white space, scripts that are cut by dictionaries or have none, letters
 * that quotes stand in, flags, emoji, what is not assigned, what is no UTF-8. */
static const char *const hard[] = {
    /* ASCII */
    "a", "b", "Z", "1", "9", "_", ".", ",", "'", "\"", ";", ":", "@", "-", "/", " ", "  ", "\t",
    "\n", "\r", "\r\n", "\f", "\v", "\x1C", "\x7F",
    /* Beside it */
    "é", "ß", "Д", "ª", "½", "²", "·", "’", "‘", "“", "‧", "…", "‿", "≠", "€", "﷼",
    "\u0301", "\u200D", "\u200C", "\u00AD", "\u2060", "\uFEFF", "\u0600", "\u20E3", "\uFE0F",
    "\U000E0041", "\U000E0100",
    /* White space */
    "\u00A0", "\u2003", "\u3000", "\u1680", "\u205F", "\u202F", "\u2028", "\u2029", "\xC2\x85",
    /* Right to left, with numbers of their own */
    "א", "ב", "״", "׳", "ע", "ع", "٣", "٫", "٬", "ܐ", "܏",
    /* Chinese, Japanese, Korean */
    "漢", "字", "日本", "語", "中文", "𠀀", "々", "〇", "ひ", "らがな", "です", "カ", "タカナ", "ァ",
    "っ", "ー", "゛", "゜", "ゝ", "〱", "ｶ", "ﾞ", "ｰ", "ㄅ", "ꀀ", "한", "글", "ᄀ", "ᅡ", "ᆨ", "。",
    "、", "「", "・", "㊙", "①", "Ⓐ", "Ａ", "１", "：", "．", "，", "＿", "﹕", "︓", "＇",
    /* Written without blanks: with dictionaries, and without */
    "ไ", "ภาษา", "ไทย", "ง่าย", "งาน", "ๆ", "ฯ", "\u0E31", "\u0E4C", "ລ", "ລາວ", "ພາສາ", "\u0EB1",
    "ខ", "ខ្មែរ", "ភាសា", "\u17D2", "\u17C2", "ៗ", "មាន", "မ", "မြန်မာ", "စာ", "\u103C", "\u103A",
    "\u1037", "\u1039", "က", "၊", "ᦀ", "ᨠ", "ꪀ", "𑜀", "་", "ཀ", "ꦏ", "\uA9C0",
    /* Pictures, flags, mathematics */
    "\U0001F1E9", "\U0001F1EA", "\U0001F469", "\U0001F4BB", "❤", "\U0001F3FD", "☝", "𝐀", "𝟏",
    /* No characters: yet, ever, anybody's, replaced, none */
    "\u0378", "\uFFFF", "\U0010FFFF", "\uE000", "\uFFFD", "\x80", "\xFF", "\xC3", "\xE2\x82",
    "\xF0\x9F\x91", "\xC0\x80", "\xE0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
};
enum { HARD = sizeof hard / sizeof *hard };

/* ---- words ------------------------------------------------------------------------------ */

/* Words, each with an LF behind it, which none has in it. */
struct words {
    unsigned char *at;
    size_t size, room;
};

static struct words words_of(size_t text_size)
{
    struct words w = { .room = 2 * text_size };
    w.at = get_memory(w.room);
    return w;
}

static void add_word(struct words *w, const unsigned char *word, size_t size)
{
    hold(size > 0 && size < w->room - w->size);
    memcpy(w->at + w->size, word, size);
    w->size += size;
    w->at[w->size++] = '\n';
}

static void print_words(const char *whose, const struct words *w)
{
    fprintf(stderr, "%s:\n", whose);
    fwrite(w->at, 1, w->size, stderr);
}

static void compare(const struct words *got, const struct words *wanted)
{
    const bool same = got->size == wanted->size && memcmp(got->at, wanted->at, got->size) == 0;
    if (!same) {
        print_words("ICU's words", wanted);
        print_words("The program's", got);
    }
    hold(same);
}

/* ---- the plain reference ---------------------------------------------------------------- */

static void cut(UBreakIterator *iterator, const unsigned char *text, size_t size, struct words *to)
{
    UErrorCode code = U_ZERO_ERROR;
    UText *opened = utext_openUTF8(NULL, (const char *)text, (int64_t)size, &code);
    ubrk_setUText(iterator, opened, &code);
    hold(U_SUCCESS(code));
    for (int32_t start = 0, end; (end = ubrk_next(iterator)) != UBRK_DONE; start = end)
        if (to && ubrk_getRuleStatus(iterator) >= UBRK_WORD_NONE_LIMIT)
            add_word(to, text + start, (size_t)(end - start));
    utext_close(opened);
}

/* An iterator that has met all scripts which it has dictionaries for: how it cuts depends on it. */
static UBreakIterator *open_iterator(void)
{
    static const char scripts[] = "漢字 ひら カナ 한글 ไทย ລາວ ខ្មែរ မြန် ー゛";
    UErrorCode code = U_ZERO_ERROR;
    UBreakIterator *iterator = ubrk_open(UBRK_WORD, "", NULL, 0, &code);
    hold(U_SUCCESS(code));
    cut(iterator, (const unsigned char *)scripts, strlen(scripts), NULL);
    return iterator;
}

static void find_words(struct words *w, const unsigned char *text, size_t size, bool anew)
{
    static UBreakIterator *kept;
    if (kept == NULL)
        kept = open_iterator();
    UBreakIterator *iterator = anew ? open_iterator() : kept;
    cut(iterator, text, size, w);
    if (anew)
        ubrk_close(iterator);
}

/* ---- as the program does it ------------------------------------------------------------- */

/* What the job's functions share. */
struct state {
    struct table table;
    struct unicode_words *unicode;
};

/* A task's: a cutter, the first of all, for table_map; then who hands lines on in parts, who finds
 * words, and who keeps them. */
struct task {
    struct cutter cutter;
    struct sink parts;
    size_t part; /* bytes of one at most */
    struct whole_texts texts;
    struct sink sink;
    struct words *words;
};

static int keep(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                const uint32_t *at, size_t count)
{
    const struct task *t = mr_task(out);
    hold(sink == &t->sink);
    for (size_t i = 0; i < count; i++)
        add_word(t->words, bytes + at[2 * i], at[2 * i + 1] - at[2 * i]);
    return 0;
}

/* As of a line that is larger than what the cutter gathers. */
static int hand_on(struct sink *sink, struct mr_context *out, const unsigned char *bytes,
                   const uint32_t *at, size_t count)
{
    struct task *t = mr_task(out);
    hold(sink == &t->parts);
    for (size_t i = 0; i < count; i++)
        for (size_t from = at[2 * i], to = at[2 * i + 1], n = 0; n == 0 || from < to; from += n) {
            n = to - from < t->part ? to - from : t->part;
            n -= from + n < to ? mr_utf8_unfinished(bytes + from, n) : 0;
            struct sink *texts = &t->texts.sink;
            if (texts->take_part(texts, out, bytes + from, n, from + n == to) < 0)
                return -1;
            if (from == to)
                break;
        }
    return 0;
}

static void begin(const struct state *s, struct task *t, struct words *words, size_t part)
{
    t->sink.take = keep;
    t->words = words;
    t->parts.take = hand_on;
    t->part = part;
    whole_texts_init(&t->texts, unicode_words_take, s->unicode, true, &t->sink);
    t->texts.batch.file = "fuzz";
    t->cutter.batch.sink = part > 0 ? &t->parts : &t->texts.sink;
}

static const struct mr_records *records(const void *state, const char *path)
{
    return table_records(&((const struct state *)state)->table, path);
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    return table_map(&((const struct state *)state)->table, chunk, out);
}

static const struct mr_job job = { .name = "fuzz", .records = records, .map = map };

static const struct state *get_state(void)
{
    static struct state s = { .table = { .by_lines = true, .texts = true, .each = true } };
    if (s.unicode != NULL)
        return &s;
    must(table_ready(&s.table, &failure));
    s.unicode = unicode_words_open(&failure);
    must(s.unicode ? 0 : -1);
    return &s;
}

static void read_piece(struct mr_mapper *m, const struct mr_piece *piece, size_t room)
{
    struct mr_reader r;
    struct mr_chunk chunk;
    unsigned char *buffer = get_memory(room + MR_CHUNK_PAD);
    must(mr_reader_open(&r, piece->source, piece->start, piece->end, &failure));
    int more;
    while ((more = mr_reader_next(&r, buffer, room, &chunk, &failure)) > 0)
        must(mr_call_map(m, &chunk));
    must(more);
    mr_reader_close(&r);
    free(buffer);
}

/* All splits are one task's; a split size of 0 stands for a stream. */
static void read_file(struct mr_mapper *m, const struct state *s, const char *path, unsigned split,
                      size_t room)
{
    struct mr_config config = { .inputs = &path, .input_count = 1, .force_bytes = true };
    struct mr_sources sources;
    struct mr_splits splits;
    must(mr_sources_find(&sources, &job, s, &config, &failure));
    must(mr_splits_plan(&splits, &sources, split + !split, &failure));
    const struct mr_piece all = { &sources.at[0], 0, MR_TO_END, 0, 0 };
    if (split == 0)
        read_piece(m, &all, room);
    for (size_t i = 0; split > 0 && i < splits.piece_count; i++)
        read_piece(m, &splits.pieces[i], room);
    mr_splits_free(&splits);
    mr_sources_free(&sources);
}

static void map_text(struct words *words, const unsigned char *text, size_t size,
                     const char *kernel, unsigned split, size_t room, size_t part)
{
    const struct state *s = get_state();
    struct mr_mapper m = {
        .context = { .job = &job, .emits = MR_EMITS_NUMBERS, .memory = SIZE_MAX, .err = &failure },
        .out = { .job = &job, .state = s, .err = &failure },
        .kernel = mr_scan_choose(kernel, &failure),
    };
    struct task *task;
    char path[32];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    hold(fd >= 0 && write(fd, text, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    must(mr_context_init(&m.context, sizeof *task));
    task = m.context.task;
    begin(s, task, words, part);
    read_file(&m, s, path, split, room);
    free(task->texts.text.at);
    mr_context_release(&m.context);
    close(fd);
}

/* ---- the fuzzer ------------------------------------------------------------------------- */

/* The choices as they are, or what they choose of what is hard; some times. */
static size_t make_text(unsigned char *text, const struct choices *c, bool composed, unsigned times)
{
    size_t used = 0;
    for (size_t i = 0; i < c->left * times; i++) {
        const uint8_t byte = c->at[i % c->left];
        const char *piece = composed ? hard[byte % HARD] : (const char *)&c->at[i % c->left];
        const size_t size = composed ? strlen(piece) : 1;
        if (size > TEXT_MAX - used)
            break;
        memcpy(text + used, piece, size);
        used += size;
    }
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char room_for_text[TEXT_MAX];
    struct choices c = { data, size };
    const unsigned what = choose(&c), often = choose(&c), split = choose(&c);
    const size_t room = ROOM_MIN + ((size_t)choose(&c) << (what >> 5));
    const unsigned times = often < 192 ? 1 : 2 * (often - 191); /* much text takes much time */
    const size_t used = make_text(room_for_text, &c, what & 1, times);
    unsigned char *text = copy_of(room_for_text, used);
    if (mr_coding_find(text, used) == NULL) { /* else it is another file: fuzz_gzip.c's */
        const size_t mark = used >= MARK && memcmp(text, "\xEF\xBB\xBF", MARK) == 0 ? MARK : 0;
        struct words wanted = words_of(used), got = words_of(used);
        map_text(&got, text, used, what & 2 ? "portable" : NULL, split << (what >> 3 & 3), room,
                 often & 1 ? room : 0);
        find_words(&wanted, text + mark, used - mark, what & 4);
        compare(&got, &wanted);
        free(wanted.at);
        free(got.at);
    }
    free(text);
    return 0;
}

#else /* WCMR_ICU */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool told;
    (void)data, (void)size;
    if (!told)
        fprintf(stderr, "built without ICU: nothing is compared\n");
    told = true;
    return 0;
}

#endif
