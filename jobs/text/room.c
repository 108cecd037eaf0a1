/* Room to put keys and values together in. */
#include "room.h"

#include <stdlib.h>

unsigned char *room_get(struct room *room, size_t size, struct mr_context *out)
{
    if (size <= room->size)
        return room->at;
    unsigned char *at = realloc(room->at, 2 * size);
    if (at == NULL) {
        (void)mr_fail(out, "there is no memory for a record of %zu bytes; try a smaller --memory",
                      size);
        return NULL;
    }
    room->at = at;
    room->size = 2 * size;
    return at;
}

int room_end(const void *state, void *task, struct mr_context *out)
{
    (void)state;
    (void)out;
    free(((struct room *)task)->at);
    return 0;
}

int room_after(struct room *room, int result)
{
    if (result < 0) {
        free(room->at);
        *room = (struct room){ NULL, 0 };
    }
    return result;
}
