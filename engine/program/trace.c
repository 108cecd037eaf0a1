/* The trace: events become lines of JSON. */
#include "program/trace.h"

#include "base/event.h"
#include "base/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FULL = 80 << 20, /* bytes: viewers take about 100 MB */
    FINEST = 2000    /* between two samples there is such a part of the run's time, or a tenth */
};

static const double sample_seconds = MR_TRACE_TICK / 1000.0;

/* The rows: viewers sort them by number, or by name. */
enum { RUN, FEEDER, JANITOR, WORKERS };

/* How far a row is. */
enum row { ROW_NEW, ROW_IDLE, ROW_OPEN };

static unsigned row_of(const struct mr_event *e)
{
    return e->aside ? FEEDER : WORKERS + e->worker;
}

/* A task that is to be done again: an arrow leads from where that was seen to the next attempt. */
struct mr_trace_again {
    char stage[16];
    size_t task;
    uint64_t arrow; /* 0: it has not begun yet, as its beginning must stand in an attempt */
};

void mr_trace_begin(struct mr_trace *t, const char *path)
{
    *t = (struct mr_trace){ .path = path, .file = MR_SIDE_FILE_NONE, .pid = getpid() };
}

/* ---- one event -------------------------------------------------------------------------- */

/* Begins an event of a kind, on a row, at a time, and not before the last one. It is written with
 * others of what was heard. */
static void begin(struct mr_trace *t, const char *kind, unsigned row, double seconds)
{
    uint64_t at = seconds > 0 ? (uint64_t)(seconds * 1e6) : 0;
    if (at > t->last)
        t->last = at;
    mr_json_raw(&t->json, t->file.size + t->json.text.size == 0 ? "[\n" : ",\n");
    mr_json_open(&t->json, NULL, '{');
    mr_json_text(&t->json, "ph", kind);
    mr_json_number(&t->json, "pid", (uint64_t)t->pid);
    mr_json_number(&t->json, "tid", row);
    mr_json_number(&t->json, "ts", t->last);
}

static void end(struct mr_trace *t)
{
    mr_json_close(&t->json, '}');
}

/* Writes the events that what was heard has become, which are one piece. */
static void put(struct mr_trace *t)
{
    if (!t->json.failed && t->json.text.size > 0)
        mr_side_file_put(&t->file, t->json.text.at, t->json.text.size);
    mr_json_clear(&t->json);
}

/* Gives a row, or all of them together, its name. */
static void name(struct mr_trace *t, const char *what, unsigned row, const char *text)
{
    begin(t, "M", row, 0);
    mr_json_text(&t->json, "name", what);
    mr_json_open(&t->json, "args", '{');
    mr_json_text(&t->json, "name", text);
    mr_json_close(&t->json, '}');
    end(t);
}

/* A sample of a curve. */
static void count(struct mr_trace *t, double seconds, const char *curve, const char *unit,
                  uint64_t number)
{
    begin(t, "C", RUN, seconds);
    mr_json_text(&t->json, "name", curve);
    mr_json_open(&t->json, "args", '{');
    mr_json_number(&t->json, unit, number);
    mr_json_close(&t->json, '}');
    end(t);
}

/* Something that happened to the run. */
static void mark(struct mr_trace *t, double seconds, const char *what, const char *text)
{
    begin(t, "i", RUN, seconds);
    mr_json_text(&t->json, "s", "g");
    mr_json_text(&t->json, "cat", "run");
    mr_json_text(&t->json, "name", what);
    mr_json_open(&t->json, "args", '{');
    mr_json_text(&t->json, "text", text);
    mr_json_close(&t->json, '}');
    end(t);
}

/* ---- arrows ----------------------------------------------------------------------------- */

static void expect_again(struct mr_trace *t, const struct mr_event *e)
{
    if (t->again_count == t->again_capacity) {
        size_t capacity = 2 * t->again_capacity + 16;
        struct mr_trace_again *more = realloc(t->again, capacity * sizeof *more);
        if (more == NULL)
            return; /* an arrow less */
        t->again = more;
        t->again_capacity = capacity;
    }
    struct mr_trace_again *a = &t->again[t->again_count++];
    *a = (struct mr_trace_again){ .task = e->task };
    snprintf(a->stage, sizeof a->stage, "%s", e->stage);
}

static void arrow(struct mr_trace *t, const char *kind, uint64_t id, const struct mr_event *e)
{
    begin(t, kind, row_of(e), e->seconds);
    mr_json_text(&t->json, "cat", "again");
    mr_json_text(&t->json, "name", "again");
    mr_json_number(&t->json, "id", id);
    if (*kind == 'f')
        mr_json_text(&t->json, "bp", "e");
    end(t);
}

