/* JSON, value by value. */
#include "program/json.h"

#include "write/quote.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void add(struct mr_json *j, const void *bytes, size_t n)
{
    if (!j->failed && mr_buffer_add(&j->text, bytes, n) < 0)
        j->failed = true;
}

static void quote(struct mr_json *j, const char *text)
{
    size_t size = strlen(text);
    unsigned char *to = mr_buffer_reserve(&j->text, MR_JSON_GROWTH * size + 2);
    if (to == NULL) {
        j->failed = true;
        return;
    }
    unsigned char *end = to;
    *end++ = '"';
    end = mr_put_json(end, (const unsigned char *)text, size);
    *end++ = '"';
    j->text.size += (size_t)(end - to);
}

/* What stands before a value: a comma behind another, and its name. */
static void begin(struct mr_json *j, const char *name)
{
    if (j->more)
        add(j, ",", 1);
    j->more = true;
    if (name) {
        quote(j, name);
        add(j, ":", 1);
    }
}

void mr_json_open(struct mr_json *j, const char *name, char bracket)
{
    begin(j, name);
    add(j, &bracket, 1);
    j->more = false;
}

void mr_json_close(struct mr_json *j, char bracket)
{
    add(j, &bracket, 1);
    j->more = true;
}

void mr_json_text(struct mr_json *j, const char *name, const char *text)
{
    begin(j, name);
    if (text)
        quote(j, text);
    else
        add(j, "null", 4);
}

void mr_json_number(struct mr_json *j, const char *name, uint64_t number)
{
    char digits[24];
    begin(j, name);
    add(j, digits, (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number));
}

void mr_json_seconds(struct mr_json *j, const char *name, double seconds)
{
    char digits[64];
    begin(j, name);
    bool possible = seconds > 0 && seconds < 1e15; /* none but a clock's are */
    add(j, digits, (size_t)snprintf(digits, sizeof digits, "%.6f", possible ? seconds : 0));
}

void mr_json_bool(struct mr_json *j, const char *name, bool value)
{
    begin(j, name);
    add(j, value ? "true" : "false", value ? 4 : 5);
}

void mr_json_raw(struct mr_json *j, const char *bytes)
{
    add(j, bytes, strlen(bytes));
    j->more = false;
}

void mr_json_clear(struct mr_json *j)
{
    j->text.size = 0;
    j->more = j->failed = false;
}

void mr_json_free(struct mr_json *j)
{
    mr_buffer_free(&j->text);
    *j = (struct mr_json){ .failed = false };
}
