/* Decoding ahead, in a thread. */
#include "input/decode_ahead.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 4, ROOM = 128 << 10 };

struct block {
    ssize_t size; /* -1: the source has failed, and there is no more */
    unsigned char bytes[ROOM];
};

struct mr_decode_ahead {
    mr_coded_source *source;
    void *arg;
    pthread_t thread;
    sem_t empty, full;    /* blocks */
    atomic_bool stopped;  /* what is decoded is not wanted any more */
    struct mr_error err;  /* the source's */
    size_t block, at;     /* the reader's place */
    bool waited;          /* for the block there */
    struct block blocks[BLOCKS];
};

static void wait_for(sem_t *blocks)
{
    while (sem_wait(blocks) < 0 && errno == EINTR)
        ;
}

static void *decode_ahead(void *arg)
{
    struct mr_decode_ahead *a = arg;
    ssize_t got = ROOM;
    for (size_t i = 0; got == ROOM; i++) {
        struct block *b = &a->blocks[i % BLOCKS];
        wait_for(&a->empty);
        if (atomic_load(&a->stopped))
            break;
        got = a->source(a->arg, b->bytes, ROOM, &a->err);
        b->size = got;
        sem_post(&a->full);
    }
    return NULL;
}

struct mr_decode_ahead *mr_decode_ahead_start(mr_coded_source *source, void *arg)
{
    struct mr_decode_ahead *a = malloc(sizeof *a);
    if (a == NULL)
        return NULL;
    memset(a, 0, offsetof(struct mr_decode_ahead, blocks));
    a->source = source;
    a->arg = arg;
    sem_init(&a->empty, 0, BLOCKS);
    sem_init(&a->full, 0, 0);
    if (pthread_create(&a->thread, NULL, decode_ahead, a) == 0)
        return a;
    sem_destroy(&a->empty);
    sem_destroy(&a->full);
    free(a);
    return NULL;
}

ssize_t mr_decode_ahead_read(struct mr_decode_ahead *a, unsigned char *to, size_t size,
                             struct mr_error *err)
{
    size_t done = 0;
    while (done < size) {
        struct block *b = &a->blocks[a->block % BLOCKS];
        if (!a->waited)
            wait_for(&a->full);
        a->waited = true;
        if (b->size < 0) {
            *err = a->err;
            return -1;
        }
        size_t left = (size_t)b->size - a->at, n = left < size - done ? left : size - done;
        memcpy(to + done, b->bytes + a->at, n);
        a->at += n;
        done += n;
        if (a->at < (size_t)b->size || b->size < ROOM) /* the last stays where it is */
            break;
        a->at = 0;
        a->waited = false;
        a->block++;
        sem_post(&a->empty);
    }
    return (ssize_t)done;
}

void mr_decode_ahead_stop(struct mr_decode_ahead *a)
{
    if (a == NULL)
        return;
    atomic_store(&a->stopped, true);
    sem_post(&a->empty);
    pthread_join(a->thread, NULL);
    sem_destroy(&a->empty);
    sem_destroy(&a->full);
    free(a);
}
