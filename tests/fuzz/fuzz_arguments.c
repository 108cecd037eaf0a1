/*
 * Fuzzes the command line: engine/program/arguments.c with the options of jobs/wordcount.c.
 *
 * Holds true: any arguments and any list of files are read without harm and give a configuration
 * that is within its limits, help, or a message and a status; nothing is opened but the lists, and
 * nothing leaks. Numbers, sizes and delimiters mean what the man page says, as a few plain lines
 * read it.
 *
 * An input: 0, how many arguments, these, each ended by NUL, and the bytes of the list; or which
 * option, and its argument.
 */
#include "fuzz.h"

#include <getopt.h>
#include <unistd.h>

/* The files that --files0-from and lists of words name are ours, whatever their names: none of the
 * machine's is read. */
static struct choices list_bytes;

static FILE *open_list(const char *path, const char *mode)
{
    (void)path;
    FILE *file = fmemopen((void *)(uintptr_t)list_bytes.at, list_bytes.left, mode);
    hold(file != NULL && strcmp(mode, "r") == 0);
    return file;
}

static FILE *list_input; /* standard input's place */

#define fopen open_list
#undef stdin
#define stdin list_input
#include "program/name_list.c"
#include "text/token_list.c"
#undef fopen

#include "jobs.h"
#include "program/arguments.h"

enum { ARGUMENTS_MAX = 16 };

/* ---- any arguments ---------------------------------------------------------------------- */

/* The names are the list's, each ended by NUL or by the list's end. */
static void check_list(const struct mr_config *config)
{
    struct choices c = list_bytes;
    for (size_t i = 0; i < config->input_count; i++) {
        size_t size = strnlen((const char *)c.at, c.left);
        hold(size > 0 && strlen(config->inputs[i]) == size);
        hold(memcmp(config->inputs[i], c.at, size) == 0);
        size += size < c.left;
        c.at += size;
        c.left -= size;
    }
    hold(c.left == 0);
}

static void check_config(const struct mr_arguments *a)
{
    const struct mr_config *c = &a->config;
    hold(c->mappers <= 1024 && c->reducers <= 4096 && c->max_attempts <= 1000);
    hold(c->memory == 0 || c->memory >= MR_MEMORY_MIN);
    hold(c->order < MR_ORDERS && c->format < MR_FORMATS);
    hold(c->output == NULL || c->output_dir == NULL);
    hold(c->input_count > 0 || a->names.bytes != NULL);
    if (a->names.bytes != NULL)
        check_list(c);
    struct mr_job fitted = job_wordcount;
    fitted.fit(a->state, &fitted);
    for (size_t i = 0; i < c->input_count; i++) {
        const struct mr_records *r = fitted.records(a->state, c->inputs[i]);
        unsigned count = 0;
        for (unsigned b = 0; b < 256; b++)
            count += r->ends.has[b];
        bool nul = r->ends.has[0];
        hold((count > 0 && count <= 3) || count == 6 || (nul && count <= 8));
    }
}

static const struct mr_job *const jobs[] = { &job_wordcount, NULL };

/* In place of a job's file, which is the machine's. */
static const struct mr_job *load_none(const char *path, struct mr_error *err)
{
    hold(strchr(path, '/') != NULL);
    mr_error_set(err, "no job is loaded from '%s'", path);
    return NULL;
}

/* Reads a command line. Returns what it was taken for; free a in any case. */
static enum mr_arguments_end read_arguments(struct mr_arguments *a, int count, char **arguments)
{
    int status = -1;
    optind = 0; /* begins anew */
    opterr = 0;
    memset(&failure, 0, sizeof failure);
    list_input = open_list("-", "r");
    const struct mr_catalog catalog = { .jobs = jobs, .load = load_none };
    enum mr_arguments_end end = mr_arguments_read(a, &catalog, count, arguments, &status, &failure);
    fclose(list_input);
    if (end == MR_ARGUMENTS_WRONG) {
        hold(failure.text[0] != '\0');
        hold(status == 1 || status == 2);
        hold(memchr(failure.text, '\0', sizeof failure.text) != NULL);
    } else if (end == MR_ARGUMENTS_RUN) {
        check_config(a);
    }
    return end;
}

static void fuzz_arguments(struct choices c)
{
    char program[] = "wc-mr", *arguments[ARGUMENTS_MAX + 2] = { program };
    int count = 1, wanted = 1 + (int)(choose(&c) % (ARGUMENTS_MAX + 1));
    struct mr_arguments a;
    while (count < wanted) {
        size_t size = strnlen((const char *)c.at, c.left);
        char *argument = get_memory(size + 1);
        memcpy(argument, c.at, size);
        argument[size] = '\0';
        arguments[count++] = argument;
        size += size < c.left;
        c.at += size;
        c.left -= size;
    }
    char *all[ARGUMENTS_MAX + 2];
    memcpy(all, arguments, sizeof all); /* getopt_long puts them in another order */
    list_bytes = c;
    read_arguments(&a, count, arguments);
    mr_arguments_free(&a);
    for (int i = 1; i < count; i++)
        free(all[i]);
}

/* ---- one option, beside a plain reading of it -------------------------------------------- */

/* The number that the text begins with, at most the largest, and what is behind it. False when
 * it does not begin with a digit. */
static bool plain_number(const char **text, unsigned __int128 *number)
{
    const unsigned __int128 most = (unsigned __int128)1 << 100;
    if (**text < '0' || **text > '9')
        return false;
    for (*number = 0; **text >= '0' && **text <= '9'; (*text)++)
        *number = *number < most ? *number * 10 + (unsigned)(**text - '0') : most;
    return true;
}

