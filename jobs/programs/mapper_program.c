/*
 * The side of the mapper: a program gets the lines of each stretch of a file that a map task has,
 * and what it writes is emitted.
 *
 *     to be | or not    ->    tr a-z A-Z    ->    TO BE | OR NOT    ->    records (keyed_line.h)
 */
#include "culprit.h"
#include "programs.h"
#include "task_environment.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is emitted -------------------------------------------------------------------- */

/* Emits a line that is to be whole, once all parts of it have come. */
static int emit_whole(const struct programs *p, struct mr_context *out, const unsigned char *bytes,
                      size_t size, enum mr_part part)
{
    struct program_mapper *t = mr_task(out);
    const size_t most = mr_map_memory(out) / 2;
    if (part == MR_WHOLE)
        return p->emit(p, out, bytes, size, MR_WHOLE);
    if (part == MR_FIRST)
        t->fill = 0;
    if (size > most || t->fill > most - size)
        return mr_fail_for_good(out, "the mapper '%s' has written a line of more than %zu bytes, "
                                     "which is what there is memory for: give more (--memory)",
                                p->mapper, most);
    unsigned char *at = bytes_hold(&t->gathered, t->fill + size, out);
    if (at == NULL)
        return -1;
    memcpy(at + t->fill, bytes, size);
    t->fill += size;
    return part == MR_LAST ? p->emit(p, out, at, t->fill, MR_WHOLE) : 0;
}

/* Whether lines are emitted several at once: they are looked at one by one elsewhere. */
static bool takes_many(const struct programs *p, const struct mr_context *out)
{
    return p->emit == NULL && (p->combiner == NULL || mr_is_result(out));
}

/* Emits a line, several, or a part of one; with a combiner, later what that makes of it. */
static int emit_line(const struct programs *p, struct mr_context *out, const unsigned char *bytes,
                     size_t size, enum mr_part part)
{
    struct program_mapper *t = mr_task(out);
    bool added = false;
    if (p->emit)
        return (p->whole_lines ? emit_whole : p->emit)(p, out, bytes, size, part);
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
    if (takes_many(p, out))
        return size == 0 ? 0 : emit_line(p, out, line, size - (line[size - 1] == '\n'), MR_WHOLE);
    while (mr_line_next(chunk, &at, &line, &size))
        if (emit_line(p, out, line, size, MR_WHOLE) < 0)
            return -1;
    return 0;
}

/* ---- with one --------------------------------------------------------------------------- */

/* Where a byte that the program gets stands in the file. */
static unsigned long long place_of(const struct program_mapper *t, uint64_t byte)
{
    uint64_t at = t->start + byte;
    for (size_t i = 0; i < t->gap_count && t->gaps[i].at <= byte; i++)
        at += t->gaps[i].size;
    return at;
}

/* Notes what stands between the last chunk and this one, if something does. */
static int note_gap(struct program_mapper *t, const struct mr_chunk *chunk, struct mr_context *out)
{
    uint64_t size = chunk->offset - t->start - t->given - t->left_out;
    if (size == 0)
        return 0;
    if (t->gap_count == t->gap_room) {
        size_t room = 2 * t->gap_room + 16;
        struct program_gap *more = realloc(t->gaps, room * sizeof *more);
        if (more == NULL)
            return mr_fail(out, "there is no memory for a list of records that are passed over");
        t->gaps = more;
        t->gap_room = room;
    }
    t->gaps[t->gap_count++] = (struct program_gap){ t->given, size };
    t->left_out += size;
    return 0;
}

/* The program has failed: says so, and how far it had come. */
static void tell(const struct programs *p, const struct program_mapper *t,
                 const struct exchange_end *end, struct mr_context *out)
{
    uint64_t fed = t->exchange.fed;
    unsigned long long at = fed > 0 ? place_of(t, fed - 1) + 1 : t->start;
    struct shown_line line;
    const char *more, *text;
    if (!recent_line(&t->recent, fed, &line)) {
        (void)mr_fail(out, "the mapper '%s' %s, having read '%s' up to byte %llu at most%s",
                      p->mapper, end->how, t->file, at, end->last_words);
        return;
    }
    text = shown_line_text(&line, &more);
    (void)mr_fail(out, "the mapper '%s' %s, having read '%s' up to byte %llu at most, in the line "
                       "'%s'%s at byte %llu%s", p->mapper, end->how, t->file, at, text, more,
                  place_of(t, line.offset), end->last_words);
}

/* The exchange has failed: says so, where it was the program that has. Returns -1. */
static int failed(const struct programs *p, struct program_mapper *t, struct mr_context *out)
{
    struct exchange_end end;
    uint64_t offset, size;
    bool by_itself = exchange_explain(&t->exchange, &end);
    if (by_itself)
        tell(p, t, &end, out);
    exchange_close(&t->exchange);
    if (by_itself && mr_may_skip(out) &&
        culprit_find(p->mapper, &t->recent, t->exchange.fed, out, &offset, &size))
        mr_blame(out, t->source, place_of(t, offset),
                 t->recent.at + (offset - t->recent.offset),
                 size < t->given - offset ? size : t->given - offset);
    return -1;
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
    t->given = t->left_out = 0;
    t->gap_count = 0;
    if (exchange_open(&t->exchange, p->mapper, out, take_output, takes_many(p, out)) < 0)
        return failed(p, t, out);
    culprit_begin(&t->exchange, &t->recent, mr_map_memory(out) / 2);
    return 0;
}

/* The last line of a file gets its end, if it has none. */
static int close_program(const struct programs *p, struct program_mapper *t, struct mr_context *out)
{
    if (!t->exchange.open)
        return 0;
    if ((t->unended &&
         culprit_feed(&t->exchange, &t->recent, (const unsigned char *)"\n", 1) < 0) ||
        exchange_finish(&t->exchange) < 0)
        return failed(p, t, out);
    exchange_close(&t->exchange);
    return 0;
}

int program_map(const void *state, const struct mr_chunk *chunk, struct mr_context *out)
{
    const struct programs *p = state;
    struct program_mapper *t = mr_task(out);
    mr_blame(out, 0, 0, NULL, 0); /* the program may be at any line before */
    if (p->mapper == NULL)
        return pass_on(p, chunk, out);
    if (t->exchange.open && t->source != chunk->source && close_program(p, t, out) < 0)
        return -1;
    if (!t->exchange.open && open_program(p, t, chunk, out) < 0)
        return -1;
    if (chunk->size == 0)
        return 0;
    if (note_gap(t, chunk, out) < 0)
        return -1;
    t->given += chunk->size;
    t->unended = chunk->data[chunk->size - 1] != '\n';
    return culprit_feed(&t->exchange, &t->recent, chunk->data, chunk->size) < 0 ? failed(p, t, out)
                                                                               : 0;
}

int program_map_end(const void *state, void *task, struct mr_context *out)
{
    struct program_mapper *t = task;
    int result = close_program(state, t, out);
    if (result == 0)
        result = program_combine(state, &t->combiner, out);
    program_combiner_free(&t->combiner);
    recent_free(&t->recent);
    free(t->gaps);
    keyed_line_free(&t->line);
    free(t->gathered.at);
    return result;
}
