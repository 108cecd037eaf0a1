/* Failed attempts: a list of how each ended. */
#include "control/failed_attempts.h"

#include "base/memory.h"
#include "base/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mr_failed_attempt {
    const void *phase;
    size_t task;
    unsigned attempt;
    char text[512];
};

void mr_failed_attempts_add(struct mr_failed_attempts *f, const void *phase, size_t task,
                            unsigned attempt, const char *text)
{
    struct mr_error ignored;
    struct mr_failed_attempt *at = mr_memory_grow(f->at, &f->capacity, f->count, sizeof *at,
                                                  "failed attempts", &ignored);
    if (at == NULL)
        return;
    f->at = at;
    at += f->count++;
    at->phase = phase;
    at->task = task;
    at->attempt = attempt;
    mr_message(at->text, sizeof at->text, "%s", text);
}

/* Appends "attempts 1 to 3: killed by signal 9 (Killed)". */
static size_t tell(char *text, size_t n, size_t size, const struct mr_failed_attempt *first,
                   const struct mr_failed_attempt *last)
{
    char numbers[48];
    if (n >= size)
        return n;
    snprintf(numbers, sizeof numbers, first == last ? "attempt %u" : "attempts %u to %u",
             first->attempt, last->attempt);
    return n + mr_message(text + n, size - n, "%s%s: %s", n ? "; " : "", numbers, first->text);
}

void mr_failed_attempts_list(const struct mr_failed_attempts *f, const void *phase, size_t task,
                             char *text, size_t size)
{
    const struct mr_failed_attempt *first = NULL, *last = NULL;
    size_t n = 0;
    *text = '\0';
    for (size_t i = 0; i < f->count; i++) {
        const struct mr_failed_attempt *at = &f->at[i];
        if (at->phase != phase || at->task != task)
            continue;
        bool alike = first && strcmp(first->text, at->text) == 0;
        if (first && !alike)
            n = tell(text, n, size, first, last);
        first = alike ? first : at;
        last = at;
    }
    if (first)
        tell(text, n, size, first, last);
}

void mr_failed_attempts_free(struct mr_failed_attempts *f)
{
    free(f->at);
    *f = (struct mr_failed_attempts){ NULL, 0, 0 };
}