static bool plain_count(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
    unsigned __int128 number;
    if (!plain_number(&text, &number) || *text != '\0' || number < least || number > most)
        return false;
    *value = (uint64_t)number;
    return true;
}

/* A size in bytes: 4K or 4k or 4, 4096b; of E and P the capitals alone. */
static bool plain_size(const char *text, uint64_t least, uint64_t *value)
{
    static const char units[] = "bKMGTPE", lower[] = "bkmgt";
    unsigned __int128 number;
    if (!plain_number(&text, &number) || (*text != '\0' && text[1] != '\0'))
        return false;
    const char *unit = *text ? strchr(units, *text) : units + 1;
    const char *small = *text ? strchr(lower, *text) : NULL;
    if (unit == NULL && small == NULL)
        return false;
    for (ptrdiff_t n = unit ? unit - units : small - lower; n > 0; n--)
        number = number < (unsigned __int128)1 << 100 ? number << 10 : number;
    if (number < least || number > (uint64_t)1 << 62)
        return false;
    *value = (uint64_t)number;
    return true;
}

/* A percentage of memory is only looked at for its limits: its value is the machine's. */
static bool is_percent(const char *text)
{
    size_t size = strlen(text);
    return size > 1 && strspn(text, "0123456789") == size - 1 && text[size - 1] == '%';
}

/* The byte that -d begins with, itself or as in C; *at is set behind it. -1: it is none. */
static int plain_byte(const char **at)
{
    static const char escapes[] = "abfnrtv\\", bytes[] = "\a\b\f\n\r\t\v\\";
    const char *text = *at;
    *at = text + 1;
    if (text[0] != '\\' || text[1] == '\0')
        return (unsigned char)text[0];
    const char *escape = strchr(escapes, text[1]);
    *at = text + 2;
    if (escape != NULL)
        return bytes[escape - escapes];
    const bool hex = text[1] == 'x';
    unsigned value = 0, digits = 0;
    for (text += 1 + hex; *text && digits < (hex ? 2 : 3); text++, digits++) {
        const char *all = "0123456789abcdef";
        const char *digit = memchr(all, *text >= 'A' && *text <= 'F' ? *text + 32 : *text,
                                   hex ? 16 : 8);
        if (digit == NULL)
            break;
        value = value * (hex ? 16 : 8) + (unsigned)(digit - all);
    }
    *at = text;
    return digits > 0 && value < 256 ? (int)value : -1;
}

static void check_delimiter(const char *text, bool good, const struct mr_arguments *a)
{
    const bool white = *text == '\0';
    int byte = 0;
    size_t count = 0;
    bool ends_lines = false;
    for (; *text && byte >= 0; count++) {
        byte = plain_byte(&text);
        ends_lines |= byte == '\n' || byte == '\r';
    }
    hold(good == (byte >= 0 && !(ends_lines && count > 1)));
    if (!good)
        return;
    const struct mr_records *r = job_wordcount.records(a->state, "table.csv");
    for (int b = 0; b < 256; b++)
        hold(r->ends.has[b] == (white ? b == ' ' || (b >= 9 && b <= 13)
                                      : (count == 1 && b == byte) || b == '\n' || b == '\r'));
}

static void fuzz_option(unsigned which, struct choices c)
{
    static const char *const names[] = {
        "--top=", "--mappers=", "--reducers=", "--max-attempts=", "--split-size=", "--memory=",
        "--min-count=", "--delimiter=",
    };
    const char *name = names[which % 8];
    size_t start = strlen(name), size = strnlen((const char *)c.at, c.left);
    char program[] = "wc-mr", *option = get_memory(start + size + 1);
    memcpy(option, name, start);
    if (size > 0)
        memcpy(option + start, c.at, size);
    option[start + size] = '\0';
    const char *text = option + start;
    char *arguments[] = { program, option, NULL };
    struct mr_arguments a;
    bool good = read_arguments(&a, 2, arguments) == MR_ARGUMENTS_RUN;
    const struct mr_config *config = &a.config;
    uint64_t value = 0;
    bool taken = true;
    switch (which % 8) {
    case 0: taken = plain_count(text, 0, MR_NONE - 1, &value) &&
                   config->top == (value ? value : MR_NONE); break;
    case 1: taken = plain_count(text, 1, 1024, &value) && config->mappers == value; break;
    case 2: taken = plain_count(text, 0, 4096, &value) && config->reducers == value &&
                   config->no_reduce == (value == 0); break;
    case 3: taken = plain_count(text, 1, 1000, &value) && config->max_attempts == value; break;
    case 4: taken = plain_size(text, 1, &value) && config->split_size == value; break;
    case 5:
        taken = plain_size(text, MR_MEMORY_MIN, &value) && config->memory == value;
        if (is_percent(text))
            taken = good;
        break;
    case 6: taken = plain_count(text, 0, UINT64_MAX, &value); break;
    default: check_delimiter(text, good, &a); taken = good;
    }
    hold(good == taken);
    mr_arguments_free(&a);
    free(option);
}

/* ---- the fuzzer ------------------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = { data, size };
    unsigned which = choose(&c);
    list_bytes = (struct choices){ (const uint8_t *)"", 0 };
    if (which == 0)
        fuzz_arguments(c);
    else
        fuzz_option(which, c);
    return 0;
}
