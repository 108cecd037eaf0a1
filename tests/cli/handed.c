/*
 * handed: how many bytes the words of FILE begin with each letter of, longest sums first, as a
 * program gets it itself.
 *
 *     handed FILE [LIMIT] [OUTPUT]
 *
 * It keeps the result in an array of its own, and prints that when the run is over; after LIMIT
 * records (0: none) it takes no more.
 */
#include <mapreduce.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const unsigned char *line;
    size_t at = 0, size;
    (void)state;
    while (mr_line_next(chunk, &at, &line, &size))
        if (mr_emit(out, line, size > 0, size) < 0)
            return -1;
    return 0;
}

static const struct mr_job job = { .name = "handed", .map = map, .whole_records = true };

struct letters {
    size_t count, limit;
    struct {
        char letter;
        unsigned long long bytes;
    } at[256];
    long pid;
};

/* Gets a record of the result. */
static int take(void *arg, struct mr_key *key, uint64_t number, struct mr_key *value,
                struct mr_error *err)
{
    struct letters *l = arg;
    const unsigned char *bytes;
    size_t size;
    (void)value; /* NULL, as the job's values are numbers */
    if (l->limit > 0 && l->count == l->limit)
        return mr_error_set(err, "%zu letters are enough", l->limit);
    if (getpid() != l->pid || mr_key_whole(key, &bytes, &size) < 0)
        return -1;
    l->at[l->count].letter = size > 0 ? (char)*bytes : '-';
    l->at[l->count++].bytes = number;
    return 0;
}

int main(int argc, char **argv)
{
    static struct letters letters;
    const char *inputs[] = { argc > 1 ? argv[1] : "-" };
    struct mr_config config = { .inputs = inputs, .input_count = 1, .reducers = 3,
                                .output = argc > 3 ? argv[3] : NULL, .result = take,
                                .result_arg = &letters };
    struct mr_report report;
    struct mr_error err;
    letters.limit = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    letters.pid = getpid();
    if (mr_run(&job, NULL, &config, &report, &err) < 0) {
        fprintf(stderr, "handed: %s\n", err.text);
        return 1;
    }
    for (size_t i = 0; i < letters.count; i++)
        printf("%c %llu\n", letters.at[i].letter, letters.at[i].bytes);
    printf("%llu records, %llu bytes written\n", (unsigned long long)report.written,
           (unsigned long long)report.output_bytes);
    return 0;
}