/* An attempt is about to end in which it was seen which tasks must be done again. It ends behind
 * the arrows, as to a viewer that rounds they may not begin in it if they do where it ends. */
static void begin_arrows(struct mr_trace *t, const struct mr_event *e)
{
    const uint64_t before = t->arrows;
    for (size_t i = 0; i < t->again_count; i++)
        if (t->again[i].arrow == 0) {
            t->again[i].arrow = ++t->arrows;
            arrow(t, "s", t->again[i].arrow, e);
        }
    t->last += t->arrows > before;
}

/* An attempt has begun, which may be the one that was expected. */
static void end_arrows(struct mr_trace *t, const struct mr_event *e)
{
    for (size_t i = t->again_count; i-- > 0;) {
        const struct mr_trace_again a = t->again[i];
        if (a.task != e->task || strcmp(a.stage, e->stage) != 0)
            continue;
        if (a.arrow)
            arrow(t, "f", a.arrow, e);
        t->again[i] = t->again[--t->again_count];
    }
}

/* ---- rows ------------------------------------------------------------------------------- */

/* How far a row is; NULL when there is no memory for it. */
static unsigned char *state_of(struct mr_trace *t, unsigned row)
{
    while (t->rows.size <= row)
        if (mr_buffer_add(&t->rows, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16) < 0)
            return NULL;
    return &t->rows.at[row];
}

static void name_row(struct mr_trace *t, const struct mr_event *e)
{
    char text[64] = "run: feeder";
    if (!e->aside)
        mr_message(text, sizeof text, "worker %03u", e->worker + 1);
    name(t, "thread_name", row_of(e), text);
}

static void start_attempt(struct mr_trace *t, const struct mr_event *e)
{
    char text[64];
    unsigned char *row = state_of(t, row_of(e));
    if (row == NULL || t->full)
        return;
    if (*row == ROW_NEW)
        name_row(t, e);
    *row = ROW_OPEN;
    begin(t, "B", row_of(e), e->seconds);
    mr_json_text(&t->json, "cat", e->aside ? "feed" : e->stage);
    mr_message(text, sizeof text, "%s %zu", e->aside ? "feed" : e->stage, e->task);
    mr_json_text(&t->json, "name", text);
    mr_json_open(&t->json, "args", '{');
    mr_json_number(&t->json, "task", e->task);
    mr_json_number(&t->json, "attempt", e->attempt);
    mr_json_number(&t->json, "pid", (uint64_t)e->pid);
    mr_json_text(&t->json, "about", e->about);
    mr_json_close(&t->json, '}');
    end(t);
    end_arrows(t, e);
}

static void end_attempt(struct mr_trace *t, const struct mr_event *e)
{
    unsigned char *row = state_of(t, row_of(e));
    if (row == NULL || *row != ROW_OPEN)
        return;
    *row = ROW_IDLE;
    if (e->end == MR_END_RETRIED || e->end == MR_END_PUT_BACK)
        expect_again(t, e);
    begin_arrows(t, e);
    begin(t, "E", row_of(e), e->seconds);
    mr_json_open(&t->json, "args", '{');
    mr_json_text(&t->json, "end", mr_end_name(e->end));
    mr_json_number(&t->json, "read", e->read);
    if (e->end == MR_END_DONE && !e->aside) {
        mr_json_number(&t->json, "bytes", e->bytes);
        mr_json_number(&t->json, "records", e->records);
    } else if (e->end != MR_END_DONE) {
        mr_json_number(&t->json, "signal", (uint64_t)e->signal);
        mr_json_text(&t->json, "why", e->text);
    }
    mr_json_close(&t->json, '}');
    end(t);
}

/* ---- the run ---------------------------------------------------------------------------- */

static void end_stage(struct mr_trace *t, double seconds)
{
    if (!t->in_stage)
        return;
    t->in_stage = false;
    begin(t, "E", RUN, seconds);
    end(t);
}

/* It begins before there is a file. */
static void begin_janitor(struct mr_trace *t)
{
    name(t, "thread_name", JANITOR, "run: janitor");
    begin(t, "B", JANITOR, t->janitor_at);
    mr_json_text(&t->json, "cat", "run");
    mr_json_text(&t->json, "name", "janitor");
    mr_json_open(&t->json, "args", '{');
    mr_json_number(&t->json, "pid", (uint64_t)t->janitor);
    mr_json_close(&t->json, '}');
    end(t);
}

