/*
 * Keys with tabs: where a job's own keys come to a program as "key TAB value", a line does not say
 * where the key of one ends that has a tab itself. So it is noted, by where in all that the program
 * is fed the lines of such a key are.
 *
 *     "a" "1", "b\tc" "2", "d" "3"    ->    bytes 4 to 10: a key of 3 bytes
 */
#ifndef TAB_KEYS_H
#define TAB_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tab_key {
    uint64_t from, to; /* its lines */
    size_t size;
};

struct tab_keys {
    struct tab_key *at;
    size_t count, room;
    bool open;          /* lines of the last one may yet come */
    uint64_t forgotten; /* bytes of which nothing is known, before all others */
};

/* Before the lines of any key, with a tab or without, which begin at this byte: those before end
 * there. Of keys with a tab at most `most` are known. */
void tab_keys_begin(struct tab_keys *k, uint64_t offset, bool tab, size_t size, size_t most);

/* Sets *size to that of the key of a line, which begins at this byte. Returns false where that
 * cannot be known. */
bool tab_keys_size(const struct tab_keys *k, uint64_t offset, const unsigned char *line,
                   size_t line_size, size_t *size);

void tab_keys_free(struct tab_keys *k);

#endif
