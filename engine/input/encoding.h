/*
 * Text in other encodings, as UTF-8, by iconv: what begins with a byte order mark of UTF-16 or
 * UTF-32, or any encoding that is asked for by name.
 *
 *     FF FE 61 00 E4 00     UTF-16LE, known by its mark    ->  EF BB BF 61 C3 A4
 *     61 E4                 --encoding=latin1              ->  61 C3 A4
 *     FF FE 00 D8 61 00     half of a pair: an error, at byte 2
 *
 * The mark becomes that of UTF-8, which the reader drops. Text in these without a mark is not
 * decoded unless that is asked for; what is plainly such is told of (unmarked.h).
 */
#ifndef MR_INPUT_ENCODING_H
#define MR_INPUT_ENCODING_H

#include "input/decode.h"

/* The encoding whose mark text begins with; NULL: none. */
const char *mr_encoding_of_mark(const unsigned char *head, size_t size);

/* Refuses a name that iconv does not know. Returns 0 or -1 (final). */
int mr_encoding_check(const char *encoding, struct mr_error *err);

struct mr_transcoder;

/* Starts to transcode what was taken from the source already, size bytes (MR_INTAKE_ROOM at most),
 * and then the rest of it. name is for messages. NULL when memory is out, or iconv does not know
 * the encoding. */
struct mr_transcoder *mr_transcoder_open(const char *encoding, mr_coded_source *source, void *arg,
                                         const char *name, const unsigned char *taken, size_t size,
                                         struct mr_error *err);

/* Gives up to size bytes of UTF-8, fewer only at the end. Returns the bytes or -1. */
ssize_t mr_transcoder_read(struct mr_transcoder *t, unsigned char *to, size_t size,
                           struct mr_error *err);

void mr_transcoder_close(struct mr_transcoder *t);

#endif
