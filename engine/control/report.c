/* The report: what events add up to. */
#include "control/report.h"

#include "base/clock.h"
#include "control/config_fields.h"

#include <stdio.h>
#include <string.h>

static void count_kept(struct mr_report *r, const struct mr_event *e)
{
    bool mapped = strcmp(e->stage, "map") == 0;
    r->resumed++;
    if (mapped)
        r->resumed_bytes += e->bytes;
    ++*(mapped ? &r->map_resumed : &r->reduce_resumed);
}

static void count(struct mr_report *r, const struct mr_event *e)
{
    switch (e->type) {
    case MR_EVENT_START: r->attempts++; break;
    case MR_EVENT_END:
        r->retried += e->end == MR_END_RETRIED;
        r->killed += e->signal != 0 && e->end != MR_END_STOPPED;
        break;
    case MR_EVENT_DAMAGE: r->damaged++; break;
    case MR_EVENT_REDO: r->rerun++; break;
    case MR_EVENT_KEPT: count_kept(r, e); break;
    case MR_EVENT_MEMORY:
        if (e->memory > r->peak_memory)
            r->peak_memory = e->memory;
        break;
    case MR_EVENT_MESSAGE:
    case MR_EVENT_STAGE:
    case MR_EVENT_PROGRESS:
    case MR_EVENT_JANITOR:
    case MR_EVENT_JANITOR_END:
    case MR_EVENT_TICK: break;
    }
}

static void take(void *arg, const struct mr_event *told)
{
    const struct mr_report_listener *l = arg;
    struct mr_event e = *told;
    char text[sizeof ((struct mr_error *)NULL)->text + 512];
    e.seconds = mr_clock_seconds_since(l->began);
    count(l->report, &e);
    if (e.text && l->asked->listen && !l->asked->by_options) {
        snprintf(text, sizeof text, "%s", e.text);
        mr_config_fields_name(text, sizeof text);
        e.text = text;
    }
    if (l->asked->listen)
        l->asked->listen(l->asked->listen_arg, &e);
}

void mr_report_listen(struct mr_report_listener *l, const struct mr_config *asked,
                      struct mr_config *own, struct mr_report *report)
{
    *l = (struct mr_report_listener){ asked, report, mr_clock_now() };
    *report = (struct mr_report){ 0 };
    *own = *asked;
    own->listen = take;
    own->listen_arg = l;
}
