/* The charts of a page about a run. */
#include "program/page_charts.h"

#include "base/amount.h"
#include "base/event.h"

enum {
    ROWS = 64,    /* workers on the time line */
    TITLED = 1000 /* attempts, at most, that say what they are when they are pointed at */
};

/* ---- the time line ---------------------------------------------------------------------- */

/* Where on the horizontal axis, of a thousand units, a moment is. */
static double x_of(const struct mr_history *h, double seconds)
{
    return h->seconds > 0 ? seconds / h->seconds * 1000 : 0;
}

static void write_slice(FILE *f, const struct mr_history *h, const struct mr_past_attempt *a)
{
    double width = x_of(h, a->took);
    fprintf(f, "<rect class=%s x=%.2f width=%.2f height=10",
            a->end == MR_END_DONE ? mr_history_stage_name(a->stage) : "bad", x_of(h, a->began),
            width < 0.5 ? 0.5 : width);
    if (h->attempt_count <= TITLED && a->aside)
        fprintf(f, "><title>feeder: %s, %s read, %.3f s</title></rect>\n", mr_end_name(a->end),
                mr_amount_of(a->read).text, a->took);
    else if (h->attempt_count <= TITLED)
        fprintf(f, "><title>%s %zu, try %u: %s, %.3f s</title></rect>\n",
                mr_history_stage_name(a->stage), a->task, a->attempt, mr_end_name(a->end),
                a->took);
    else
        fputs("/>\n", f);
}

enum { FEEDER = -1 };

static bool is_of(const struct mr_past_attempt *a, int row)
{
    return (a->aside ? FEEDER : (int)a->worker) == row;
}

/* The row of a worker, or of the feeder; and for whom it cannot be seen, how much stands on it. */
static void write_row(FILE *f, const struct mr_history *h, int row)
{
    char name[32] = "feeder";
    size_t tries = 0;
    double busy = 0;
    if (row != FEEDER)
        snprintf(name, sizeof name, "worker %d", row + 1);
    for (size_t i = 0; i < h->attempt_count; i++)
        if (is_of(&h->attempts[i], row)) {
            tries++;
            busy += h->attempts[i].took;
        }
    fprintf(f, "<div class=row><span>%s</span><svg viewBox=\"0 0 1000 10\" "
               "preserveAspectRatio=none role=img "
               "aria-label=\"%s: at work for %.3f s, tries: %zu\">\n", name, name, busy, tries);
    for (size_t i = 0; i < h->attempt_count; i++)
        if (is_of(&h->attempts[i], row))
            write_slice(f, h, &h->attempts[i]);
    fputs("</svg></div>\n", f);
}

void mr_page_time_line_write(FILE *f, const struct mr_history *h)
{
    fputs("<h2>Time line</h2>\n<p class=key>"
          "<b style=\"background:var(--map)\">map</b>"
          "<b style=\"background:var(--reduce)\">reduce</b>"
          "<b style=\"background:var(--merge)\">merge</b>"
          "<b style=\"background:var(--bad)\">failed or stopped</b></p>\n", f);
    for (int row = h->fed ? FEEDER : 0; row < (int)h->workers && row < ROWS; row++)
        write_row(f, h, row);
    fprintf(f, "<div class=row><span></span><div class=ends><span>0 s</span><span>%.3f s</span>"
               "</div></div>\n", h->seconds);
    if (h->workers > ROWS)
        fprintf(f, "<p>%u workers more are not shown.</p>\n", h->workers - ROWS);
    if (h->attempts_lost > 0)
        fprintf(f, "<p>%zu tries after the first %d are not shown.</p>\n", h->attempts_lost,
                MR_HISTORY_ATTEMPTS);
}

/* ---- curves ----------------------------------------------------------------------------- */

static uint64_t figure(const struct mr_past_sample *s, int which)
{
    return which == 0 ? s->read : which == 1 ? s->memory : s->disk;
}

static void write_curve(FILE *f, const struct mr_history *h, int which, const char *title,
                        const char *unit)
{
    uint64_t most = 0;
    for (size_t i = 0; i < h->sample_count; i++)
        if (figure(&h->samples[i], which) > most)
            most = figure(&h->samples[i], which);
    fprintf(f, "<h2>%s</h2>\n<div class=ends><span>most: %s%s</span></div>\n"
               "<svg class=curve viewBox=\"0 0 1000 100\" preserveAspectRatio=none role=img "
               "aria-label=\"%s over time\"><polyline vector-effect=non-scaling-stroke points=\"",
            title, mr_amount_of(most).text, unit, title);
    for (size_t i = 0; i < h->sample_count; i++)
        fprintf(f, "%.1f,%.1f ", x_of(h, h->samples[i].at),
                100 - (double)figure(&h->samples[i], which) / (double)(most ? most : 1) * 98);
    fprintf(f, "\"/></svg>\n<div class=ends><span>0 s</span><span>%.3f s</span></div>\n",
            h->seconds);
}

static void write_samples(FILE *f, const struct mr_history *h)
{
    size_t step = h->sample_count / 50 + 1;
    fputs("<details><summary>These figures as a table</summary>\n<table>\n"
          "<tr><th scope=col>seconds</th><th scope=col>read</th><th scope=col>memory</th>"
          "<th scope=col>on disk</th></tr>\n", f);
    for (size_t i = 0; i < h->sample_count; i += step) {
        const struct mr_past_sample *s = &h->samples[i];
        fprintf(f, "<tr><th scope=row>%.1f</th><td>%s/s</td><td>%s</td><td>%s</td></tr>\n", s->at,
                mr_amount_of(s->read).text, mr_amount_of(s->memory).text,
                mr_amount_of(s->disk).text);
    }
    fputs("</table></details>\n", f);
}

void mr_page_curves_write(FILE *f, const struct mr_history *h)
{
    if (h->sample_count < 2)
        return;
    write_curve(f, h, 0, "Bytes read a second", "/s");
    write_curve(f, h, 1, "Memory", "");
    write_curve(f, h, 2, "On disk", "");
    write_samples(f, h);
}
