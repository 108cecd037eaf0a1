/* Makes what decoders decode, by the libraries themselves: a member of each coding. */
#ifndef ENCODE_H
#define ENCODE_H

#include "base/endian.h"
#include "input/decode.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#ifdef WCMR_ZSTD
#include <zstd.h>
#endif
#ifdef WCMR_LZMA
#include <lzma.h>
#endif
#ifdef WCMR_BZIP2
#include <bzlib.h>
#endif
#ifdef WCMR_LZ4
#include <lz4frame.h>
#endif

/* Each fills to with a member that holds from, and returns its size; 0: there is no room. */
typedef size_t encoder(unsigned char *to, size_t room, const unsigned char *from, size_t size);

static size_t encode_gzip(unsigned char *to, size_t room, const unsigned char *from, size_t size)
{
    z_stream z = { .next_in = (unsigned char *)(uintptr_t)from, .avail_in = (uInt)size,
                   .next_out = to, .avail_out = (uInt)room };
    if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return 0;
    int code = deflate(&z, Z_FINISH);
    deflateEnd(&z);
    return code == Z_STREAM_END ? room - z.avail_out : 0;
}

/* As bgzip has it: with its size in its head. */
__attribute__((unused)) static size_t encode_bgzf(unsigned char *to, size_t room,
                                                  const unsigned char *from, size_t size)
{
    unsigned char extra[] = { 'B', 'C', 2, 0, 0, 0 };
    gz_header head = { .extra = extra, .extra_len = sizeof extra, .os = 255 };
    z_stream z = { .next_in = (unsigned char *)(uintptr_t)from, .avail_in = (uInt)size,
                   .next_out = to, .avail_out = (uInt)room };
    if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return 0;
    int code = deflateSetHeader(&z, &head) == Z_OK ? deflate(&z, Z_FINISH) : Z_MEM_ERROR;
    size_t n = room - z.avail_out;
    deflateEnd(&z);
    if (code != Z_STREAM_END)
        return 0;
    to[16] = (unsigned char)(n - 1);
    to[17] = (unsigned char)((n - 1) >> 8);
    return n;
}

#ifdef WCMR_ZSTD
static size_t encode_frame(unsigned char *to, size_t room, const unsigned char *from, size_t size,
                           int sized)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    size_t n = 0;
    if (z != NULL && !ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1)) &&
        !ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_contentSizeFlag, sized)))
        n = ZSTD_compress2(z, to, room, from, size);
    ZSTD_freeCCtx(z);
    return ZSTD_isError(n) ? 0 : n;
}

/* With a checksum. */
static size_t encode_zstd(unsigned char *to, size_t room, const unsigned char *from, size_t size)
{
    return encode_frame(to, room, from, size, 1);
}

/* The same, which does not say how much it holds. */
__attribute__((unused)) static size_t encode_unsized(unsigned char *to, size_t room,
                                                     const unsigned char *from, size_t size)
{
    return encode_frame(to, room, from, size, 0);
}

/* Appends the table of zstd's seekable format, of frames that are so large and hold so much.
 * Returns the size of all. */
__attribute__((unused)) static size_t add_table(unsigned char *to, size_t at,
                                                const unsigned sizes[][2], size_t count)
{
    unsigned char *head = to + at;
    memcpy(head, "\x5E\x2A\x4D\x18", 4);
    mr_put32(head + 4, (unsigned)count * 8 + 9);
    for (size_t i = 0; i < count; i++) {
        mr_put32(head + 8 + i * 8, sizes[i][0]);
        mr_put32(head + 12 + i * 8, sizes[i][1]);
    }
    mr_put32(head + 8 + count * 8, (unsigned)count);
    memcpy(head + 12 + count * 8, "\0\xB1\xEA\x92\x8F", 5);
    return at + count * 8 + 17;
}
#endif

