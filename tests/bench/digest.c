/*
 * Tells whether two programs counted alike: reduces the lines of a count on standard input to
 *
 *   WORDS DISTINCT DIGEST
 *
 * the sum of the counts, the number of lines, and a sum of hashes, one of each line's word and
 * count, which is the same for any order of the lines.
 *
 *   digest count-first|count-last words|fields
 *
 * count-first is uniq -c's form, "      2 word"; count-last is "word<tab>2". There are no empty
 * words, but empty fields: for words a line without one is what tr makes of white space at the
 * start of a text, and is passed over.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    const char *word;
    size_t length;
    uint64_t count;
};

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
    return x ^ x >> 32;
}

static uint64_t hash(const struct entry *entry)
{
    uint64_t sum = entry->length, piece;
    const char *at = entry->word;
    size_t left = entry->length;

    for (; left >= sizeof(piece); at += sizeof(piece), left -= sizeof(piece)) {
        memcpy(&piece, at, sizeof(piece));
        sum = mix(sum + piece);
    }
    piece = 0;
    memcpy(&piece, at, left);
    sum = mix(sum + piece);
    return mix(sum + mix(entry->count));
}

/* Both cut a line of length bytes, without its newline; false where it is not of the form. */
static int count_first(char *line, size_t length, struct entry *entry)
{
    char *end;
    entry->count = strtoull(line, &end, 10);
    if (*end != ' ' && *end != '\t' && *end != '\0')
        return 0;
    entry->word = *end ? end + 1 : end;
    entry->length = (size_t)(line + length - entry->word);
    return end != line;
}

static int count_last(char *line, size_t length, struct entry *entry)
{
    char *tab = memrchr(line, '\t', length), *end;
    if (!tab)
        return 0;
    *entry = (struct entry){line, (size_t)(tab - line), strtoull(tab + 1, &end, 10)};
    return end == line + length && end != tab + 1;
}

int main(int count, char **words)
{
    if (count != 3) {
        fprintf(stderr, "usage: digest count-first|count-last words|fields\n");
        return 2;
    }
    int (*cut)(char *, size_t, struct entry *) =
        strcmp(words[1], "count-last") == 0 ? count_last : count_first;
    int empty_counts = strcmp(words[2], "fields") == 0;
    uint64_t total = 0, distinct = 0, digest = 0;
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    while ((length = getline(&line, &room, stdin)) > 0) {
        struct entry entry;
        if (line[length - 1] == '\n')
            line[--length] = '\0';
        if (!cut(line, (size_t)length, &entry)) {
            fprintf(stderr, "digest: not a word and its count: %.200s\n", line);
            return 1;
        }
        if (entry.length == 0 && !empty_counts)
            continue;
        total += entry.count;
        distinct++;
        digest += hash(&entry);
    }
    free(line);
    printf("%" PRIu64 " %" PRIu64 " %016" PRIx64 "\n", total, distinct, digest);
    return 0;
}
