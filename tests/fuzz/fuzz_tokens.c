/*
 * Fuzzes the tokenisers: mr_emit_words and mr_emit_fields (map/tokens.c) and mr_emit_words_by
 * (map/words.c), by each scan kernel.
 *
 * Holds true: however a text is cut into chunks within the reader's rules, whatever stands behind
 * a chunk, and however small the combine table is, what comes out of the shuffle file are the
 * text's tokens as plain loops find them, each as often; and each is in its hash's bucket.
 *
 * An input: what to do, how often the text is repeated (so that a small input makes a text of
 * many pieces), the table's size, the byte behind chunks, a list of cuts, the text.
 */
#include "fuzz.h"
#include "base/utf8.h"
#include "map/letters.h"
#include "map/mapper.h"
#include "partition/shuffle.h"

#include <unistr.h>

enum {
    TEXT_MAX = 9000,
    KEY_MAX = 32, /* larger keys are out-of-line */
    BUCKETS = 3,
    BUCKET_ROOM = 4 * KEY_MAX,
    BLOCK_ROOM = 48
};

struct text {
    unsigned char *at;
    size_t size;
    bool fields, rekey;
    enum mr_words rule;
    struct mr_records records;
    struct choices cuts;
    unsigned char behind; /* what a chunk is followed by */
};

/* ---- rewriting of keys ------------------------------------------------------------------ */

/* What the job makes of a key: a q for each byte above 'p', three for Q: keys grow and meet. */
static size_t rekey(const void *state, const unsigned char *key, size_t size, unsigned char *to)
{
    size_t done = 0;
    (void)state;
    for (size_t i = 0; i < size; i++) {
        for (int more = 0; key[i] == 'Q' && more < 2; more++)
            to[done++] = 'q';
        to[done++] = key[i] == 'Q' || key[i] > 'p' ? 'q' : key[i];
    }
    return done;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a + b;
}

/* ---- the plain reference ---------------------------------------------------------------- */

struct token {
    const unsigned char *at;
    size_t size;
    uint64_t count;
};

struct tokens {
    struct token *at;
    size_t count, room;
    unsigned char *bytes; /* of all tokens */
    size_t used, bytes_room;
};

static void init_tokens(struct tokens *t, size_t text_size)
{
    *t = (struct tokens){ .room = text_size + 1, .bytes_room = 3 * text_size + 1 };
    t->at = get_memory(t->room * sizeof *t->at);
    t->bytes = get_memory(t->bytes_room);
}

static void free_tokens(struct tokens *t)
{
    free(t->at);
    free(t->bytes);
}

/* A token whose bytes are the next ones in t->bytes. */
static void take_token(struct tokens *t, size_t size, uint64_t count)
{
    hold(t->count < t->room);
    t->at[t->count++] = (struct token){ t->bytes + t->used, size, count };
    t->used += size;
}

static void add_token(struct tokens *t, const struct text *text, size_t from, size_t to)
{
    unsigned char *key = t->bytes + t->used;
    if (text->rekey) {
        take_token(t, rekey(NULL, text->at + from, to - from, key), 1);
        return;
    }
    memcpy(key, text->at + from, to - from);
    take_token(t, to - from, 1);
}

static bool is_end(const struct text *t, size_t at)
{
    return t->records.ends.has[t->at[at]];
}

static bool is_crlf(const struct text *t, size_t at)
{
    return at + 1 < t->size && t->at[at] == '\r' && t->at[at + 1] == '\n';
}

static void find_words(struct tokens *t, const struct text *text)
{
    for (size_t at = 0, end; at < text->size; at = end) {
        for (; at < text->size && is_end(text, at); at++)
            ;
        for (end = at; end < text->size && !is_end(text, end); end++)
            ;
        if (end > at)
            add_token(t, text, at, end);
    }
}

