/*
 * Quoting: how bytes are written where a format gives some of them a meaning.
 *
 *     csv    say "a, b"   in quotes, with quotes doubled (RFC 4180)     say ""a, b""
 *     jsonl  a\b<TAB>     escapes; bytes that are no UTF-8: format.h    a\\b\t
 *
 * Each writes n bytes at to, which has room for as many times more as it may need, and returns the
 * byte after them. A piece of what is quoted must not cut a valid UTF-8 sequence.
 */
#ifndef MR_WRITE_QUOTE_H
#define MR_WRITE_QUOTE_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char *mr_put(unsigned char *to, const unsigned char *bytes, size_t n);

enum { MR_QUOTED_GROWTH = 2, MR_JSON_GROWTH = 6 }; /* bytes that one may become */

/* What stands between the quotes of CSV. */
unsigned char *mr_put_quoted(unsigned char *to, const unsigned char *bytes, size_t n);

/* What stands between the quotes of JSON. */
unsigned char *mr_put_json(unsigned char *to, const unsigned char *bytes, size_t n);

/* Whether CSV must quote a field that has these bytes. */
bool mr_wants_quotes(const unsigned char *bytes, size_t n);

#endif
