/* Watching a phase: events of its attempts, ticks, memory. */
#include "control/watch.h"

#include "base/clock.h"
#include "base/event.h"
#include "control/memory_watch.h"

#include <sys/wait.h>
#include <unistd.h>

enum {
    ABOUT = 512,          /* bytes of the text that says which task it is */
    TELL_MS = 1000,       /* between two events of an attempt's progress */
    SAMPLE_MS = 10,       /* between two samples of memory, or more: */
    LOOK_SHARE = 1000,    /* so many times as long as it takes to look, */
    SAMPLE_MOST_MS = 1000 /* but not more than this */
};

/* What all events of an attempt have; its text stands in about, which has room for ABOUT. */
static struct mr_event event_of(const struct mr_watch *w, const struct mr_phase *phase,
                                const struct mr_worker *worker, enum mr_event_type type,
                                char *about)
{
    phase->describe(phase->arg, worker->task, about, ABOUT);
    return (struct mr_event){
        .type = type, .stage = phase->stage, .about = about, .task = worker->task,
        .tasks = phase->tasks.count, .done = phase->tasks.done, .attempt = worker->attempt,
        .worker = (unsigned)(worker - w->workers->at), .pid = worker->pid,
        .aside = mr_phase_traits(phase, worker->task) & MR_ASIDE,
        .read = mr_worker_read(w->workers, worker),
        .took = type == MR_EVENT_START ? 0 : mr_clock_seconds_since(worker->started),
    };
}

static void tell(const struct mr_watch *w, const struct mr_phase *phase,
                 const struct mr_worker *worker, enum mr_event_type type)
{
    char about[ABOUT];
    struct mr_event event = event_of(w, phase, worker, type, about);
    mr_event_tell(w->config, &event);
}

void mr_watch_start(const struct mr_watch *w, const struct mr_phase *phase,
                    const struct mr_worker *worker)
{
    tell(w, phase, worker, MR_EVENT_START);
}

void mr_watch_done(const struct mr_watch *w, const struct mr_phase *phase,
                   const struct mr_worker *worker)
{
    char about[ABOUT];
    struct mr_event event = event_of(w, phase, worker, MR_EVENT_END, about);
    if (phase->measure)
        phase->measure(phase->arg, worker->task, &event);
    mr_event_tell(w->config, &event);
}

void mr_watch_failed(const struct mr_watch *w, const struct mr_phase *phase,
                     const struct mr_worker *worker, int status, enum mr_end end,
                     const char *why)
{
    char about[ABOUT];
    struct mr_event event = event_of(w, phase, worker, MR_EVENT_END, about);
    event.end = end;
    event.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    event.text = why;
    mr_event_tell(w->config, &event);
}

static void tell_progress(struct mr_watch *w, const struct mr_phase *phase)
{
    if (w->config->listen == NULL || mr_clock_seconds_since(w->last_told) < TELL_MS / 1000.0)
        return;
    w->last_told = mr_clock_now();
    for (unsigned i = 0; i < w->workers->count; i++)
        if (w->workers->at[i].state == MR_WORKER_BUSY)
            tell(w, phase, &w->workers->at[i], MR_EVENT_PROGRESS);
}

static uint64_t counted(const atomic_ullong *bytes)
{
    return bytes ? atomic_load(bytes) : 0;
}

/* Whether it is time to look at memory again. */
static bool is_time_to_look(const struct mr_watch *w)
{
    return mr_clock_seconds_since(w->last_look) * 1000 >= w->look_after_ms;
}

static uint64_t look_at_memory(const struct mr_watch *w)
{
    struct mr_memory_sum now = { 0, 0 };
    mr_memory_add(&now, getpid());
    for (unsigned i = 0; i < w->workers->count; i++)
        if (w->workers->at[i].state != MR_WORKER_IDLE)
            mr_memory_add(&now, w->workers->at[i].pid);
    return now.private + now.shared + counted(w->spool_memory);
}

/* What all processes hold together, now or lately. Being paused while looking counts for no more
 * than the longest time between two looks. */
static uint64_t memory_held(struct mr_watch *w)
{
    if (!is_time_to_look(w))
        return w->held;
    struct timespec began = mr_clock_now();
    w->held = look_at_memory(w);
    double ms = mr_clock_seconds_since(began) * LOOK_SHARE * 1000;
    w->last_look = mr_clock_now();
    w->look_after_ms = ms < SAMPLE_MS ? SAMPLE_MS : ms < SAMPLE_MOST_MS ? (unsigned)ms
                                                                         : SAMPLE_MOST_MS;
    return w->held;
}

static void watch_memory(struct mr_watch *w)
{
    if (w->config->watch_memory && is_time_to_look(w))
        mr_event_tell(w->config, &(struct mr_event){ .type = MR_EVENT_MEMORY,
                                                     .memory = memory_held(w) });
}

/* The bytes that the phase's tasks have read, those that run too. */
static uint64_t bytes_read(const struct mr_watch *w, const struct mr_phase *phase)
{
    uint64_t bytes = phase->read;
    for (unsigned i = 0; i < w->workers->count; i++)
        if (w->workers->at[i].state != MR_WORKER_IDLE)
            bytes += mr_worker_read(w->workers, &w->workers->at[i]);
    return phase->bytes > 0 && bytes > phase->bytes ? phase->bytes : bytes; /* some twice */
}

static void tick(struct mr_watch *w, const struct mr_phase *phase, bool at_once)
{
    unsigned wanted = w->config->tick;
    double passed = mr_clock_seconds_since(w->last_tick);
    if (w->config->listen == NULL || (!at_once && (wanted == 0 || passed * 1000 < wanted)))
        return;
    w->last_tick = mr_clock_now();
    mr_event_tell(w->config, &(struct mr_event){
        .type = MR_EVENT_TICK, .stage = phase->stage, .tasks = phase->tasks.count,
        .done = phase->tasks.done, .workers = mr_workers_running(w->workers),
        .bytes = bytes_read(w, phase), .bytes_all = phase->bytes, .memory = memory_held(w),
        .memory_all = w->memory, .disk = counted(w->spool_disk),
    });
}

void mr_watch_phase(struct mr_watch *w, const struct mr_phase *phase)
{
    mr_event_tell(w->config, &(struct mr_event){ .type = MR_EVENT_STAGE, .stage = phase->stage,
                                                 .tasks = phase->tasks.count,
                                                 .done = phase->tasks.done });
    watch_memory(w); /* a short run may have no other look */
    tick(w, phase, w->config->tick > 0);
}

void mr_watch_look(struct mr_watch *w, const struct mr_phase *phase, bool at_once)
{
    watch_memory(w);
    tick(w, phase, at_once);
    tell_progress(w, phase);
}

/* In how many milliseconds the next tick is due: one at least, and no more than between two. */
static unsigned until_tick(const struct mr_watch *w)
{
    double left = w->config->tick - mr_clock_seconds_since(w->last_tick) * 1000;
    if (left <= 0)
        return 1;
    return left < w->config->tick ? (unsigned)left + 1 : w->config->tick;
}

unsigned mr_watch_wait(const struct mr_watch *w, unsigned most)
{
    unsigned ms = most;
    if (w->config->watch_memory)
        ms = w->look_after_ms > 0 ? w->look_after_ms : SAMPLE_MS;
    if (w->config->listen == NULL || w->config->tick == 0)
        return ms;
    unsigned due = until_tick(w);
    return due < ms ? due : ms;
}
