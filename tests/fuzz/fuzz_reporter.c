/*
 * Fuzzes what is taken of a program's standard error: counters, as wc-mr reads them
 * (jobs/programs/reporter.c) and as Hadoop does (jobs/hadoop/counters.c).
 *
 * Holds true: what is counted is what a plain reading of three columns says, under names that have
 * no control characters where Hadoop's are printed; all else is not understood, and counts nothing.
 *
 * An input: which of the two, and a line; of the first, behind "reporter:" where that is chosen.
 */
#include "fuzz.h"

#include "base/context.h"
#include "counters.h"
#include "programs/reporter.h"
#include "text.h"

#include <ctype.h>

/* A line of three columns. */
struct columns {
    const char *at[3];
    size_t size[3];
};

static const char white[] = " \t\n\v\f\r";

/* Leaves out what is white around a column. */
static void trim(const char **at, size_t *size)
{
    for (; *size > 0 && strchr(white, **at) != NULL; (*size)--)
        (*at)++;
    for (; *size > 0 && strchr(white, (*at)[*size - 1]) != NULL; (*size)--)
        ;
}

/* Parts a text, in which no byte is 0, at commas. Returns whether there are two. */
static bool part(struct columns *c, const char *text, size_t size)
{
    size_t commas = 0, from = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && text[i] != ',')
            continue;
        if (commas < 3) {
            c->at[commas] = text + from;
            c->size[commas] = i - from;
        }
        commas += i < size;
        from = i + 1;
    }
    return commas == 2;
}

/* Reads all of a column as a number, of at most so much. */
static bool read_number(const char *at, size_t size, uint64_t most, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < size; i++) {
        if (!isdigit((unsigned char)at[i]) || *number > (most - (uint64_t)(at[i] - '0')) / 10)
            return false;
        *number = 10 * *number + (uint64_t)(at[i] - '0');
    }
    return size > 0;
}

/* ---- wc-mr's ---------------------------------------------------------------------------- */

/* What a line counts by itself; returns whether it is for the reporter. */
static bool read_plainly(const char *line, size_t size, uint64_t *number, char *name)
{
    static const char status[] = "reporter:status:", counter[] = "reporter:counter:";
    const size_t head = sizeof counter - 1;
    struct columns c;
    name[0] = '\0';
    if (size >= 512 || memchr(line, 0, size) != NULL)
        return false;
    if (size >= sizeof status - 1 && memcmp(line, status, sizeof status - 1) == 0)
        return true;
    if (size < head || memcmp(line, counter, head) != 0)
        return false;
    const char *text = line + head;
    size_t left = size - head;
    trim(&text, &left);
    if (!part(&c, text, left) || c.size[0] + 1 + c.size[1] >= MR_COUNTER_NAME ||
        !read_number(c.at[2], c.size[2], UINT64_MAX, number))
        return false;
    memcpy(name, c.at[0], c.size[0] + 1 + c.size[1]);
    name[c.size[0] + 1 + c.size[1]] = '\0';
    return true;
}

static void fuzz_reporter(const unsigned char *line, size_t size)
{
    static struct mr_counters counters;
    struct mr_context context = { .counters = &counters };
    const struct reporter r = { .context = &context };
    char name[MR_COUNTER_NAME];
    uint64_t number = 0;
    mr_counters_clear(&counters);
    bool wanted = read_plainly((const char *)line, size, &number, name);
    hold(reporter_understands(&r, line, size) == wanted);
    hold(counters.count == (wanted && name[0] != '\0') && !counters.too_long);
    if (counters.count > 0)
        hold(strcmp(counters.at[0].name, name) == 0 && counters.at[0].count == number);
}

/* ---- Hadoop's --------------------------------------------------------------------------- */

/* A name is its column, with spaces for control characters. */
static void check_name(const char *name, const char *at, size_t size)
{
    trim(&at, &size);
    hold(strlen(name) == size);
    for (size_t i = 0; i < size; i++)
        hold(name[i] == (iscntrl((unsigned char)at[i]) ? ' ' : at[i]));
}

static bool read_signed(const char *at, size_t size, int64_t *number)
{
    uint64_t n;
    trim(&at, &size);
    bool minus = size > 0 && *at == '-', sign = minus || (size > 0 && *at == '+');
    if (!read_number(at + sign, size - sign, (uint64_t)INT64_MAX + minus, &n))
        return false;
    *number = (int64_t)(minus ? 0 - n : n);
    return true;
}

static void fuzz_counters(const unsigned char *line, size_t size)
{
    struct counters counters = { NULL, 0, 0 };
    struct columns c;
    int64_t number = 0;
    char *text = get_memory(size + 1), *copy = get_memory(size + 1);
    memcpy(text, line, size);
    text[size] = '\0';
    size = strlen(text);
    memcpy(copy, text, size + 1);
    bool wanted = part(&c, copy, size) && read_signed(c.at[2], c.size[2], &number);
    hold(counters_understand(&counters, text) == wanted && counters.count == wanted);
    if (wanted) {
        check_name(counters.at[0].group, c.at[0], c.size[0]);
        check_name(counters.at[0].name, c.at[1], c.size[1]);
        hold(counters.at[0].amount == number);
    }
    keep_nothing();
    free(text);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = { data, size };
    unsigned which = choose(&c) % 4;
    const char *head = which == 0 ? "reporter:counter:" : which == 1 ? "reporter:status:" : "";
    unsigned char *line = get_memory(strlen(head) + c.left);
    memcpy(line, head, strlen(head));
    if (c.left > 0)
        memcpy(line + strlen(head), c.at, c.left);
    size = strlen(head) + c.left;
    const unsigned char *lf = memchr(line, '\n', size);
    size = lf ? (size_t)(lf - line) : size; /* it is one line */
    if (which < 3)
        fuzz_reporter(line, size);
    else
        fuzz_counters(line, size);
    free(line);
    return 0;
}
