/* The page about a run. */
#include "program/page.h"

#include "base/amount.h"
#include "base/choices.h"
#include "base/event.h"
#include "program/html.h"
#include "program/json.h"
#include "program/page_charts.h"
#include "program/page_ranking.h"
#include "program/stats.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ARGUMENTS = 60, /* of the command that are shown */
    LARGEST = 20    /* partitions */
};

static const char style[] =
    ":root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--soft:#667;--line:#d5d9e0;"
    "--map:#2f6fd0;--reduce:#c2690c;--merge:#3a8a3f;--bad:#c42b2b}"
    "@media(prefers-color-scheme:dark){:root{--fg:#e4e7eb;--bg:#15181c;--soft:#9aa3b0;"
    "--line:#3a414b;--map:#6ea3f0;--reduce:#e39a4a;--merge:#6cbf72;--bad:#f07070}}"
    "body{font:16px/1.45 system-ui,sans-serif;color:var(--fg);background:var(--bg);"
    "max-width:70rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}"
    "code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;color:var(--soft)}"
    "th,td{padding:.15rem .7rem .15rem 0;text-align:right;vertical-align:top;"
    "border-bottom:1px solid var(--line)}"
    "th:first-child,td:first-child,.w{text-align:left}td{white-space:nowrap}"
    "td.w,th.w{overflow-wrap:anywhere;white-space:normal;min-width:9rem}"
    ".scroll{overflow-x:auto}"
    ".row{display:grid;grid-template-columns:6.5rem 1fr;align-items:center}"
    ".row span{color:var(--soft);font-size:.85rem}"
    "svg{display:block;width:100%}.row svg{height:1rem;margin:1px 0}"
    ".curve{height:6rem;border:1px solid var(--line);border-width:0 0 1px 1px}"
    ".map{fill:var(--map)}.reduce{fill:var(--reduce)}.merge{fill:var(--merge)}"
    ".bad{fill:var(--bad)}polyline{fill:none;stroke:var(--map);stroke-width:2}"
    ".ends{display:flex;justify-content:space-between;color:var(--soft);font-size:.85rem}"
    ".key b{display:inline-block;padding:0 .5rem;color:var(--bg);"
    "border-radius:.2rem;margin-right:.4rem}"
    ".bars{width:100%}.bars .barcell{width:60%}.bars .w{min-width:6rem}"
    "@media(max-width:40rem){.bars .barcell{width:35%}.files .barcell{width:15%}}"
    ".bar{background:var(--reduce);height:.8rem;min-width:1px}.barcell{width:40%}"
    ".plot{position:relative;height:16rem;margin:2rem 1rem 0 3.5rem;border:1px solid var(--line);"
    "border-width:0 0 1px 1px}.plot svg{height:100%}.plot line{stroke:var(--line)}"
    ".plot line.zipf{stroke:var(--soft);stroke-dasharray:6 4}"
    ".plot i,.rank i{font-style:normal;color:var(--soft);font-size:.85rem;position:absolute}"
    ".plot i{right:100%;transform:translate(-.4rem,-50%)}"
    ".plot i.name{right:auto;left:0;top:0;transform:translate(0,-110%)}"
    ".rank{position:relative;height:3rem;margin:0 1rem 0 3.5rem}.rank i{transform:translate(-50%)}"
    ".rank p{margin:0;padding-top:1.4rem;text-align:center;color:var(--soft);font-size:.85rem}"
    ".error{color:var(--bad);overflow-wrap:anywhere}"
    ".bar,.key b{-webkit-print-color-adjust:exact;print-color-adjust:exact}"
    "@media print{body{max-width:none}h2,.ends,.key{break-after:avoid}tr,.plot{break-inside:avoid}"
    "details::details-content{content-visibility:visible}}";

/* ---- what was asked, and what came out -------------------------------------------------- */

static void put_number(FILE *f, const char *what, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    mr_html_row(f, what, text);
}

static void put_bytes(FILE *f, const char *what, uint64_t bytes)
{
    mr_html_row(f, what, mr_amount_of(bytes).text);
}

