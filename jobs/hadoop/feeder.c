/* From a descriptor to another. */
#include "feeder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 256 << 10 };

int feeder_write(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno != EINTR)
            return -1;
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

size_t feeder_mark(const char *bytes, size_t size)
{
    static const char mark[] = "\xEF\xBB\xBF";
    return size >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;
}

static int run_with(struct records *r, int from, int to, bool at_start, char *in, char *out)
{
    ssize_t size;
    while ((size = read(from, in, PIECE)) != 0) {
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return -1;
        size_t skip = at_start ? feeder_mark(in, (size_t)size) : 0;
        at_start = false;
        size_t made = records_turn(r, in + skip, (size_t)size - skip, out);
        if (feeder_write(to, out, made) < 0)
            return -1;
    }
    return feeder_write(to, out, records_end(r, out));
}

int feeder_run(struct records *r, int from, int to, bool from_file_start)
{
    char *in = malloc(PIECE), *out = malloc(records_room(r, PIECE));
    int result = in && out ? run_with(r, from, to, from_file_start, in, out) : -1;
    free(in);
    free(out);
    return result;
}
