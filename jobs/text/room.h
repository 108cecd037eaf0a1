/*
 * Room: bytes of a map task's own, in which a key or a value is put together before it is emitted.
 * They grow as they must, and stand where they are until room is asked for again.
 */
#ifndef ROOM_H
#define ROOM_H

#include "mapreduce.h"

struct room {
    unsigned char *at;
    size_t size;
};

/* Gives room for size bytes, at whose beginning is what stood there. NULL, and why, on failure. */
unsigned char *room_get(struct room *room, size_t size, struct mr_context *out);

/* Gives the room back: as the end of a job whose tasks have a struct room for their memory. */
int room_end(const void *state, void *task, struct mr_context *out);

/* Gives it back where map has failed, after which a task has no end. Returns map's result. */
int room_after(struct room *room, int result);

#endif