#ifdef WCMR_LZMA
/* In blocks of 300 bytes. */
static size_t encode_xz(unsigned char *to, size_t room, const unsigned char *from, size_t size)
{
    enum { BLOCK = 300 };
    lzma_stream z = LZMA_STREAM_INIT;
    if (lzma_easy_encoder(&z, 0, LZMA_CHECK_CRC32) != LZMA_OK)
        return 0;
    z.next_in = from;
    z.next_out = to;
    z.avail_out = room;
    lzma_ret code = LZMA_OK;
    for (size_t at = 0; at < size && (code == LZMA_OK || code == LZMA_STREAM_END); at += BLOCK) {
        z.avail_in = size - at < BLOCK ? size - at : BLOCK;
        code = lzma_code(&z, LZMA_FULL_FLUSH);
    }
    code = lzma_code(&z, LZMA_FINISH);
    lzma_end(&z);
    return code == LZMA_STREAM_END ? room - z.avail_out : 0;
}

static size_t encode_lzma(unsigned char *to, size_t room, const unsigned char *from, size_t size)
{
    lzma_stream z = LZMA_STREAM_INIT;
    lzma_options_lzma options;
    if (lzma_lzma_preset(&options, 0) || lzma_alone_encoder(&z, &options) != LZMA_OK)
        return 0;
    z.next_in = from;
    z.avail_in = size;
    z.next_out = to;
    z.avail_out = room;
    lzma_ret code = lzma_code(&z, LZMA_FINISH);
    lzma_end(&z);
    return code == LZMA_STREAM_END ? room - z.avail_out : 0;
}
#endif

#ifdef WCMR_BZIP2
static size_t encode_bzip2(unsigned char *to, size_t room, const unsigned char *from, size_t size)
{
    unsigned n = (unsigned)room;
    char *in = (char *)(uintptr_t)from, none = 0;
    int code = BZ2_bzBuffToBuffCompress((char *)to, &n, size ? in : &none, (unsigned)size, 1, 0, 0);
    return code == BZ_OK ? n : 0;
}
#endif

#ifdef WCMR_LZ4
/* With a checksum of the content and of each block. */
static size_t encode_lz4(unsigned char *to, size_t room, const unsigned char *from, size_t size)
{
    LZ4F_preferences_t how;
    memset(&how, 0, sizeof how);
    how.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    how.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled;
    how.frameInfo.blockSizeID = LZ4F_max64KB;
    if (room < LZ4F_compressFrameBound(size, &how))
        return 0;
    size_t n = LZ4F_compressFrame(to, room, from, size, &how);
    return LZ4F_isError(n) ? 0 : n;
}
#endif

/* Holds nothing: somebody else's bytes. */
__attribute__((unused)) static size_t encode_skippable(unsigned char *to, size_t room,
                                                       const unsigned char *from, size_t size)
{
    static const unsigned char frame[] = "\x5A\x2A\x4D\x18\3\0\0\0abc";
    (void)from, (void)size;
    if (room < sizeof frame - 1)
        return 0;
    memcpy(to, frame, sizeof frame - 1);
    return sizeof frame - 1;
}

/* The codings that this program has. */
static const struct encoding {
    const struct mr_coding *coding;
    encoder *encode;
    bool several, checked; /* members in a row; a checksum finds every change of the content */
} encodings[] = {
    { &mr_gzip, encode_gzip, true, true },
#ifdef WCMR_ZSTD
    { &mr_zstd, encode_zstd, true, true },
#endif
#ifdef WCMR_LZMA
    { &mr_xz, encode_xz, true, true },
    { &mr_lzma, encode_lzma, false, false },
#endif
#ifdef WCMR_BZIP2
    { &mr_bzip2, encode_bzip2, true, true },
#endif
#ifdef WCMR_LZ4
    { &mr_lz4, encode_lz4, true, true },
#endif
};
enum { ENCODINGS = sizeof encodings / sizeof *encodings };

#endif