/* A run dismisses it when all has been cleaned up. */
static void end_janitor(struct mr_trace *t, const struct mr_event *e)
{
    begin(t, "E", JANITOR, e->seconds);
    mr_json_open(&t->json, "args", '{');
    mr_json_number(&t->json, "signal", (uint64_t)e->signal);
    mr_json_close(&t->json, '}');
    end(t);
}

static void begin_stage(struct mr_trace *t, const struct mr_event *e)
{
    if (!t->begun) {
        t->begun = true;
        if (mr_side_file_open(&t->file, t->path) < 0)
            return;
        name(t, "process_name", RUN, "wc-mr");
        name(t, "thread_name", RUN, "run");
        if (t->janitor)
            begin_janitor(t);
    }
    end_stage(t, e->seconds);
    t->in_stage = true;
    t->sampled = -1;
    t->sampled_bytes = 0;
    begin(t, "B", RUN, e->seconds);
    mr_json_text(&t->json, "cat", "stage");
    mr_json_text(&t->json, "name", e->stage);
    mr_json_open(&t->json, "args", '{');
    mr_json_number(&t->json, "tasks", e->tasks);
    mr_json_number(&t->json, "done", e->done);
    mr_json_close(&t->json, '}');
    end(t);
}

/* Long runs are sampled less often, so that of a long one, too, there is not too much. */
static void sample(struct mr_trace *t, const struct mr_event *e)
{
    double passed = e->seconds - t->sampled;
    double wanted = e->seconds / FINEST > sample_seconds ? e->seconds / FINEST : sample_seconds;
    bool first = t->sampled < 0;
    if (passed < wanted * 0.9 && !first)
        return;
    uint64_t read = e->bytes > t->sampled_bytes ? e->bytes - t->sampled_bytes : 0;
    count(t, e->seconds, "memory", "bytes", e->memory);
    count(t, e->seconds, "on disk", "bytes", e->disk);
    count(t, e->seconds, "read", "bytes/s",
          passed > 0 && !first ? (uint64_t)((double)read / passed) : 0);
    count(t, e->seconds, "processes", "at work", e->workers);
    t->sampled = e->seconds;
    t->sampled_bytes = e->bytes;
}

/* What is open is still ended. */
static void watch_size(struct mr_trace *t, double seconds)
{
    if (t->full || t->file.size < FULL)
        return;
    t->full = true;
    mark(t, seconds, "full", "from here on what begins is left out: it would be too much");
}

void mr_trace_hear(struct mr_trace *t, const struct mr_event *e)
{
    if (e->type == MR_EVENT_JANITOR) {
        t->janitor = e->pid;
        t->janitor_at = e->seconds;
    }
    if (t->path == NULL || (!t->begun && e->type != MR_EVENT_STAGE))
        return;
    if (e->type == MR_EVENT_JANITOR_END)
        end_stage(t, t->at);
    t->at = e->seconds;
    switch (e->type) {
    case MR_EVENT_STAGE: begin_stage(t, e); break;
    case MR_EVENT_START: start_attempt(t, e); break;
    case MR_EVENT_END: end_attempt(t, e); break;
    case MR_EVENT_TICK: sample(t, e); break;
    case MR_EVENT_MESSAGE: mark(t, e->seconds, "message", e->text); break;
    case MR_EVENT_DAMAGE: mark(t, e->seconds, "damage", e->text); break;
    case MR_EVENT_REDO:
        expect_again(t, e);
        mark(t, e->seconds, "to be done again", e->about);
        break;
    case MR_EVENT_JANITOR_END: end_janitor(t, e); break;
    case MR_EVENT_JANITOR:
    case MR_EVENT_KEPT:
    case MR_EVENT_PROGRESS:
    case MR_EVENT_MEMORY: break;
    }
    watch_size(t, e->seconds);
    put(t);
}

bool mr_trace_end(struct mr_trace *t, char *why, size_t size)
{
    if (t->begun) {
        end_stage(t, t->at);
        mr_json_raw(&t->json, "\n]\n");
        put(t);
    }
    mr_side_file_close(&t->file);
    mr_json_free(&t->json);
    mr_buffer_free(&t->rows);
    free(t->again);
    t->again = NULL;
    if (t->path && t->file.error)
        mr_message(why, size, "warning: the trace is not whole: cannot write '%s': %s", t->path,
                   strerror(t->file.error));
    else if (t->path && t->file.lost > 0)
        mr_message(why, size, "warning: the trace is not whole: '%s' did not take %llu pieces of "
                              "it", t->path, (unsigned long long)t->file.lost);
    else
        return true;
    return false;
}
