/*
 * Fuzzes what stands between Hadoop's command lines and programs: how a command is taken apart
 * (jobs/hadoop/command.c), and how lines are turned (jobs/hadoop/records.c).
 *
 * Holds true: no word of a command is longer than it, nor are all together; without quotes and
 * backslashes, words are what spaces part. Lines are the same however they are cut into pieces, fit in
 * the room said, have no CR, and each has a separator where one is asked for.
 *
 * An input: what to do; a command, or the number of fields and the separator, the size of pieces, and
 * bytes.
 */
#include "fuzz.h"

#include "command.h"
#include "records.h"

static void fuzz_split(const char *command)
{
    struct list words = { 0 };
    size_t all = 0;
    command_split(command, &words);
    for (size_t i = 0; i < words.count; i++)
        all += strlen(words.at[i]);
    hold(all <= strlen(command));
    if (strpbrk(command, "'\"") == NULL) {
        struct list plain = { 0 };
        list_add_parts(&plain, command, " ");
        hold(plain.count == words.count);
        for (size_t i = 0; i < words.count; i++)
            hold(strcmp(plain.at[i], words.at[i]) == 0);
    }
    keep_nothing();
}

static size_t turn(struct records r, const unsigned char *bytes, size_t size, size_t piece,
                   char *to)
{
    size_t made = 0;
    for (size_t at = 0; at < size; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        made += records_convert(&r, (const char *)bytes + at, n, to + made);
    }
    return made + records_end(&r, to + made);
}

static void fuzz_turn(struct choices c)
{
    static const struct separator separators[] = { { 1, "," }, { 3, ",a," } };
    size_t chosen = choose(&c);
    struct records r = { .fields = chosen % 3, .separator = separators[chosen / 3 % 2],
                         .written = "=>" };
    size_t piece = 1 + choose(&c) % 7, room = records_room(&r, c.left);
    unsigned char *bytes = copy_of(c.at, c.left);
    char *whole = get_memory(room), *pieces = get_memory(room);
    size_t size = turn(r, bytes, c.left, c.left + 1, whole);
    hold(size <= room && turn(r, bytes, c.left, piece, pieces) == size);
    hold(memcmp(whole, pieces, size) == 0 && memchr(whole, '\r', size) == NULL);
    hold(size == 0 || whole[size - 1] == '\n');
    for (const char *at = whole, *end = whole + size, *lf; r.fields > 0 && at < end; at = lf + 1) {
        lf = memchr(at, '\n', (size_t)(end - at));
        hold(memmem(at, (size_t)(lf - at), "=>", 2) != NULL);
    }
    free(bytes);
    free(whole);
    free(pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = { data, size };
    if (choose(&c) % 2 == 0) {
        fuzz_turn(c);
        return 0;
    }
    char *command = get_memory(c.left + 1);
    if (c.left > 0)
        memcpy(command, c.at, c.left);
    command[c.left] = '\0';
    fuzz_split(command);
    free(command);
    return 0;
}
