/*
 * The side of the mapper: a program gets the lines of each stretch of a file that a map task has,
 * and what it writes is emitted.
 *
 *     to be | or not    ->    tr a-z A-Z    ->    TO BE | OR NOT    ->    records (keyed_line.h)
 */
#include "programs.h"
#include "task_environment.h"

/* ---- what is emitted -------------------------------------------------------------------- */

/* Emits a line, or a part of one; with a combiner, later what that makes of it. */
static int emit_line(const struct programs *p, struct mr_context *out, const unsigned char *bytes,
                     size_t size, enum mr_part part)
{
    struct program_mapper *t = mr_task(out);
    bool added = false;
    if (p->combiner != NULL && !mr_is_result(out) &&
        program_combiner_add(p, &t->combiner, out, bytes, size, part, &added) < 0)
        return -1;
    return added ? 0 : keyed_line_emit(&p->keys, &t->line, out, bytes, size, part);
}

static int take_output(void *arg, const unsigned char *bytes, size_t size, enum mr_part part)
{
    struct mr_context *out = arg;
    struct program_mapper *t = mr_task(out);
    return emit_line(t->programs, out, bytes, size, part);
}

/* ---- without a program ------------------------------------------------------------------ */

/* Takes the lines as they are. */
static int pass_on(const struct programs *p, const struct mr_chunk *chunk, struct mr_context *out)
{
    struct program_mapper *t = mr_task(out);
    const unsigned char *line = chunk->data;
    size_t at = 0, size = chunk->size;
    if (p->combiner != NULL && t->file == NULL && task_environment_set(chunk, out) < 0)
        return -1;
    t->file = chunk->file;
    if (chunk->part != MR_WHOLE) {
        size -= chunk->part == MR_LAST && size > 0 && line[size - 1] == '\n';
        return emit_line(p, out, line, size, chunk->part);
    }
    if (mr_is_result(out))
        return size == 0 ? 0 : mr_emit_lines(out, line, size - (line[size - 1] == '\n'));
    while (mr_line_next(chunk, &at, &line, &size))
        if (emit_line(p, out, line, size, MR_WHOLE) < 0)
            return -1;
    return 0;
}

/* ---- with one --------------------------------------------------------------------------- */

/* The program has failed: says so, and how far it had come. */
static void tell(const struct programs *p, const struct program_mapper *t,
                 const struct exchange_end *end, struct mr_context *out)
{
    uint64_t at = t->start + t->exchange.fed;
    struct shown_line line;
    const char *more, *text;
    if (!recent_line(&t->recent, at, &line)) {
        (void)mr_fail(out, "the mapper '%s' %s, having read '%s' up to byte %llu at most%s",
                      p->mapper, end->how, t->file, (unsigned long long)at, end->last_words);
        return;
    }
    text = shown_line_text(&line, &more);
    (void)mr_fail(out, "the mapper '%s' %s, having read '%s' up to byte %llu at most, in the line "
                       "'%s'%s at byte %llu%s", p->mapper, end->how, t->file,
                  (unsigned long long)at, text, more, (unsigned long long)line.offset,
                  end->last_words);
}

/* The exchange has failed: says so, where it was the program that has. Returns -1. */
static int failed(const struct programs *p, struct program_mapper *t, struct mr_context *out)
{
    struct exchange_end end;
    if (exchange_explain(&t->exchange, &end))
        tell(p, t, &end, out);
    exchange_close(&t->exchange);
    return -1;
}

/* What a pipe holds, and as much again; or what there is, with a part for a combiner. */
static size_t recent_room(const struct mr_context *out)
{
    enum { ENOUGH = 5 << 19 };
    size_t room = mr_map_room(out) / 2;
    return room < ENOUGH ? room : ENOUGH;
}

static int open_program(const struct programs *p, struct program_mapper *t,
                        const struct mr_chunk *chunk, struct mr_context *out)
{
    if (task_environment_set(chunk, out) < 0)
        return -1;
    t->programs = p;
    t->source = chunk->source;
    t->file = chunk->file;
    t->start = chunk->offset;
    t->unended = false;
    recent_begin(&t->recent, t->start, recent_room(out));
    return exchange_open(&t->exchange, p->mapper, out, take_output, mr_is_result(out)) < 0
               ? failed(p, t, out)
               : 0;
}

/* The last line of a file gets its end, if it has none. */
static int close_program(const struct programs *p, struct program_mapper *t, struct mr_context *out)
{
    if (!t->exchange.open)
        return 0;
    if ((t->unended && exchange_feed(&t->exchange, (const unsigned char *)"\n", 1) < 0) ||
        exchange_finish(&t->exchange) < 0)
        return failed(p, t, out);
    exchange_close(&t->exchange);
    return 0;
}

int program_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct programs *p = state;
    struct program_mapper *t = mr_task(out);
    if (p->mapper == NULL)
        return pass_on(p, chunk, out);
    if (t->exchange.open && t->source != chunk->source && close_program(p, t, out) < 0)
        return -1;
    if (!t->exchange.open && open_program(p, t, chunk, out) < 0)
        return -1;
    if (chunk->size == 0)
        return 0;
    t->unended = chunk->data[chunk->size - 1] != '\n';
    if (!exchange_is_sated(&t->exchange))
        recent_add(&t->recent, chunk->data, chunk->size);
    return exchange_feed(&t->exchange, chunk->data, chunk->size) < 0 ? failed(p, t, out) : 0;
}

int program_map_end(const void *state, void *task, struct mr_context *out)
{
    struct program_mapper *t = task;
    int result = close_program(state, t, out);
    if (result == 0)
        result = program_combine(state, &t->combiner, out);
    program_combiner_free(&t->combiner);
    recent_free(&t->recent);
    keyed_line_free(&t->line);
    return result;
}