/* What the character at `at` is by the rule: 'L' of words, 'J' a joiner, ' ' neither. */
static char kind_at(const struct text *t, size_t at, size_t *size)
{
    static const ucs4_t spaces[] = { 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 };
    ucs4_t c;
    int length = u8_mbtoucr(&c, t->at + at, t->size - at);
    *size = length < 0 ? 1 : (size_t)length;
    if (length < 0)
        return t->rule == MR_WORDS_LETTERS ? ' ' : 'L';
    if (is_end(t, at))
        return ' ';
    if (t->rule == MR_WORDS_LETTERS)
        return c == '\'' || c == '-' || c == 0x2019 || c == 0x2010 ? 'J'
               : mr_is_letter(c)                                  ? 'L'
                                                                  : ' ';
    bool space = c >= 0x2000 && c <= 0x200A;
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        space |= c == spaces[i];
    return space ? ' ' : 'L';
}

/* Where the letters that begin at `from` end: there, where there is none. */
static size_t letters_end(const struct text *t, size_t from)
{
    size_t size;
    while (from < t->size && kind_at(t, from, &size) == 'L')
        from += size;
    return from;
}

static void find_words_by(struct tokens *t, const struct text *text)
{
    for (size_t at = 0, size; at < text->size;) {
        size_t end = letters_end(text, at);
        if (end == at) {
            (void)kind_at(text, at, &size);
            at += size;
            continue;
        }
        while (end < text->size && kind_at(text, end, &size) == 'J' &&
               letters_end(text, end + size) > end + size)
            end = letters_end(text, end + size);
        add_token(t, text, at, end);
        at = end;
    }
}

static void find_fields(struct tokens *t, const struct text *text)
{
    size_t start = 0;
    bool ended = true; /* a line: there is no field behind it */
    for (size_t at = 0; at < text->size; at++) {
        ended = text->at[at] == '\n' || text->at[at] == '\r';
        if (!is_end(text, at))
            continue;
        add_token(t, text, start, at);
        at += is_crlf(text, at);
        start = at + 1;
    }
    if (!ended)
        add_token(t, text, start, text->size);
}

