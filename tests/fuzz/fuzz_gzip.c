/*
 * Fuzzes gzip input (input/gzip.c, input/decode.c): any bytes, and streams made by zlib and then changed.
 *
 * Holds true: however the bytes arrive and are asked for, the same comes out as when zlib
 * inflates each member in one call; members follow each other, zeros may follow the last, and
 * anything else wrong is an error. What was given before it is right as far as zlib inflates;
 * ISA-L, where it is linked, goes on through some blocks that zlib refuses, to the member's sum.
 *
 * An input: what to do, how many bytes arrive and are asked for at a time, and the file; or how
 * it is deflated, a list of changes of three bytes each (where, twice, and to what), the text.
 */
#include "input/decode.h"
#include "source.h"

#include <zlib.h>

enum {
    PLAIN_MAX = 1 << 18, /* a file that inflates to more is too slow to be worth it */
    MEMBERS_MAX = 3,
    PADDING_MAX = 8
};

struct bytes {
    unsigned char *at;
    size_t size;
};

/* ---- making a file ---------------------------------------------------------------------- */

/* Appends one member with all that a head may have. */
static void deflate_member(struct bytes *file, struct bytes text, unsigned how)
{
    unsigned char name[] = "name", extra[] = "extra";
    gz_header head = { .name = name, .extra = extra, .extra_len = 5, .hcrc = 1 };
    z_stream z = { .next_in = text.at, .avail_in = (uInt)text.size };
    hold(deflateInit2(&z, how % 10, Z_DEFLATED, 15 + 16, 1, how & 64 ? Z_FIXED : 0) == Z_OK);
    if (how & 128)
        hold(deflateSetHeader(&z, &head) == Z_OK);
    size_t room = deflateBound(&z, z.avail_in) + PADDING_MAX;
    file->at = realloc(file->at, file->size + room);
    hold(file->at != NULL);
    z.next_out = file->at + file->size;
    z.avail_out = (uInt)room;
    hold(deflate(&z, Z_FINISH) == Z_STREAM_END);
    file->size += z.total_out;
    hold(deflateEnd(&z) == Z_OK);
    memset(file->at + file->size, 0, PADDING_MAX);
}

static struct bytes make_file(struct choices *c)
{
    unsigned how = choose(c), members = 1 + choose(c) % MEMBERS_MAX;
    unsigned padding = choose(c) % PADDING_MAX;
    struct choices changes = choose_list(c);
    struct bytes text = { copy_of(c->at, c->left), c->left }, file = { NULL, 0 };
    for (unsigned i = 0; i < members; i++) {
        size_t from = text.size * i / members, to = text.size * (i + 1) / members;
        deflate_member(&file, (struct bytes){ text.at + from, to - from }, how);
    }
    file.size += padding;
    while (changes.left >= 3) {
        size_t place = choose(&changes) << 8;
        place |= choose(&changes);
        file.at[place % file.size] = (unsigned char)choose(&changes);
    }
    free(text.at);
    return file;
}

/* ---- the plain reference ---------------------------------------------------------------- */

/* Inflates a file into plain, a member a call. Returns 1, 0 when it is wrong somewhere, or -1
 * when it is too large. */
static int inflate_all(struct bytes file, struct bytes *plain)
{
    for (size_t at = 0; at < file.size;) {
        z_stream z = { .next_in = file.at + at, .avail_in = (uInt)(file.size - at),
                       .next_out = plain->at + plain->size,
                       .avail_out = (uInt)(PLAIN_MAX - plain->size) };
        size_t zeros = at;
        while (at > 0 && zeros < file.size && file.at[zeros] == 0)
            zeros++;
        if (zeros > at)
            return zeros == file.size;
        hold(inflateInit2(&z, 15 + 16) == Z_OK);
        int code = inflate(&z, Z_FINISH);
        plain->size += z.total_out;
        at += z.total_in;
        bool full = z.avail_out == 0;
        inflateEnd(&z);
        if (code != Z_STREAM_END)
            return full ? -1 : 0;
    }
    return 1;
}

/* ---- the fuzzer ------------------------------------------------------------------------- */

static void check(struct bytes file, struct bytes plain, bool good, unsigned step, unsigned want)
{
    size_t first = file.size < step ? file.size : step; /* given at once, as the reader does */
    struct source source = { { file.at + first, file.size - first }, step };
    unsigned char *taken = copy_of(file.at, first);
    struct mr_coded coded = { &mr_gzip, give, &source, "fuzz", 0, NULL };
    struct mr_decoder *g = mr_decoder_open(&coded, taken, first);
    free(taken);
    unsigned char *to = get_memory(want);
    size_t done = 0;
    ssize_t got;
    hold(g != NULL);
    while (may(got = mr_decoder_read(g, to, want, &failure)) && got > 0) {
        hold((size_t)got <= want);
        size_t known = plain.size - done < (size_t)got ? plain.size - done : (size_t)got;
        hold(known == (size_t)got || !good);
        hold(memcmp(to, plain.at + done, known) == 0);
        done += known;
        hold((size_t)got == want || done == plain.size);
    }
    hold(good == (got == 0));
    hold(!good || (done == plain.size && mr_decoder_read(g, to, want, &failure) == 0));
    free(to);
    mr_decoder_close(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = { data, size };
    bool made = choose(&c) & 1;
    unsigned step = 1 + choose(&c), want = 1 + choose(&c);
    struct bytes file, plain = { get_memory(PLAIN_MAX), 0 };
    if (made)
        file = make_file(&c);
    else
        file = (struct bytes){ copy_of(c.at, c.left), c.left };
    int good = inflate_all(file, &plain);
    if (good >= 0)
        check(file, plain, good, step, want);
    free(file.at);
    free(plain.at);
    return 0;
}
