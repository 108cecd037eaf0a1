/*
 * Fuzzes what becomes of a program's frames (jobs/hadoop/framing.c, typed.c): typed or raw bytes that
 * may be anything.
 *
 * Holds true: however they are cut into pieces, the same becomes of them, or they are refused. What
 * becomes kept lines becomes the same bytes again; what is shown as the result is a line for each
 * record at least. Lines of a file, as frames, are frames.
 *
 * An input: which frames, what they become, the size of pieces; bytes.
 */
#include "fuzz.h"

#include "framing.h"

static int turn(struct framing f, const unsigned char *bytes, size_t size, size_t piece,
                struct mr_buffer *to)
{
    struct mr_error err;
    int result = 0;
    to->size = 0;
    for (size_t at = 0; result == 0 && at < size; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        result = framing_convert(&f, (const char *)bytes + at, n, &err);
        hold(result < 0 || mr_buffer_add(to, f.made, f.made_size) == 0);
    }
    if (result == 0 && (result = framing_end(&f, &err)) == 0)
        hold(mr_buffer_add(to, f.made, f.made_size) == 0);
    framing_free(&f);
    return result;
}

static void same(const struct mr_buffer *b, const unsigned char *bytes, size_t size)
{
    hold(b->size == size && (size == 0 || memcmp(b->at, bytes, size) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum form from[] = { FORM_TYPED, FORM_RAW, FORM_NUMBERED };
    struct choices c = { data, size };
    struct framing f = { .from = from[choose(&c) % 3], .lines.written = "=" };
    bool lines = f.from == FORM_NUMBERED, result = choose(&c) % 2 == 0;
    size_t piece = 1 + choose(&c) % 9;
    struct mr_buffer whole = MR_BUFFER_INIT, pieces = MR_BUFFER_INIT;
    f.key = f.value = f.from == FORM_TYPED ? CLASS_TYPED : CLASS_BYTES;
    if (lines) {
        f.key = CLASS_NUMBER;
        f.value = CLASS_TEXT;
    }
    f.to = lines ? (result ? FORM_TYPED : FORM_RAW) : result ? FORM_RESULT : FORM_SORTABLE;
    int turned = turn(f, c.at, c.left, c.left + 1, &whole);
    hold(turn(f, c.at, c.left, piece, &pieces) == turned);
    if (turned == 0) {
        struct framing back = { .from = f.to, .to = lines ? f.to : f.from, .key = f.key,
                                .value = f.value };
        same(&pieces, whole.at, whole.size);
        if (lines)
            back.key = back.value = f.to == FORM_TYPED ? CLASS_TYPED : CLASS_BYTES;
        if (lines || !result) {
            hold(turn(back, whole.at, whole.size, piece, &pieces) == 0);
            same(&pieces, lines ? whole.at : c.at, lines ? whole.size : c.left);
        }
    }
    mr_buffer_free(&whole);
    mr_buffer_free(&pieces);
    return 0;
}