static int by_bytes(const void *a, const void *b)
{
    const struct token *x = a, *y = b;
    int order = memcmp(x->at, y->at, x->size < y->size ? x->size : y->size);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

/* Brings equal tokens together, in order. */
static void combine(struct tokens *t)
{
    size_t kept = 0;
    qsort(t->at, t->count, sizeof *t->at, by_bytes);
    for (size_t i = 0; i < t->count; i++) {
        if (kept > 0 && by_bytes(&t->at[kept - 1], &t->at[i]) == 0)
            t->at[kept - 1].count += t->at[i].count;
        else
            t->at[kept++] = t->at[i];
    }
    t->count = kept;
}

/* ---- cutting as the reader may ---------------------------------------------------------- */

/* Where the record that starts at `at` ends, its end included. */
static size_t record_end(const struct text *t, size_t at)
{
    while (at < t->size && !is_end(t, at))
        at++;
    return at == t->size ? at : at + 1 + (is_crlf(t, at) && is_end(t, at + 1));
}

static int emit(const struct text *t, size_t from, size_t to, enum mr_part part,
                struct mr_context *out)
{
    size_t size = to - from;
    unsigned char *data = get_memory(size + MR_CHUNK_PAD);
    memcpy(data, t->at + from, size);
    memset(data + size, t->behind, MR_CHUNK_PAD);
    struct mr_chunk chunk = { .data = data, .size = size, .records = &t->records, .part = part,
                              .ends_file = to == t->size };
    int result = t->fields                    ? mr_emit_fields(out, &chunk)
                 : t->rule == MR_WORDS_WHITE ? mr_emit_words(out, &chunk)
                                             : mr_emit_words_by(out, &chunk, t->rule);
    free(data);
    return result;
}

/* Whether a part that ends there would cut a character, which the reader never does. */
static bool cuts_character(const struct text *t, size_t from, size_t end)
{
    return t->rule != MR_WORDS_WHITE && mr_utf8_unfinished(t->at + from, end - from) > 0;
}

/* One record in parts; the last has its end, and a byte at least. */
static int emit_parts(struct text *t, size_t from, size_t to, struct mr_context *out)
{
    size_t last = to;
    while (last > from && is_end(t, last - 1))
        last--;
    if (last == to)
        last--;
    while (last > from && cuts_character(t, from, last))
        last--;
    enum mr_part part = MR_FIRST;
    for (size_t end; from < last; from = end, part = MR_MIDDLE) {
        end = from + 1 + choose(&t->cuts);
        if (end > last)
            end = last;
        while (end < last && cuts_character(t, from, end))
            end++;
        if (emit(t, from, end, part, out) < 0)
            return -1;
    }
    return emit(t, from, to, part == MR_FIRST ? MR_WHOLE : MR_LAST, out);
}

/* Takes the place of the job's map: emits the text in chunks of its own. A cut above 127 is a
 * record in parts, one below it so many records; 0, or none left, is all the rest. */
static int map(const void *state, const struct mr_chunk *whole, struct mr_context *out)
{
    struct text t = *(const struct text *)state;
    (void)whole;
    for (size_t at = 0, end; at < t.size; at = end) {
        unsigned cut = choose(&t.cuts);
        end = cut ? record_end(&t, at) : t.size;
        if (cut > 127) {
            if (emit_parts(&t, at, end, out) < 0)
                return -1;
            continue;
        }
        while (end < t.size && --cut > 0)
            end = record_end(&t, end);
        if (emit(&t, at, end, MR_WHOLE, out) < 0)
            return -1;
    }
    return 0;
}

/* ---- what the shuffle file has ---------------------------------------------------------- */

static void read_key(struct tokens *t, const struct mr_record *r, struct mr_key_place place)
{
    struct mr_key key;
    const unsigned char *bytes;
    size_t size, all = 0;
    int more;
    mr_key_open(&key, r, place, &failure);
    while ((more = mr_key_next(&key, &bytes, &size)) > 0) {
        hold(t->used + all + size <= t->bytes_room);
        memcpy(t->bytes + t->used + all, bytes, size);
        all += size;
    }
    must(more);
    hold(r->out_of_line == (all > KEY_MAX));
    take_token(t, all, r->value);
}

static void read_shuffle(struct tokens *t, const struct mr_spool *spool)
{
    struct mr_block_reader reader, keys;
    struct mr_block_link links[BUCKETS];
    mr_block_reader_init(&reader, &store, BUCKET_ROOM);
    mr_block_reader_init(&keys, &store, BLOCK_ROOM);
    struct mr_key_place place = { spool, 0, &keys };
    must(mr_shuffle_table(&reader, spool, 0, BUCKETS, 0, BUCKETS, links, &failure));
    for (uint32_t b = 0; b < BUCKETS; b++) {
        struct mr_block block;
        for (; links[b].offset != 0; links[b] = block.before) {
            must(mr_block_read(&reader, spool, 0, MR_BLOCK_RECORDS, b, links[b], &block, &failure));
            const unsigned char *at = block.payload, *end = at + block.size;
            unsigned char room[KEY_MAX + MR_BLOCK_SLACK];
            struct mr_whole_key whole = { NULL, 0 };
            while (at < end) {
                struct mr_record r;
                at = mr_shuffle_get(at, end, &whole, room, KEY_MAX, &r);
                hold(at != NULL);
                read_key(t, &r, place);
                const struct token *last = &t->at[t->count - 1];
                hold(mr_bucket(mr_hash(last->at, last->size), BUCKETS) == b);
            }
        }
    }
    mr_block_reader_release(&reader);
    mr_block_reader_release(&keys);
}

/* ---- the fuzzer ------------------------------------------------------------------------- */

/* Chooses what ends records: of fields a delimiter and line ends, of words any set. */
static void choose_ends(struct text *t, unsigned which, unsigned char any)
{
    unsigned char *has = t->records.ends.has;
    const unsigned char delimiters[4] = { ',', '\t', '\n', any };
    if (t->fields) {
        has['\n'] = has['\r'] = has[delimiters[which]] = 1;
        return;
    }
    for (unsigned b = 0; t->rule != MR_WORDS_WHITE && b < 128; b++)
        has[b] = b == ' ' || (b >= 9 && b <= 13) || (which > 1 && b == any);
    for (unsigned b = 0; t->rule == MR_WORDS_WHITE && b < 256; b++)
        has[b] = which == 0   ? b == ' ' || (b >= 9 && b <= 13)
                 : which == 1 ? b == any
                 : which == 2 ? b >= any
                              : (b & any) != 0;
}

static void choose_text(struct text *t, struct choices c, unsigned times)
{
    t->size = c.left * times < TEXT_MAX ? c.left * times : TEXT_MAX;
    t->at = get_memory(t->size);
    for (size_t i = 0; i < t->size; i++)
        t->at[i] = c.at[i % c.left];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = { data, size };
    struct text text = { 0 };
    unsigned what = choose(&c), often = choose(&c), table = choose(&c);
    text.fields = what & 1;
    text.rekey = what & 2;
    if (!text.fields && what & 32)
        text.rule = what & 64 ? MR_WORDS_LETTERS : MR_WORDS_UWHITE;
    text.behind = (unsigned char)choose(&c);
    choose_ends(&text, what >> 6, text.behind);
    text.cuts = choose_list(&c);
    choose_text(&text, c, often < 192 ? 1 : 2 * (often - 191)); /* much text takes much time */

    /* Small, so that it is often full; or a page, so that what is behind it is not its own. */
    size_t arena = table & 128 ? 4096 : KEY_MAX + (size_t)(table >> 4) * 16;
    struct mr_map_plan plan = {
        .buckets = BUCKETS, .bucket_payload = BUCKET_ROOM, .key_max = KEY_MAX,
        .key_payload = BLOCK_ROOM, .short_sets = (size_t)1 << (table & 3),
        .long_sets = (size_t)1 << (table >> 2 & 3), .arena = arena,
        .chunk = 4096, .compress = what & 4,
        .kernel = mr_scan_choose(what & 16 ? "portable" : NULL, &failure),
    };
    struct mr_job job = { .name = "fuzz", .map = map, .rekey = text.rekey ? rekey : NULL,
                          .combine = what & 8 ? add : NULL };
    struct mr_source source = { .stream = true, .records = &text.records };
    struct mr_slot slot = { .ends_file = true, .size = text.size, .source = &source,
                            .data = text.at };
    struct mr_feed feed = { .slots = &slot, .count = 1, .share = 1 };
    struct mr_map_input input = { .feed = &feed };
    struct mr_map_result result;
    struct mr_spool spool;
    _Atomic uint64_t progress = 0;

    struct tokens wanted, got;
    init_tokens(&wanted, text.size);
    init_tokens(&got, text.size);
    if (text.fields)
        find_fields(&wanted, &text);
    else if (text.rule == MR_WORDS_WHITE)
        find_words(&wanted, &text);
    else
        find_words_by(&wanted, &text);
    mr_spool_create(&spool, &store, "fuzz", 1);
    must(mr_map_run(&job, &text, &plan, &input, 0, &spool, &store, &result, &progress, &failure));
    must(mr_spool_commit(&spool, &store, &failure));
    hold(result.emitted == wanted.count);
    read_shuffle(&got, &spool);
    hold(result.records == got.count);
    combine(&wanted);
    combine(&got);
    hold(got.count == wanted.count);
    for (size_t i = 0; i < got.count; i++)
        hold(by_bytes(&got.at[i], &wanted.at[i]) == 0 && got.at[i].count == wanted.at[i].count);
    mr_spool_drop(&spool, &store);
    free_tokens(&wanted);
    free_tokens(&got);
    free(text.at);
    return 0;
}
