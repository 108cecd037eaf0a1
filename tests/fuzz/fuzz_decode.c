/*
 * Fuzzes compressed input (input/decode.c) in every coding: any bytes, and members made by the
 * coding's library and then changed.
 *
 * Holds true: however the bytes arrive and are asked for, the same comes out, or the same error;
 * and what was not changed is the text that went in. (What gzip gives is held against zlib's own
 * words by fuzz_gzip.c.)
 *
 * An input: which coding, how many bytes arrive and are asked for at a time, and the file; or a
 * list of changes of three bytes each (where, twice, and to what), and the text.
 */
#include "encode.h"
#include "source.h"

enum {
    PLAIN_MAX = 1 << 17, /* a file that holds more is too slow to be worth it */
    MADE_MAX = 1 << 17,
    MEMORY_MAX = 1 << 20 /* windows are made before they are known to be too large */
};

/* Decodes a file. Returns the bytes, or -1; the bytes before an error are in *given. */
static ssize_t decode_all(const struct mr_coding *coding, const unsigned char *file, size_t size,
                          size_t step, size_t want, unsigned char *to, size_t *given)
{
    size_t first = size < step ? size : step;
    struct source source = { { file + first, size - first }, step };
    struct mr_coded coded = { coding, give, &source, "fuzz", MEMORY_MAX, NULL };
    struct mr_decoder *d = mr_decoder_open(&coded, file, first);
    unsigned char *part = get_memory(want);
    ssize_t got = 0;
    hold(d != NULL);
    *given = 0;
    while (*given + want <= PLAIN_MAX && may(got = mr_decoder_read(d, part, want, &failure)) &&
           got > 0) {
        memcpy(to + *given, part, (size_t)got);
        *given += (size_t)got;
        if ((size_t)got < want)
            hold(mr_decoder_read(d, part, want, &failure) == 0);
    }
    free(part);
    mr_decoder_close(d);
    return got < 0 ? -1 : (ssize_t)*given;
}

/* Two members of halves of a text, changed. Returns their size, and whether they were not. */
static size_t make_file(struct choices *c, const struct encoding *by, unsigned char *file,
                        bool *same)
{
    struct choices changes = choose_list(c);
    size_t half = by->several ? c->left / 2 : 0, size = 0;
    *same = true;
    if (by->several)
        size = by->encode(file, MADE_MAX, c->at, half);
    size += by->encode(file + size, MADE_MAX - size, c->at + half, c->left - half);
    while (changes.left >= 3) {
        size_t place = choose(&changes) << 8;
        place |= choose(&changes);
        unsigned char *at = file + place % size, value = (unsigned char)choose(&changes);
        *same &= *at == value;
        *at = value;
    }
    return size;
}

/* Whether a file may ask for so large a window or dictionary that AddressSanitizer takes long to
 * make it: in the heads of zstd's frames, wherever, and of LZMA. */
static bool asks_much(const struct mr_coding *by, const unsigned char *file, size_t size)
{
    if (by == &mr_lzma && size > 4 && file[4] > 4)
        return true;
    for (size_t at = 0; at + 14 <= size; at++) {
        const unsigned char *head = file + at;
        bool zstd = memcmp(head, "\x28\xB5\x2F\xFD", 4) == 0;
        if (zstd && (head[4] & 0x20 ? head[4] >= 0x80 : head[5] > 17 << 3))
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = { data, size };
    unsigned what = choose(&c);
    const struct encoding *by = &encodings[(what >> 1) % ENCODINGS];
    size_t step = 1 + choose(&c), want = 1 + choose(&c), given, given_at_once;
    bool made = what & 1, same = false;
    if (c.left > MADE_MAX / 4)
        return 0;
    unsigned char *file = made ? get_memory(MADE_MAX) : copy_of(c.at, c.left);
    size_t n = made ? make_file(&c, by, file, &same) : c.left;
    if (asks_much(by->coding, file, n)) {
        free(file);
        return 0;
    }
    unsigned char *plain = get_memory(PLAIN_MAX), *at_once = get_memory(PLAIN_MAX);
    ssize_t got = decode_all(by->coding, file, n, step, want, plain, &given);
    ssize_t all = decode_all(by->coding, file, n, 1 << 16, PLAIN_MAX, at_once, &given_at_once);
    if (given + want <= PLAIN_MAX && all < PLAIN_MAX) {
        hold((got < 0) == (all < 0));
        hold(all < 0 || (got == all && memcmp(plain, at_once, (size_t)all) == 0));
    }
    if (same)
        hold(got == (ssize_t)c.left && memcmp(plain, c.at, c.left) == 0);
    free(file);
    free(plain);
    free(at_once);
    return 0;
}
