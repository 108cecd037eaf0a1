/*
 * Lists of tokens, such as stop words: a token a line, in a file; a token is looked up by its hash.
 *
 *     the\nand\n      -> and? yes.  The? no, unless the list and the words are folded (-i).
 *
 * Lines end at LF, CR LF or a lone CR, and the last may have no end; a byte order mark at the
 * beginning is none of the first token's. An empty line is the empty token, which only fields can
 * be.
 */
#ifndef TOKEN_LIST_H
#define TOKEN_LIST_H

#include "mapreduce.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listed_token;

struct token_list {
    unsigned char *bytes; /* of the tokens, as they are read: each with an LF behind it */
    size_t size;
    struct listed_token *table; /* a token a slot, the others free; NULL until it is indexed */
    size_t slots;               /* a power of two */
    size_t longest;             /* bytes of a token */
    bool given;                 /* a file was read, be it empty */
};

/* Adds the tokens of a file, or of standard input (-), to what the list has. Returns 0, or -1, with
 * a code where the file or the system is not as it should be. */
int token_list_read(struct token_list *list, const char *path, struct mr_error *err);

/* Rewrites each token by rekey, which makes its bytes growth times as many at most. Returns 0 or
 * -1. */
int token_list_rewrite(struct token_list *list,
                       size_t (*rekey)(const void *state, const unsigned char *key, size_t size,
                                       unsigned char *to),
                       size_t growth, const void *state, struct mr_error *err);

/* Rewrites each token by rekey (NULL: not at all), and makes the table. Returns 0 or -1. */
int token_list_index(struct token_list *list,
                     size_t (*rekey)(const void *state, const unsigned char *key, size_t size,
                                     unsigned char *to),
                     const void *state, struct mr_error *err);

/* Whether a token is in a list that has its table. */
bool token_list_has(const struct token_list *list, const unsigned char *token, size_t size);

void token_list_free(struct token_list *list);

#endif
