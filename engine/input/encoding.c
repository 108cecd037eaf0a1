/* Transcoding by iconv. */
#include "input/encoding.h"

#include "base/error.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM = 1 << 16,
    CHARACTER = 16 /* bytes of one at most, in any encoding */
};

struct mr_transcoder {
    iconv_t iconv;
    const char *name, *encoding;
    bool flushed;            /* it has no more, either */
    size_t out_at, out_size; /* in out: from where, up to where is yet to be given */
    struct mr_intake intake;
    char out[ROOM];
};

/* ---- which ------------------------------------------------------------------------------ */

/* UTF-32's mark in one byte order begins as UTF-16's does, so it is asked for first. */
static const struct {
    const char *encoding, *mark;
    size_t size;
} marks[] = {
    { "UTF-32LE", "\xFF\xFE\0\0", 4 },
    { "UTF-32BE", "\0\0\xFE\xFF", 4 },
    { "UTF-16LE", "\xFF\xFE", 2 },
    { "UTF-16BE", "\xFE\xFF", 2 },
};

const char *mr_encoding_of_mark(const unsigned char *head, size_t size)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (size >= marks[i].size && memcmp(head, marks[i].mark, marks[i].size) == 0)
            return marks[i].encoding;
    return NULL;
}

#if defined(__GNUC__) && __GNUC__ >= 10 && !defined(__clang__)
/* gcc's analyzer does not know that what iconv_open returns when it fails is nothing to close. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* Whether it is a name: what iconv takes others for is the locale's, and what stands behind two
 * slashes says how to decode. */
static bool is_name(const char *encoding)
{
    for (const char *c = encoding; *c; c++)
        if (!isalnum((unsigned char)*c) && strchr("-_.:+(),", *c) == NULL)
            return false;
    return isalnum((unsigned char)*encoding);
}

/* NULL when it fails (errno). */
static iconv_t open_iconv(const char *encoding)
{
    errno = EINVAL;
    iconv_t iconv = is_name(encoding) ? iconv_open("UTF-8", encoding) : NULL;
    return iconv == (iconv_t)-1 ? NULL : iconv; /* NOLINT(performance-no-int-to-ptr) */
}

int mr_encoding_check(const char *encoding, struct mr_error *err)
{
    iconv_t iconv = open_iconv(encoding);
    if (iconv != NULL) {
        iconv_close(iconv);
        return 0;
    }
    if (errno != EINVAL)
        return mr_error_system(err, "cannot decode '%s' (--encoding)", encoding);
    mr_error_set(err, "there is no encoding '%s' (--encoding): 'iconv -l' lists those there are",
                 encoding);
    return mr_error_final(err);
}

/* ---- transcoding ------------------------------------------------------------------------ */

struct mr_transcoder *mr_transcoder_open(const char *encoding, mr_coded_source *source, void *arg,
                                         const char *name, const unsigned char *taken, size_t size,
                                         struct mr_error *err)
{
    struct mr_transcoder *t = malloc(sizeof *t);
    if (t == NULL) {
        mr_error_memory(err, sizeof *t, "decoding text");
        return NULL;
    }
    *t = (struct mr_transcoder){ .iconv = open_iconv(encoding), .name = name,
                                 .encoding = encoding };
    if (t->iconv == NULL) {
        mr_error_system(err, "cannot read '%s': it is %s text, which iconv cannot decode", name,
                        encoding);
        free(t);
        return NULL;
    }
    mr_intake_init(&t->intake, source, arg, taken, size);
    return t;
}

static int bad(const struct mr_transcoder *t, const char *what, struct mr_error *err)
{
    mr_error_set(err, "cannot read '%s': %s %s at byte %llu", t->name, what, t->encoding,
                 (unsigned long long)mr_intake_offset(&t->intake));
    return mr_error_final(err);
}

/* Transcodes what is in one buffer into the other, which is empty. Returns 0 or -1. */
static int transcode(struct mr_transcoder *t, struct mr_error *err)
{
    struct mr_intake *i = &t->intake;
    char *in = (char *)i->in + i->at, *out = t->out;
    size_t in_left = mr_intake_left(i), out_left = ROOM;
    bool last = i->drained && in_left == 0; /* some encodings leave a character until then */
    size_t code = last ? iconv(t->iconv, NULL, NULL, &out, &out_left)
                       : iconv(t->iconv, &in, &in_left, &out, &out_left);
    int cause = code == (size_t)-1 ? errno : 0;
    i->at = i->size - in_left;
    t->out_at = 0;
    t->out_size = ROOM - out_left;
    t->flushed = last;
    if (cause == EILSEQ)
        return bad(t, "it is not valid", err);
    if (cause == EINVAL && i->drained)
        return bad(t, "it ends within a character of", err);
    return 0;
}

ssize_t mr_transcoder_read(struct mr_transcoder *t, unsigned char *to, size_t size,
                           struct mr_error *err)
{
    size_t done = 0;
    while (done < size) {
        size_t left = t->out_size - t->out_at, n = left < size - done ? left : size - done;
        memcpy(to + done, t->out + t->out_at, n);
        t->out_at += n;
        done += n;
        if (t->out_at < t->out_size)
            continue;
        if (t->flushed)
            break;
        if (mr_intake_refill(&t->intake, CHARACTER, err) < 0 || transcode(t, err) < 0)
            return -1;
    }
    return (ssize_t)done;
}

void mr_transcoder_close(struct mr_transcoder *t)
{
    if (t == NULL)
        return;
    iconv_close(t->iconv);
    free(t);
}