static void write_command(FILE *f, char *const *argv)
{
    int shown = 0, all = 0;
    fputs("<p><code>", f);
    for (; argv[all]; all++)
        if (shown < ARGUMENTS) {
            if (shown++ > 0)
                fputc(' ', f);
            mr_html_text(f, argv[all]);
        }
    fputs("</code>", f);
    if (all > shown)
        fprintf(f, " and %d more arguments", all - shown);
    fputs("</p>\n", f);
}

/* What came out, in a line. */
static void write_summary(FILE *f, const struct mr_page *p)
{
    const struct mr_report *r = p->report;
    fprintf(f, "<p>Read %s, ", mr_amount_of(r->input_bytes).text);
    mr_html_text(f, mr_sum_name(p->job));
    fprintf(f, ": %llu", (unsigned long long)r->emitted);
    if (r->reduce_tasks > 0) { /* else nobody brings equal keys together */
        fputs(", distinct ", f);
        mr_html_text(f, mr_key_name(p->job));
        fprintf(f, "s: %llu", (unsigned long long)r->distinct);
    }
    fprintf(f, ". Wrote %s, lines: %llu.</p>\n", mr_amount_of(r->output_bytes).text,
            (unsigned long long)r->written);
}

static uint64_t most_memory(const struct mr_page *p)
{
    uint64_t most = p->report->peak_memory;
    for (size_t i = 0; i < p->history->sample_count; i++)
        if (p->history->samples[i].memory > most)
            most = p->history->samples[i].memory;
    return most;
}

static void write_result(FILE *f, const struct mr_page *p)
{
    const struct mr_report *r = p->report;
    char distinct[64];
    snprintf(distinct, sizeof distinct, "distinct %ss", mr_key_name(p->job));
    fputs("<h2>Result</h2>\n<table>\n", f);
    mr_html_row(f, "job", p->job->name);
    put_bytes(f, "input", r->input_bytes);
    put_number(f, mr_sum_name(p->job), r->emitted);
    if (r->reduce_tasks > 0) /* else nobody brings equal keys together */
        put_number(f, distinct, r->distinct);
    put_number(f, "lines written", r->written);
    put_bytes(f, "output", r->output_bytes);
    put_bytes(f, "shuffled", r->shuffled);
    put_bytes(f, "most memory seen", most_memory(p));
    put_bytes(f, "memory allowed", p->history->memory_all);
    put_number(f, "tries of tasks", r->attempts);
    put_number(f, "tried again", r->retried);
    put_number(f, "killed", r->killed);
    put_number(f, "checksums failed", r->damaged);
    put_number(f, "done again for that", r->rerun);
    put_number(f, "done by an earlier run", r->resumed);
    put_number(f, "bad records passed over", r->bad_records);
    for (size_t i = 0; i < r->counter_count; i++)
        put_number(f, r->counters[i].name, r->counters[i].count);
    fputs("</table>\n", f);
}

static void write_stage(FILE *f, const struct mr_stage_figures *s, bool resumed)
{
    double rate = s->seconds > 0 ? (double)s->bytes / s->seconds : 0;
    fprintf(f, "<tr><th scope=row>%s</th><td>%llu</td>", s->name, (unsigned long long)s->tasks);
    if (resumed)
        fprintf(f, "<td>%llu</td>", (unsigned long long)s->resumed);
    if (s->tasks > 0 && s->resumed >= s->tasks)
        fputs("<td>-</td><td>-</td></tr>\n", f);
    else if (s->bytes == 0) /* of a merge that writes nothing, say */
        fprintf(f, "<td>%.3f</td><td>-</td></tr>\n", s->seconds);
    else
        fprintf(f, "<td>%.3f</td><td>%s/s</td></tr>\n", s->seconds,
                mr_amount_of(rate < 1e18 ? (uint64_t)rate : 0).text);
}

