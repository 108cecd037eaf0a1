/* The meter: a gauge is read at each tick, and becomes a line. */
#include "program/meter.h"

#include "base/amount.h"
#include "base/message.h"
#include "program/json.h"

#include <signal.h>
#include <string.h>

enum {
    TICK_MS = 100,   /* between two drawings */
    SECOND_MS = 1000 /* between two lines */
};

static const double draw_after = 0.5, smoothed_over = 3; /* seconds */

/* ---- the line --------------------------------------------------------------------------- */

/* Its parts in order; and what matters most first. */
enum part { STAGE, BYTES, RATE, TASKS, WORKERS, MEMORY, DISK, FAILED, LEFT, PARTS };
static const enum part by_weight[PARTS] = {
    STAGE, LEFT, RATE, TASKS, FAILED, BYTES, MEMORY, DISK, WORKERS
};

struct line {
    char parts[PARTS][64];
};

/* The seconds that the stage still takes at this rate; negative: nobody knows. */
static double seconds_left(const struct mr_gauge *g)
{
    if (g->bytes_all == 0 || g->rate < 1)
        return -1;
    return g->bytes < g->bytes_all ? (double)(g->bytes_all - g->bytes) / g->rate : 0;
}

static uint64_t whole_rate(const struct mr_gauge *g)
{
    return g->rate < 1e18 ? (uint64_t)g->rate : (uint64_t)1e18;
}

/* In whole percent, of which the last comes with the end. */
static unsigned percent_of(const struct mr_gauge *g)
{
    double part = (double)g->bytes / (double)g->bytes_all * 100;
    return part < 99 ? (unsigned)part : 99;
}

static void say_left(const struct mr_gauge *g, char *to, size_t size)
{
    double seconds = seconds_left(g);
    if (seconds < 0 || seconds > 360000)
        return;
    unsigned left = (unsigned)(seconds + 0.5);
    unsigned hours = left / 3600, minutes = left / 60 - hours * 60;
    left -= left / 60 * 60;
    if (hours > 0)
        mr_message(to, size, "%u:%02u:%02u left", hours, minutes, left);
    else
        mr_message(to, size, "%u:%02u left", minutes, left);
}

static void say_parts(const struct mr_gauge *g, struct line *l)
{
    const size_t size = sizeof *l->parts;
    const bool known = g->bytes_all > 0;
    memset(l, 0, sizeof *l);
    if (known)
        mr_message(l->parts[STAGE], size, "%s %u%%", g->stage, percent_of(g));
    else
        mr_message(l->parts[STAGE], size, "%s", g->stage);
    mr_message(l->parts[BYTES], size, "%s%s%s", mr_amount_of(g->bytes).text, known ? "/" : "",
               known ? mr_amount_of(g->bytes_all).text : "");
    if (g->rate >= 1)
        mr_message(l->parts[RATE], size, "%s/s", mr_amount_of(whole_rate(g)).text);
    mr_message(l->parts[TASKS], size, "%zu/%zu tasks", g->done, g->tasks);
    mr_message(l->parts[WORKERS], size, "%u worker%s", g->workers, g->workers == 1 ? "" : "s");
    mr_message(l->parts[MEMORY], size, "%s/%s memory", mr_amount_of(g->memory).text,
               mr_amount_of(g->memory_all).text);
    if (g->disk > 0)
        mr_message(l->parts[DISK], size, "%s on disk", mr_amount_of(g->disk).text);
    if (g->failed > 0)
        mr_message(l->parts[FAILED], size, "%llu %s failed", (unsigned long long)g->failed,
                   g->failed == 1 ? "try" : "tries");
    say_left(g, l->parts[LEFT], size);
}

/* Joins the parts of a set, which has a bit for each. Returns the line's length. */
static size_t join(const struct line *l, unsigned set, char *line, size_t size)
{
    size_t n = 0;
    *line = '\0';
    for (int part = 0; part < PARTS; part++)
        if ((set >> part & 1) && l->parts[part][0] != '\0' && n < size)
            n += mr_message(line + n, size - n, "%s%s", n > 0 ? "  " : "", l->parts[part]);
    return n;
}

void mr_gauge_line(const struct mr_gauge *g, size_t columns, char *line, size_t size)
{
    struct line l;
    unsigned set = 1u << STAGE;
    say_parts(g, &l);
    for (int i = 0; i < PARTS; i++) {
        unsigned more = set | 1u << by_weight[i];
        if (join(&l, more, line, size) <= columns || columns == 0)
            set = more;
    }
    (void)join(&l, set, line, size);
    if (columns > 0 && columns < size)
        line[columns] = '\0';
}

/* ---- the gauge -------------------------------------------------------------------------- */

/* What was read of late counts for more than what was before. */
static double smooth(struct mr_meter *m, const struct mr_event *e)
{
    const struct mr_gauge *g = &m->gauge;
    if (!m->based || e->bytes < m->base)
        m->base = e->bytes;
    m->based = true;
    double passed = e->seconds - m->at, since = e->seconds - m->began;
    if (g->rate <= 0)
        return since > 0 ? (double)(e->bytes - m->base) / since : 0;
    if (passed <= 0)
        return g->rate;
    double now = e->bytes > g->bytes ? (double)(e->bytes - g->bytes) / passed : 0;
    return g->rate + (now - g->rate) * passed / (passed + smoothed_over);
}

