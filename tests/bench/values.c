/*
 * Counts lines in two ways, to see what values in order cost:
 *
 *   values numbers [OPTION]... FILE     by numbers that the engine adds
 *   values bytes [OPTION]... FILE       by values of 8 bytes, all of which reduce sees
 */
#include <mapreduce.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int map_numbers(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    while (mr_line_next(chunk, &at, &line, &size))
        if (mr_emit(out, line, size, 1) < 0)
            return -1;
    return 0;
}

static int map_bytes(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    const uint64_t one = 1;
    (void)state;
    while (mr_line_next(chunk, &at, &line, &size))
        if (mr_emit_value(out, line, size, &one, sizeof one) < 0)
            return -1;
    return 0;
}

static int reduce_bytes(const void *state, struct mr_key *key, struct mr_value_list *values,
                        struct mr_context *out)
{
    const unsigned char *bytes;
    char text[24];
    uint64_t sum = 0, value;
    size_t size;
    int more;
    (void)state, (void)key;
    while ((more = mr_values_next(values)) > 0) {
        if (mr_values_whole(values, &bytes, &size) < 0)
            return -1;
        memcpy(&value, bytes, sizeof value);
        sum += value;
    }
    if (more < 0)
        return -1;
    int length = snprintf(text, sizeof text, "%" PRIu64, sum);
    return mr_emit_result(out, NULL, 0, text, (size_t)length);
}

static const struct mr_job jobs[] = {
    { .name = "numbers", .map = map_numbers, .whole_records = true, .order = MR_BY_KEY },
    { .name = "bytes", .values = MR_BYTES, .map = map_bytes, .reduce_values = reduce_bytes,
      .whole_records = true, .order = MR_BY_KEY },
};

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    const struct mr_job *job = &jobs[strcmp(argv[1], jobs[1].name) == 0];
    argv[1] = argv[0];
    return mr_main(job, argc - 1, argv + 1);
}
