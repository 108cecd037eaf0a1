/*
 * JSON, written value by value:
 *
 *     mr_json_open(&j, NULL, '{');
 *     mr_json_text(&j, "job", "wordcount");
 *     mr_json_number(&j, "tasks", 3);
 *     mr_json_close(&j, '}');                 j.text is {"job":"wordcount","tasks":3}
 *
 * A name is that of a member of an object, or NULL for an element of an array and for what stands
 * alone. Bytes that are no UTF-8 become the escapes \udc80 to \udcff, as in --format=jsonl. When
 * memory is out, what is written is not whole, and failed says so.
 */
#ifndef MR_PROGRAM_JSON_H
#define MR_PROGRAM_JSON_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

struct mr_json {
    struct mr_buffer text;
    bool more; /* what comes next stands behind a comma */
    bool failed;
};

/* Begins an object '{' or an array '['; ends it by '}' or ']'. */
void mr_json_open(struct mr_json *j, const char *name, char bracket);
void mr_json_close(struct mr_json *j, char bracket);

void mr_json_text(struct mr_json *j, const char *name, const char *text); /* NULL: null */
void mr_json_number(struct mr_json *j, const char *name, uint64_t number);
void mr_json_seconds(struct mr_json *j, const char *name, double seconds);
void mr_json_bool(struct mr_json *j, const char *name, bool value);

/* Adds a line end, or other bytes as they are; no comma comes behind them. */
void mr_json_raw(struct mr_json *j, const char *bytes);

/* Empties it for the next, and keeps the memory. */
void mr_json_clear(struct mr_json *j);

void mr_json_free(struct mr_json *j);

#endif