/* What is not known of an earlier run, and what is. */
static void write_resumed(FILE *f, const struct mr_report *r)
{
    fprintf(f, "<p>An earlier run had done %llu of the %llu map tasks, which read %s, and %llu of "
               "the %llu reduce tasks. Their results count in all figures; how long they took is "
               "not known, so seconds and speeds, the time line, partitions and slowest tasks are "
               "those of what was done since.</p>\n", (unsigned long long)r->map_resumed,
            (unsigned long long)r->map_tasks, mr_amount_of(r->resumed_bytes).text,
            (unsigned long long)r->reduce_resumed, (unsigned long long)r->reduce_tasks);
}

static void write_stages(FILE *f, const struct mr_report *r)
{
    struct mr_stage_figures at[MR_STATS_STAGES];
    mr_stats_stages(r, at);
    fputs("<h2>Stages</h2>\n", f);
    if (r->resumed > 0)
        write_resumed(f, r);
    fprintf(f, "<table>\n<tr><th scope=col>stage</th><th scope=col>tasks</th>%s"
               "<th scope=col>seconds</th><th scope=col>speed</th></tr>\n",
            r->resumed > 0 ? "<th scope=col>of an earlier run</th>" : "");
    for (size_t i = 0; i < MR_STATS_STAGES; i++)
        write_stage(f, &at[i], r->resumed > 0);
    fputs("</table>\n", f);
}

/* ---- tasks ------------------------------------------------------------------------------ */

/* The bytes that it has read, from a file or from what reads a stream for it. */
static uint64_t taken(const struct mr_past_attempt *a)
{
    return a->stage == MR_HISTORY_MAP && a->read == 0 ? a->bytes : a->read;
}

static void write_slowest(FILE *f, const struct mr_history *h)
{
    fputs("<h2>Slowest tasks</h2>\n<div class=scroll tabindex=0 role=region "
          "aria-label=\"Slowest tasks\"><table>\n<tr><th scope=col>task</th>"
          "<th scope=col>seconds</th><th scope=col>read</th><th scope=col>records</th>"
          "<th scope=col>try</th></tr>\n", f);
    for (size_t i = 0; i < h->slowest_count; i++) {
        const struct mr_past_text *t = &h->slowest[i];
        fputs("<tr>", f);
        mr_html_cell(f, t->about);
        fprintf(f, "<td>%.3f</td><td>%s</td><td>%llu</td><td>%u</td></tr>\n", t->attempt.took,
                mr_amount_of(taken(&t->attempt)).text, (unsigned long long)t->attempt.records,
                t->attempt.attempt);
    }
    fputs("</table></div>\n", f);
}

static void write_failures(FILE *f, const struct mr_history *h)
{
    if (h->failure_count == 0)
        return;
    fputs("<h2>What failed or was stopped</h2>\n<div class=scroll tabindex=0 role=region "
          "aria-label=\"What failed or was stopped\"><table>\n<tr>"
          "<th scope=col>task</th><th scope=col>at</th><th scope=col>try</th>"
          "<th scope=col>then</th><th scope=col class=w>why</th></tr>\n", f);
    for (size_t i = 0; i < h->failure_count; i++) {
        const struct mr_past_text *t = &h->failures[i];
        fputs("<tr>", f);
        mr_html_cell(f, t->about);
        fprintf(f, "<td>%.3f s</td><td>%u</td><td>%s</td>", t->attempt.began + t->attempt.took,
                t->attempt.attempt, mr_end_name(t->attempt.end));
        mr_html_cell(f, t->why);
        fputs("</tr>\n", f);
    }
    fputs("</table></div>\n", f);
    if (h->failures_lost > 0)
        fprintf(f, "<p>%zu more are not listed.</p>\n", h->failures_lost);
}

/* ---- partitions ------------------------------------------------------------------------- */

/* The largest first. */
static int compare(const void *left, const void *right)
{
    const struct mr_past_attempt *a = left, *b = right;
    if (a->read != b->read)
        return a->read < b->read ? 1 : -1;
    return a->task < b->task ? -1 : a->task > b->task;
}

