/*
 * firsts: how many lines begin with each byte that is in SET; with -v, that is not in it.
 *
 * A job as a user would write it, with an operand and with letters that the engine has, too. By
 * itself it is a file to load; with OWN_PROGRAM a program; what else is defined makes a wrong file.
 */
#include <mapreduce.h>

#include <string.h>

struct firsts {
    const char *set;
    bool inverted;
    unsigned char add; /* to what a line counts for */
};

static const struct mr_records *lines(const void *state, const char *path)
{
    static const struct mr_records lf = { { { ['\n'] = 1 } } };
    (void)state;
    (void)path;
    return &lf;
}

static int map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct firsts *f = state;
    if (chunk->part == MR_MIDDLE || chunk->part == MR_LAST)
        return 0; /* the rest of a line whose first byte was counted */
    for (size_t at = 0; at < chunk->size;) {
        const unsigned char *end = memchr(chunk->data + at, '\n', chunk->size - at);
        size_t next = end ? (size_t)(end - chunk->data) + 1 : chunk->size;
        bool found = chunk->data[at] != 0 && strchr(f->set, chunk->data[at]) != NULL;
        if (found != f->inverted && mr_emit(out, chunk->data + at, 1, 1 + f->add) < 0)
            return -1;
        at = next;
    }
    return 0;
}

static int operand(void *state, const char *text, struct mr_error *err)
{
    struct firsts *f = state;
    if (f->set)
        return 0;
    if (*text == '\0')
        return mr_error_set(err, "SET is empty");
    f->set = text;
    return 1;
}

static int ready(void *state, struct mr_error *err)
{
    const struct firsts *f = state;
    return f->set ? 0 : mr_error_set(err, "SET is missing: the bytes that lines begin with");
}

static void identify(const void *state, struct mr_identity *to)
{
    const struct firsts *f = state;
    mr_identify(to, f->set, strlen(f->set) + 1);
    mr_identify(to, &f->inverted, sizeof f->inverted);
    mr_identify(to, &f->add, sizeof f->add);
}

static int set_inverted(void *state, const char *argument, struct mr_error *err)
{
    (void)argument;
    (void)err;
    ((struct firsts *)state)->inverted = true;
    return 0;
}

static int set_set(void *state, const char *argument, struct mr_error *err)
{
    (void)err;
    ((struct firsts *)state)->set = argument;
    return 0;
}

static int set_add(void *state, const char *argument, struct mr_error *err)
{
    if (argument[0] < '0' || argument[0] > '9' || argument[1] != '\0')
        return mr_error_set(err, "'%s' is no digit for -1", argument);
    ((struct firsts *)state)->add = (unsigned char)(argument[0] - '0');
    return 0;
}

#ifndef EXTRA_OPTION
#define EXTRA_OPTION { 0, NULL, NULL, NULL, NULL }
#endif

static const struct mr_option options[] = {
    { 'v', "invert", NULL, "lines that begin with none of SET", set_inverted },
    { 'S', "set", "SET", "SET; then there is no operand", set_set },
    { '1', NULL, "N", "count a line N times more", set_add },
    EXTRA_OPTION,
    { 0, NULL, NULL, NULL, NULL },
};

static const struct mr_job job = {
    .name = "firsts",
    .summary = "how many lines begin with each of some bytes",
    .usage = "SET [FILE]...",
    .key_name = "byte",
    .value_name = "lines",
    .options = options,
    .state_size = sizeof(struct firsts),
    .order = MR_BY_KEY,
    .format = MR_COLON,
    .operand = operand,
    .ready = ready,
    .identify = identify,
    .records = lines,
    .map = map,
};

#ifdef OWN_PROGRAM
int main(int argc, char **argv) { return mr_main(&job, argc, argv); }
#elif defined UNDEFINED
int mr_no_such_function(void);
int (*calls)(void) = mr_no_such_function;
MR_EXPORT_JOB(job);
#elif defined OTHER_ABI
#undef MR_ABI
#define MR_ABI OTHER_ABI
MR_EXPORT_JOB(job);
#elif defined OTHER_SIZE
const struct mr_exported_job mr_exported_job = { MR_ABI, sizeof job + 8, sizeof *options,
                                                 sizeof(struct mr_chunk), sizeof(struct mr_error),
                                                 &job };
#elif defined NOT_EXPORTED
const struct mr_job *mine(void) { return &job; }
#else
MR_EXPORT_JOB(job);
#endif
