/*
 * Words made against the engine's hashes, tables and sorts (unit/collide.h), one a line:
 *
 *     hostile KIND COUNT [SIZE]
 *
 * `hostile usual 300000 15` makes as many that are drawn at random, to compare with.
 */
#include "../unit/collide.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { LARGEST = 1 << 16 };

static bool is_word(const unsigned char *key, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (key[i] == ' ' || (key[i] >= '\t' && key[i] <= '\r'))
            return false;
    return true;
}

/* The number-th of a kind's words; returns its size. */
typedef size_t make_word(unsigned char *key, uint64_t number, size_t size);

static uint64_t draw(uint64_t number)
{
    return XXH64(&number, sizeof number, 0);
}

static size_t usual(unsigned char *key, uint64_t number, size_t size)
{
    for (size_t at = 0; at < size; at += 8)
        put_letters(key + at, 8, draw(number * LARGEST + at));
    return size;
}

/* Half of the key is what was a constant of the hash, but for one bit. */
static size_t half(unsigned char *key, uint64_t number, size_t size)
{
    memcpy(key, "\x14\x7c\x4a\x7f\xb9\x79\x37\x9e", 8);
    put_letters(key + 8, 6, number);
    (void)size;
    return 14;
}

static size_t of_hash(unsigned char *key, uint64_t hash, uint64_t number)
{
    unsigned char end[7];
    put_letters(end, sizeof end, number);
    short_of_hash(key, hash, end);
    return MR_SHORT_KEY;
}

static size_t one_hash(unsigned char *key, uint64_t number, size_t size)
{
    (void)size;
    return of_hash(key, UINT64_C(0x123456789ABCDEF), number);
}

static size_t one_bucket(unsigned char *key, uint64_t number, size_t size)
{
    (void)size;
    return of_hash(key, UINT64_C(0x1234567) << 32 | (uint32_t)draw(number), number);
}

static size_t low_bits(unsigned char *key, uint64_t number, size_t size)
{
    (void)size;
    return of_hash(key, draw(number) << 32 | 0x1234567, number);
}

/* Few words of one hash, again and again: as many as a set of the combine table has no room for. */
static size_t few_short(unsigned char *key, uint64_t number, size_t size)
{
    return one_hash(key, draw(number) % 40, size);
}

static size_t few_usual(unsigned char *key, uint64_t number, size_t size)
{
    return usual(key, draw(number) % 40, size);
}

static size_t long_one_hash(unsigned char *key, uint64_t number, size_t size)
{
    (void)size;
    long_of_one_hash(key, number);
    return 32;
}

static size_t few_long(unsigned char *key, uint64_t number, size_t size)
{
    return long_one_hash(key, draw(number) % 40, size);
}

static size_t large_one_hash(unsigned char *key, uint64_t number, size_t size)
{
    large_of_one_hash(key, size, number);
    return size;
}

/* Alike but for their ends. */
static size_t alike(unsigned char *key, uint64_t number, size_t size)
{
    memset(key, 'a', size);
    put_letters(key + size - 8, 8, draw(number));
    return size;
}

/* Each shares one byte more with all before it. */
static size_t stairs(unsigned char *key, uint64_t number, size_t size)
{
    memset(key, 'a', size);
    size_t step = number % (size - 12);
    key[step] = 'b';
    put_letters(key + size - 8, 8, draw(number));
    return size;
}

/* Seven words in eight are few, but come where new ones before them have the mapper let long words
 * pass its table by. */
static size_t phases(unsigned char *key, uint64_t number, size_t size)
{
    return usual(key, number % (1 << 17) < 1 << 14 ? number : number % 10, size);
}

static const struct {
    const char *name;
    make_word *make;
} kinds[] = {
    { "usual", usual }, { "half", half }, { "one-hash", one_hash }, { "one-bucket", one_bucket },
    { "low-bits", low_bits }, { "few-short", few_short }, { "few-usual", few_usual },
    { "long-one-hash", long_one_hash }, { "few-long", few_long },
    { "large-one-hash", large_one_hash }, { "alike", alike }, { "stairs", stairs },
    { "phases", phases },
};

int main(int argc, char **argv)
{
    static unsigned char key[2 * LARGEST];
    make_word *make = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && argc >= 3; i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            make = kinds[i].make;
    size_t size = argc > 3 ? strtoul(argv[3], NULL, 10) : 15;
    if (make == NULL || size > LARGEST) {
        fprintf(stderr, "usage: hostile KIND COUNT [SIZE]\n");
        return 2;
    }
    uint64_t count = strtoull(argv[2], NULL, 10);
    for (uint64_t number = 0; count > 0; number++) {
        size_t n = make(key, number, size);
        if (!is_word(key, n))
            continue;
        key[n] = '\n';
        if (fwrite(key, 1, n + 1, stdout) != n + 1)
            return 1;
        count--;
    }
    return fflush(stdout) != 0;
}