/* Gathers what was read of each partition, by the try that was done. Returns how many. */
static size_t gather(const struct mr_history *h, struct mr_past_attempt *to)
{
    size_t count = 0;
    for (size_t i = 0; i < h->attempt_count; i++) {
        const struct mr_past_attempt *a = &h->attempts[i];
        if (a->stage == MR_HISTORY_REDUCE && a->end == MR_END_DONE)
            to[count++] = *a;
    }
    qsort(to, count, sizeof *to, compare);
    return count;
}

static int write_partitions(FILE *f, const struct mr_history *h)
{
    struct mr_past_attempt *all = calloc(h->attempt_count + 1, sizeof *all);
    if (all == NULL)
        return -1;
    size_t count = gather(h, all);
    if (count > 0) {
        uint64_t most = all[0].read > 0 ? all[0].read : 1;
        fprintf(f, "<h2>Partitions</h2>\n<p>Bytes read: the most %s, the median %s, the least %s."
                   "</p>\n<table class=\"bars files\">\n<caption>The largest first</caption><tr>"
                   "<th scope=col>partition</th><th scope=col>read</th><th scope=col>records</th>"
                   "<th scope=col>seconds</th><th class=barcell></th></tr>\n",
                mr_amount_of(all[0].read).text, mr_amount_of(all[count / 2].read).text,
                mr_amount_of(all[count - 1].read).text);
        for (size_t i = 0; i < count && i < LARGEST; i++)
            fprintf(f, "<tr><th scope=row>%zu</th><td>%s</td><td>%llu</td><td>%.3f</td>"
                       "<td class=barcell><div class=bar style=\"width:%.1f%%\"></div></td></tr>\n",
                    all[i].task + 1, mr_amount_of(all[i].read).text,
                    (unsigned long long)all[i].records, all[i].took,
                    (double)all[i].read / (double)most * 100);
        fputs("</table>\n", f);
    }
    free(all);
    return 0;
}

/* ---- all of it -------------------------------------------------------------------------- */

/* The figures for programs. In a script's element only < could end it. */
static int write_data(FILE *f, const struct mr_page *p)
{
    struct mr_json j = { .failed = false };
    mr_json_open(&j, NULL, '{');
    mr_stats_put(&j, p->report, p->job);
    mr_json_close(&j, '}');
    int result = j.failed ? -1 : 0;
    fputs("<script type=\"application/json\" id=stats>", f);
    for (size_t i = 0; i < j.text.size; i++)
        if (j.text.at[i] == '<')
            fputs("\\u003c", f);
        else
            fputc(j.text.at[i], f);
    fputs("</script>\n", f);
    mr_json_free(&j);
    return result;
}

static int write_all(FILE *f, const struct mr_page *p)
{
    const struct mr_history *h = p->history;
    fprintf(f, "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
               "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
               "<title>wc-mr: %.3f s</title>\n<style>%s</style>\n</head>\n<body>\n"
               "<h1>A run of %.3f seconds</h1>\n", h->seconds, style, h->seconds);
    write_command(f, p->argv);
    if (p->why) {
        fputs("<p class=error><strong>It failed:</strong> ", f);
        mr_html_text(f, p->why);
        fputs("</p>\n", f);
    } else {
        write_summary(f, p);
    }
    write_stages(f, p->report);
    mr_page_ranking_write(f, p->job, p->ranking);
    mr_page_time_line_write(f, h);
    mr_page_curves_write(f, h);
    int result = write_partitions(f, h);
    write_slowest(f, h);
    write_failures(f, h);
    write_result(f, p);
    if (write_data(f, p) < 0)
        result = -1;
    fputs("<p>wc-mr " WC_MR_VERSION "</p>\n</body>\n</html>\n", f);
    return result;
}

int mr_page_write(const struct mr_page *page, struct mr_buffer *to)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (f == NULL)
        return -1;
    int result = write_all(f, page);
    bool failed = ferror(f) != 0;
    if (fclose(f) != 0 || failed)
        result = -1;
    if (result == 0)
        result = mr_buffer_add(to, text, size);
    free(text);
    return result;
}
