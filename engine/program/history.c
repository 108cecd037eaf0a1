/* The history of a run. */
#include "program/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mr_history *mr_history_begin(void)
{
    struct mr_history *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->interval = MR_HISTORY_TICK / 1000.0;
    h->attempts = calloc(MR_HISTORY_ATTEMPTS, sizeof *h->attempts);
    if (h->attempts != NULL)
        return h;
    free(h);
    return NULL;
}

void mr_history_free(struct mr_history *h)
{
    if (h != NULL)
        free(h->attempts);
    free(h);
}

const char *mr_history_stage_name(enum mr_history_stage stage)
{
    static const char *const names[MR_HISTORY_STAGES] = { "map", "reduce", "merge" };
    return names[stage];
}

static enum mr_history_stage stage_of(const char *name)
{
    return strcmp(name, mr_history_stage_name(MR_HISTORY_MAP)) == 0      ? MR_HISTORY_MAP
           : strcmp(name, mr_history_stage_name(MR_HISTORY_REDUCE)) == 0 ? MR_HISTORY_REDUCE
                                                                         : MR_HISTORY_MERGE;
}

static struct mr_past_attempt attempt_of(const struct mr_event *e)
{
    return (struct mr_past_attempt){
        .began = e->seconds > e->took ? e->seconds - e->took : 0, .took = e->took,
        .read = e->read, .bytes = e->bytes, .records = e->records, .task = e->task,
        .worker = e->worker, .attempt = (unsigned short)e->attempt,
        .stage = (unsigned char)stage_of(e->stage), .end = (unsigned char)e->end,
        .aside = e->aside,
    };
}

static void fill(struct mr_past_text *t, const struct mr_event *e)
{
    t->attempt = attempt_of(e);
    snprintf(t->about, sizeof t->about, "%s", e->about ? e->about : "");
    snprintf(t->why, sizeof t->why, "%s", e->text ? e->text : "");
}

/* Keeps it if it is one of the slowest that were done, in its place. */
static void rank(struct mr_history *h, const struct mr_event *e)
{
    size_t place = h->slowest_count;
    while (place > 0 && h->slowest[place - 1].attempt.took < e->took)
        place--;
    if (place == MR_HISTORY_SLOWEST)
        return;
    if (h->slowest_count < MR_HISTORY_SLOWEST)
        h->slowest_count++;
    memmove(h->slowest + place + 1, h->slowest + place,
            (h->slowest_count - 1 - place) * sizeof *h->slowest);
    fill(&h->slowest[place], e);
}

static void keep(struct mr_history *h, const struct mr_event *e)
{
    bool done = e->end == MR_END_DONE;
    if (e->aside)
        h->fed = true;
    else if (e->worker >= h->workers)
        h->workers = e->worker + 1;
    if (h->attempt_count < MR_HISTORY_ATTEMPTS)
        h->attempts[h->attempt_count++] = attempt_of(e);
    else
        h->attempts_lost++;
    if (done && !e->aside) /* how long it takes to feed is up to who writes the stream */
        rank(h, e);
    else if (!done && h->failure_count < MR_HISTORY_FAILURES)
        fill(&h->failures[h->failure_count++], e);
    else if (!done)
        h->failures_lost++;
}

static void thin_out(struct mr_history *h)
{
    for (size_t i = 0; i < MR_HISTORY_SAMPLES / 2; i++)
        h->samples[i] = h->samples[2 * i];
    h->sample_count = MR_HISTORY_SAMPLES / 2;
    h->interval *= 2;
}

/* From here on what is read is measured. */
static void begin_at(struct mr_history *h, const struct mr_event *e)
{
    h->stage_at = e->seconds;
    h->stage_bytes = e->bytes;
}

static void sample(struct mr_history *h, const struct mr_event *e)
{
    double passed = e->seconds - h->stage_at;
    const struct mr_past_sample *last = h->sample_count ? &h->samples[h->sample_count - 1] : NULL;
    h->memory_all = e->memory_all;
    if (last && e->seconds - last->at < h->interval * 0.9) {
        if (!h->in_stage) /* what had been read before is none of its speed */
            begin_at(h, e);
        h->in_stage = true;
        return;
    }
    if (h->sample_count == MR_HISTORY_SAMPLES)
        thin_out(h);
    uint64_t read = h->in_stage && e->bytes > h->stage_bytes ? e->bytes - h->stage_bytes : 0;
    h->samples[h->sample_count++] = (struct mr_past_sample){
        .at = e->seconds, .memory = e->memory, .disk = e->disk,
        .read = passed > 0 ? (uint64_t)((double)read / passed) : 0,
    };
    begin_at(h, e);
    h->in_stage = true;
}

void mr_history_hear(struct mr_history *h, const struct mr_event *e)
{
    h->seconds = e->seconds;
    if (e->type == MR_EVENT_STAGE) {
        h->begun = true;
        h->in_stage = false;
    } else if (e->type == MR_EVENT_END) {
        keep(h, e);
    } else if (e->type == MR_EVENT_TICK) {
        sample(h, e);
    }
}
