/* Values to one. */
#include "aggregate.h"

#include "say.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__) && __GNUC__ >= 10 && !defined(__clang__)
/* gcc's analyzer takes an item for lost that the tree keeps. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* A distinct value, and how often it was there. */
struct item {
    int64_t count;
    char text[];
};

struct group {
    const struct function *function; /* NULL: there is no group yet */
    char *key;                       /* with the function before it */
    bool any;                        /* a value has come */
    int64_t number;
    double real;
    char *text;  /* the least or greatest */
    void *items; /* a tree of struct item */
    size_t item_count;
};

struct function {
    const char *name;
    int (*add)(struct group *g, const char *value); /* returns 0, or -1: it is no such value */
    void (*print)(const struct group *g);
};

/* ---- numbers ---------------------------------------------------------------------------- */

static bool read_long(const char *text, int64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return (isdigit((unsigned char)*text) || *text == '-' || *text == '+') && end != text &&
           *end == '\0' && errno == 0;
}

static int add_long(struct group *g, const char *value)
{
    int64_t number;
    if (!read_long(value, &number))
        return -1;
    g->number = (int64_t)((uint64_t)g->number + (uint64_t)number);
    return 0;
}

static int keep_long(struct group *g, const char *value, bool greatest)
{
    int64_t number;
    if (!read_long(value, &number))
        return -1;
    if (!g->any || (greatest ? number > g->number : number < g->number))
        g->number = number;
    return 0;
}

static int add_greatest_long(struct group *g, const char *value)
{
    return keep_long(g, value, true);
}

static int add_least_long(struct group *g, const char *value)
{
    return keep_long(g, value, false);
}

static void print_long(const struct group *g)
{
    printf("%" PRId64, g->number);
}

static int add_double(struct group *g, const char *value)
{
    char *end;
    double number = strtod(value, &end);
    if (end == value || end[strspn(end, " \t")] != '\0')
        return -1;
    g->real += number;
    return 0;
}

/* Whether a text says which number it is, among all doubles or all floats. */
static bool is_number(const char *text, double number, bool as_float)
{
    return as_float ? strtof(text, NULL) == (float)number : strtod(text, NULL) == number;
}

/* The fewest digits, of two and more, that say which number it is, as d.ddd and an exponent;
 * without a zero that is all there is behind the point. */
static long fewest_digits(double number, bool as_float, char *to, size_t room)
{
    int digits = 1;
    do
        snprintf(to, room, "%.*e", digits, number);
    while (digits++ < 17 && !is_number(to, number, as_float));
    char *e = strchr(to, 'e');
    long exponent = e ? strtol(e + 1, NULL, 10) : 0;
    if (e)
        *e = '\0';
    if (text_ends(to, ".0"))
        to[strlen(to) - 2] = '\0';
    return exponent;
}