static void begin_stage(struct mr_meter *m, const struct mr_event *e)
{
    uint64_t failed = m->gauge.failed;
    m->gauge = (struct mr_gauge){ .stage = e->stage, .failed = failed };
    m->began = m->at = e->seconds;
    m->told = -1;
    m->based = false;
}

static void read_gauge(struct mr_meter *m, const struct mr_event *e)
{
    m->gauge = (struct mr_gauge){
        .stage = e->stage, .bytes = e->bytes, .bytes_all = e->bytes_all, .memory = e->memory,
        .memory_all = e->memory_all, .disk = e->disk, .done = e->done, .tasks = e->tasks,
        .workers = e->workers, .failed = m->gauge.failed, .rate = smooth(m, e),
    };
    m->at = e->seconds;
}

/* ---- telling ---------------------------------------------------------------------------- */

static volatile sig_atomic_t asked;

static void hear_signal(int number)
{
    (void)number;
    asked = 1;
}

/* An object of JSON, in one line; the manual has its names. */
static void tell_json(const struct mr_meter *m, struct mr_messages *to)
{
    const struct mr_gauge *g = &m->gauge;
    struct mr_json j = { .failed = false };
    double left = seconds_left(g);
    mr_json_open(&j, NULL, '{');
    mr_json_seconds(&j, "seconds", m->at);
    mr_json_text(&j, "stage", g->stage);
    mr_json_number(&j, "bytes", g->bytes);
    if (g->bytes_all > 0)
        mr_json_number(&j, "bytes_all", g->bytes_all);
    else
        mr_json_text(&j, "bytes_all", NULL);
    mr_json_number(&j, "rate", whole_rate(g));
    mr_json_number(&j, "tasks", g->tasks);
    mr_json_number(&j, "done", g->done);
    mr_json_number(&j, "workers", g->workers);
    mr_json_number(&j, "memory", g->memory);
    mr_json_number(&j, "memory_all", g->memory_all);
    mr_json_number(&j, "disk", g->disk);
    mr_json_number(&j, "failed", g->failed);
    if (left >= 0)
        mr_json_seconds(&j, "left", left);
    else
        mr_json_text(&j, "left", NULL);
    mr_json_close(&j, '}');
    mr_json_raw(&j, "\n");
    if (!j.failed) {
        j.text.at[j.text.size - 1] = '\0';
        mr_messages_add_bare(to, (const char *)j.text.at);
    }
    mr_json_free(&j);
}

static void tell_line(const struct mr_meter *m, struct mr_messages *to)
{
    char line[PARTS * 70];
    mr_gauge_line(&m->gauge, 0, line, sizeof line);
    mr_messages_add(to, line);
}

static void draw(const struct mr_meter *m, struct mr_messages *to)
{
    char line[PARTS * 70];
    unsigned width = mr_messages_width();
    bool early = m->when == MR_PROGRESS_AUTO && m->at < draw_after;
    if (early || width < 2 || (m->clears && strcmp(m->gauge.stage, "merge") == 0))
        return;
    mr_gauge_line(&m->gauge, width - 1, line, sizeof line); /* the last column is the cursor's */
    mr_messages_draw(to, line);
}

/* One line, or object, a second, and one when a stage begins. */
static void tell(struct mr_meter *m, struct mr_messages *to)
{
    if (m->told >= 0 && m->at - m->told < SECOND_MS / 1000.0 - 0.01)
        return;
    m->told = m->at;
    if (m->when == MR_PROGRESS_JSON)
        tell_json(m, to);
    else
        tell_line(m, to);
}

void mr_meter_await_signal(void)
{
    struct sigaction heard = { .sa_handler = hear_signal, .sa_flags = SA_RESTART }, old;
    if (sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
        sigaction(SIGUSR1, &heard, NULL);
}

void mr_meter_open(struct mr_meter *m, enum mr_progress_when when, bool output_to_terminal)
{
    bool can = mr_messages_width() > 0;
    *m = (struct mr_meter){
        .when = when, .clears = output_to_terminal, .told = -1,
        .drawn = can && (when == MR_PROGRESS_AUTO || when == MR_PROGRESS_ALWAYS),
    };
}

unsigned mr_meter_tick(const struct mr_meter *m)
{
    return m->drawn ? TICK_MS : SECOND_MS; /* a signal that meets no wait is heard at the next */
}

void mr_meter_hear(struct mr_meter *m, const struct mr_event *e, struct mr_messages *to)
{
    if (e->type == MR_EVENT_STAGE) {
        begin_stage(m, e);
        mr_messages_hide(to);
    }
    if (e->type == MR_EVENT_END && e->end != MR_END_DONE && e->end != MR_END_STOPPED)
        m->gauge.failed++;
    if (e->type != MR_EVENT_TICK)
        return;
    read_gauge(m, e);
    if (asked) {
        asked = 0;
        tell_line(m, to);
    }
    if (m->drawn)
        draw(m, to);
    else if (m->when == MR_PROGRESS_ALWAYS || m->when == MR_PROGRESS_JSON)
        tell(m, to);
}

void mr_meter_close(struct mr_meter *m)
{
    struct sigaction usual = { .sa_handler = SIG_DFL }, old;
    (void)m;
    if (sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == hear_signal)
        sigaction(SIGUSR1, &usual, NULL);
}
