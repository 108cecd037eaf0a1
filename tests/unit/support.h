/*
 * What the unit tests share: checks for loops, a fixed sequence of random numbers, a scratch
 * directory that is also a job's store, and plain lists of (key, value) pairs to compare with.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "mapreduce.h"
#include "base/memory.h"
#include "partition/hash.h"
#include "store/keys.h"
#include "store/spool.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELPER static __attribute__((unused))

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Seconds until a test is said to hang: what takes two takes a minute in a checking build on a
 * busy machine. */
enum { HANGS = 600 };

/* ---- checks ----------------------------------------------------------------------------- */

/* Where the engine says what went wrong. */
HELPER struct mr_error err;

/* As cr_assert, which tells the runner of every success and is too slow for loops. */
#define check(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            cr_assert_fail("%s", #condition);                                                      \
    } while (0)

/* The same with words that say for which input. */
#define check_for(condition, ...)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            cr_assert_fail(__VA_ARGS__);                                                           \
    } while (0)

/* An engine call that must succeed. */
#define must(call)                                                                                 \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            cr_assert_fail("%s: %s", #call, err.text);                                             \
    } while (0)

/* An engine call that must fail and say these words. */
#define must_fail(call, words)                                                                     \
    do {                                                                                           \
        err.text[0] = '\0';                                                                        \
        if ((call) >= 0)                                                                           \
            cr_assert_fail("%s did not fail", #call);                                              \
        if (strstr(err.text, words) == NULL)                                                       \
            cr_assert_fail("%s says '%s', not '%s'", #call, err.text, words);                      \
    } while (0)

/* ---- random numbers --------------------------------------------------------------------- */

HELPER uint64_t random_state = 1;

/* The same sequence in each run of a test (splitmix64). */
HELPER uint64_t draw(void)
{
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

HELPER uint64_t draw_below(uint64_t n)
{
    return draw() % n;
}

/* Fills bytes from an alphabet, or with any bytes where that is NULL. */
HELPER void draw_bytes(unsigned char *to, size_t n, const char *alphabet)
{
    for (size_t i = 0; i < n; i++)
        to[i] = alphabet ? (unsigned char)alphabet[draw_below(strlen(alphabet))]
                         : (unsigned char)draw();
}

/* ---- files ------------------------------------------------------------------------------ */

/* The job's store; its directory is the scratch directory of the test, too. */
HELPER struct mr_store *store;

HELPER void make_store(void)
{
    const char *parent = getenv("TMPDIR");
    store = mr_memory_get_shared(sizeof *store);
    check(store != NULL);
    store->allowed = 1 << 30;
    store->fd_limit = 1 << 10;
    store->files.full = 1 << 20;
    snprintf(store->directory, sizeof store->directory, "%s/wc-mr-unit-XXXXXX",
             parent && *parent ? parent : "/tmp");
    check(mkdtemp(store->directory) != NULL);
    store->fd = open(store->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check(store->fd >= 0);
    store->nameless = true;
}

HELPER int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

HELPER void remove_store(void)
{
    nftw(store->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    mr_memory_files_close(&store->files);
    close(store->fd);
    mr_memory_release(store, sizeof *store);
    store = NULL;
}

/* Has the store lose its directory: nothing can be made there any more. */
HELPER void lose_store(void)
{
    char path[sizeof store->directory + 16];
    snprintf(path, sizeof path, "%s/not-there", store->directory);
    close(store->fd);
    check(mkdir(path, 0700) == 0);
    store->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check(store->fd >= 0 && rmdir(path) == 0);
}

/* A path in the scratch directory; stands until the fourth call from now. */
HELPER const char *scratch(const char *name)
{
    static char paths[4][sizeof store->directory + 256];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", store->directory, name);
    return path;
}

HELPER const char *write_file(const char *name, const void *bytes, size_t size)
{
    const char *path = scratch(name);
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    check(fd >= 0);
    for (size_t done = 0; done < size;) {
        ssize_t put = write(fd, (const char *)bytes + done, size - done);
        check(put > 0);
        done += (size_t)put;
    }
    close(fd);
    return path;
}

/* A file's bytes, with a NUL behind them; the caller frees them. */
HELPER char *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    check_for(f != NULL, "cannot open %s", path);
    fseek(f, 0, SEEK_END);
    *size = (size_t)ftell(f);
    rewind(f);
    char *bytes = malloc(*size + 1);
    check(bytes != NULL && fread(bytes, 1, *size, f) == *size);
    bytes[*size] = '\0';
    fclose(f);
    return bytes;
}

HELPER int files_counted;

HELPER int count_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)path, (void)st, (void)at;
    files_counted += kind == FTW_F;
    return 0;
}

/* How many files there are in the scratch directory. */
HELPER int scratch_files(void)
{
    files_counted = 0;
    nftw(store->directory, count_one, 16, FTW_PHYS);
    return files_counted;
}

/* How many descriptors this process has open. */
HELPER int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* ---- pairs ------------------------------------------------------------------------------ */

struct pair {
    unsigned char *key;
    size_t size;
    uint64_t value;
};

struct pairs {
    struct pair *at;
    size_t count, room;
};

HELPER void add_pair(struct pairs *p, const void *key, size_t size, uint64_t value)
{
    if (p->count == p->room) {
        p->room = p->room ? 2 * p->room : 64;
        p->at = realloc(p->at, p->room * sizeof *p->at);
        check(p->at != NULL);
    }
    /* 16 bytes more: some functions may read, not use, so many behind a key. */
    unsigned char *copy = calloc(1, size + 16);
    check(copy != NULL);
    memcpy(copy, key, size);
    p->at[p->count++] = (struct pair){ copy, size, value };
}

HELPER void free_pairs(struct pairs *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->at[i].key);
    free(p->at);
    *p = (struct pairs){ NULL, 0, 0 };
}

HELPER int compare_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

HELPER int by_key(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int order = compare_bytes(x->key, x->size, y->key, y->size);
    return order ? order : (x->value > y->value) - (x->value < y->value);
}

HELPER uint64_t sum(uint64_t a, uint64_t b)
{
    return a + b;
}

HELPER uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

HELPER void sort_by_key(struct pairs *p)
{
    if (p->count > 0)
        qsort(p->at, p->count, sizeof *p->at, by_key);
}

/* Sorts by key and brings equal keys together. */
HELPER void combine_pairs(struct pairs *p, uint64_t (*combine)(uint64_t, uint64_t))
{
    size_t kept = 0;
    sort_by_key(p);
    for (size_t i = 0; i < p->count; i++) {
        struct pair *last = kept ? &p->at[kept - 1] : NULL;
        if (last && compare_bytes(last->key, last->size, p->at[i].key, p->at[i].size) == 0) {
            last->value = combine(last->value, p->at[i].value);
            free(p->at[i].key);
        } else {
            p->at[kept++] = p->at[i];
        }
    }
    p->count = kept;
}

HELPER void check_same_pairs(const struct pairs *got, const struct pairs *wanted)
{
    for (size_t i = 0; i < got->count && i < wanted->count; i++) {
        const struct pair *a = &got->at[i], *b = &wanted->at[i];
        check_for(compare_bytes(a->key, a->size, b->key, b->size) == 0 && a->value == b->value,
                  "pair %zu is '%.*s' (%zu bytes) %llu, not '%.*s' (%zu bytes) %llu", i,
                  (int)(a->size < 50 ? a->size : 50), (const char *)a->key, a->size,
                  (unsigned long long)a->value, (int)(b->size < 50 ? b->size : 50),
                  (const char *)b->key, b->size, (unsigned long long)b->value);
    }
    check_for(got->count == wanted->count, "%zu pairs, not %zu", got->count, wanted->count);
}

/* A record of a pair that is in memory. */
HELPER struct mr_record record_of(const struct pair *p)
{
    return (struct mr_record){ p->key, (uint32_t)p->size, false, p->value };
}

/* Adds a record to pairs, its key read from where it stands if it is out-of-line. */
HELPER void add_record(struct pairs *p, const struct mr_record *r, struct mr_key_place place)
{
    if (!r->out_of_line) {
        add_pair(p, r->key, r->size, r->value);
        return;
    }
    struct mr_locator l = mr_locator_get(r->key);
    unsigned char *key = malloc(l.size + 1);
    size_t done = 0, size;
    const unsigned char *bytes;
    struct mr_key reading;
    int more;
    check(key != NULL);
    mr_key_open(&reading, r, place, &err);
    while ((more = mr_key_next(&reading, &bytes, &size)) > 0) {
        check(done + size <= l.size);
        memcpy(key + done, bytes, size);
        done += size;
    }
    must(more);
    check(done == l.size);
    check(l.hash == mr_hash(key, done));
    add_pair(p, key, done, r->value);
    free(key);
}

/* ---- standard input --------------------------------------------------------------------- */

/* Has standard input be a pipe into which a process of its own writes size bytes. */
HELPER pid_t feed_input(const unsigned char *bytes, size_t size)
{
    int ends[2];
    check(pipe(ends) == 0);
    pid_t writer = fork();
    if (writer == 0) {
        for (size_t done = 0; done < size;) {
            ssize_t put = write(ends[1], bytes + done, size - done);
            if (put <= 0)
                _exit(1);
            done += (size_t)put;
        }
        _exit(0);
    }
    close(ends[1]);
    check(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    close(ends[0]);
    return writer;
}

/* The process has ended, and all that it had to write was taken. */
HELPER void check_writer(pid_t writer)
{
    int status;
    check(waitpid(writer, &status, 0) == writer && status == 0);
}

#endif