static void write_real(double number, bool as_float, char *to, size_t room)
{
    char digits[40];
    if (isnan(number) || isinf(number)) {
        snprintf(to, room, "%s", isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
        return;
    }
    long exponent = fewest_digits(number, as_float, digits, sizeof digits);
    int decimals = (int)strcspn(digits, ".");
    decimals = digits[decimals] == '.' ? (int)strlen(digits) - decimals - 1 : 0;
    long left = decimals - exponent; /* digits behind the point */
    if (exponent >= -3 && exponent < 7)
        snprintf(to, room, "%.*f", left > 0 ? (int)left : 1, number);
    else
        snprintf(to, room, "%s%sE%ld", digits, decimals > 0 ? "" : ".0", exponent);
}

void aggregate_double(double number, char *to, size_t room)
{
    write_real(number, false, to, room);
}

void aggregate_float(float number, char *to, size_t room)
{
    write_real((double)number, true, to, room);
}

static void print_number(double number)
{
    char text[64];
    aggregate_double(number, text, sizeof text);
    fputs(text, stdout);
}

static void print_double(const struct group *g)
{
    print_number(g->real);
}

/* ---- texts ------------------------------------------------------------------------------ */

static int keep_text(struct group *g, const char *value, bool greatest)
{
    int order = g->any ? strcmp(value, g->text) : 0;
    if (g->any && (greatest ? order <= 0 : order >= 0))
        return 0;
    free(g->text);
    g->text = strdup(value);
    return g->text ? 0 : -1;
}

static int add_greatest_text(struct group *g, const char *value)
{
    return keep_text(g, value, true);
}

static int add_least_text(struct group *g, const char *value)
{
    return keep_text(g, value, false);
}

static void print_text(const struct group *g)
{
    fputs(g->text, stdout);
}

/* ---- distinct values -------------------------------------------------------------------- */

static int compare_items(const void *a, const void *b)
{
    return strcmp(((const struct item *)a)->text, ((const struct item *)b)->text);
}

static int add_item(struct group *g, const char *value, size_t size, int64_t count)
{
    struct item *item = calloc(1, sizeof *item + size + 1);
    if (item == NULL)
        return -1;
    memcpy(item->text, value, size);
    struct item **found = tsearch(item, &g->items, compare_items);
    if (found != NULL && *found == item) {
        item->count = count;
        g->item_count++;
        return 0; /* it is the tree's now */
    }
    free(item);
    if (found != NULL)
        (*found)->count += count;
    return found != NULL ? 0 : -1;
}

static int add_distinct(struct group *g, const char *value)
{
    return add_item(g, value, strlen(value), 1);
}

static void print_distinct(const struct group *g)
{
    printf("%zu", g->item_count);
}

/* A value, or a value, a tab and how often it was there. */
static int add_counted(struct group *g, const char *value)
{
    const char *tab = strrchr(value, '\t');
    int64_t count = 1;
    if (tab != NULL && !read_long(tab + 1, &count))
        return -1;
    return add_item(g, value, tab ? (size_t)(tab - value) : strlen(value), count);
}

struct counts {
    int64_t *at;
    size_t count;
};

static void gather(const void *node, VISIT which, void *arg)
{
    struct counts *c = arg;
    if (which == postorder || which == leaf)
        c->at[c->count++] = (*(struct item *const *)node)->count;
}

static int compare_counts(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* How many distinct ones; of how often they were there, the least, the middle one, the greatest,
 * the mean and the deviation. */
static void print_histogram(const struct group *g)
{
    struct counts c = { malloc((g->item_count + 1) * sizeof *c.at), 0 };
    double sum = 0, squares = 0, n = (double)g->item_count;
    if (c.at == NULL) {
        say_plain("-reducer aggregate: there is no memory for a histogram");
        exit(1);
    }
    twalk_r(g->items, gather, &c);
    qsort(c.at, c.count, sizeof *c.at, compare_counts);
    for (size_t i = 0; i < c.count; i++)
        sum += (double)c.at[i];
    for (size_t i = 0; i < c.count; i++)
        squares += ((double)c.at[i] - sum / n) * ((double)c.at[i] - sum / n);
    printf("%zu\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t", c.count, c.at[0], c.at[c.count / 2],
           c.at[c.count - 1]);
    print_number(sum / n);
    putchar('\t');
    print_number(sqrt(squares / n));
    free(c.at);
}

static const struct function functions[] = {
    { "LongValueSum", add_long, print_long },
    { "LongValueMax", add_greatest_long, print_long },
    { "LongValueMin", add_least_long, print_long },
    { "DoubleValueSum", add_double, print_double },
    { "StringValueMax", add_greatest_text, print_text },
    { "StringValueMin", add_least_text, print_text },
    { "UniqValueCount", add_distinct, print_distinct },
    { "ValueHistogram", add_counted, print_histogram },
};

/* ---- groups ----------------------------------------------------------------------------- */

static int refuse(const char *why, const char *key, const char *value)
{
    struct mr_error err = { 0 };
    (void)mr_error_set(&err, "-reducer aggregate: %s (the key is '%s', the value '%s')", why, key,
                       value);
    say_plain(err.text);
    return -1;
}

static void close_group(struct group *g, const char *separator)
{
    if (g->function != NULL) {
        printf("%s%s", strchr(g->key, ':') + 1, separator);
        g->function->print(g);
        putchar('\n');
    }
    free(g->key);
    free(g->text);
    tdestroy(g->items, free);
    *g = (struct group){ 0 };
}

static int open_group(struct group *g, const char *key, const char *value)
{
    size_t size = strcspn(key, ":");
    for (size_t i = 0; key[size] != '\0' && i < sizeof functions / sizeof *functions; i++)
        if (strlen(functions[i].name) == size && strncmp(functions[i].name, key, size) == 0)
            g->function = &functions[i];
    if (g->function == NULL)
        return refuse("a key is to be FUNCTION:ID, with LongValueSum, LongValueMax, LongValueMin, "
                      "DoubleValueSum, StringValueMax, StringValueMin, UniqValueCount or "
                      "ValueHistogram", key, value);
    g->key = strdup(key);
    return g->key ? 0 : refuse("there is no memory", key, value);
}

static int take(struct group *g, const char *key, const char *value, const char *separator)
{
    if (g->function != NULL && strcmp(g->key, key) != 0)
        close_group(g, separator);
    if (g->function == NULL && open_group(g, key, value) < 0)
        return -1;
    if (g->function->add(g, value) < 0)
        return refuse("the value is not what the function takes", key, value);
    g->any = true;
    return 0;
}

static int refuse_zero(const char *line)
{
    struct mr_error err = { 0 };
    (void)mr_error_set(&err, "-reducer aggregate: a zero byte is behind '%s': neither keys nor "
                             "values may have one", line);
    say_plain(err.text);
    return -1;
}

/* Reads a line, without its end. Returns 1; 0 where there is none; or -1. */
static int read_line(char **line, size_t *room)
{
    ssize_t size = getline(line, room, stdin);
    if (size <= 0 && !feof(stdin))
        say_plain("-reducer aggregate: a line cannot be read");
    if (size <= 0)
        return feof(stdin) ? 0 : -1;
    size -= (*line)[size - 1] == '\n';
    (*line)[size] = '\0';
    return strlen(*line) == (size_t)size
               ? 1
               : refuse_zero(*line);
}

/* The same for two lines, a key and its value. */
static int read_record(char **key, size_t *key_room, char **value, size_t *value_room)
{
    int more = read_line(key, key_room);
    return more > 0 ? read_line(value, value_room) : more;
}

int aggregate_main(char **words)
{
    struct group g = { 0 };
    char *key = NULL, *value = NULL;
    size_t key_room = 0, value_room = 0;
    const char *separator = words[0] ? words[0] : "\t";
    int result = 0, more;
    while (result == 0 && (more = read_record(&key, &key_room, &value, &value_room)) != 0)
        result = more < 0 ? -1 : take(&g, key, value, separator);
    if (result < 0)
        g.function = NULL;
    close_group(&g, separator);
    free(key);
    free(value);
    return result == 0 && fflush(stdout) == 0 ? 0 : 1;
}
