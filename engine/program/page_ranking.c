/* Of a page about a run, how large its result's values are. */
#include "program/page_ranking.h"

#include "base/choices.h"
#include "base/utf8.h"
#include "program/html.h"

#include <math.h>
#include <string.h>

/* ---- the first ones --------------------------------------------------------------------- */

/* A key is any bytes; a zero is no end of it. */
static void write_key(FILE *f, const struct mr_fingerprint *key)
{
    char text[MR_KEY_SHOWN + 1];
    size_t size = key->shown;
    bool cut = size < key->size;
    if (cut)
        size -= mr_utf8_unfinished(key->bytes, size);
    memcpy(text, key->bytes, size);
    text[size] = '\0';
    fputs("<th scope=row class=w><bdi>", f);
    for (size_t at = 0; at < size; at += strlen(text + at) + 1) {
        mr_html_text(f, text + at);
        if (at + strlen(text + at) < size)
            fputs("\\0", f);
    }
    fputs(cut ? "...</bdi></th>" : size > 0 ? "</bdi></th>" : "</bdi>(empty)</th>", f);
}

static void write_first(FILE *f, const struct mr_job *job, const struct mr_ranking *r)
{
    double most = r->first[0].value > 0 ? (double)r->first[0].value : 1;
    bool by_file = r->first[0].file[0] != '\0';
    fprintf(f, "<table class=\"bars%s\">\n<caption>The first %u by ", by_file ? " files" : "",
            r->first_count);
    mr_html_text(f, mr_value_name(job));
    fputs("</caption>\n<tr>", f);
    if (by_file)
        fputs("<th scope=col class=w>file</th>", f);
    fputs("<th scope=col class=w>", f);
    mr_html_text(f, mr_key_name(job));
    fputs("</th><th scope=col>", f);
    mr_html_text(f, mr_value_name(job));
    fputs("</th><td class=barcell></td></tr>\n", f);
    for (uint32_t i = 0; i < r->first_count; i++) {
        fputs("<tr>", f);
        if (by_file)
            mr_html_cell(f, r->first[i].file);
        write_key(f, &r->first[i].key);
        fprintf(f, "<td>%llu</td><td class=barcell><div class=bar style=\"width:%.1f%%\"></div>"
                   "</td></tr>\n", (unsigned long long)r->first[i].value,
                (double)r->first[i].value / most * 100);
    }
    fputs("</table>\n", f);
}

/* ---- rank against value ----------------------------------------------------------------- */

/* A curve of ranks, and how many powers of ten each of its scales has. */
struct curve {
    struct mr_rank at[MR_RANKS_MAX];
    size_t count; /* of points that stand on the scales: those of values that are not 0 */
    int across, up;
};

/* 250,000: 6, as it is below 10^6. */
static int tens(uint64_t number)
{
    int count = 0;
    for (; number > 1; number = number / 10 + (number % 10 > 0))
        count++;
    return count > 0 ? count : 1;
}

static void make_curve(struct curve *c, const struct mr_ranking *r)
{
    c->count = mr_ranking_curve(r, c->at);
    while (c->count > 0 && c->at[c->count - 1].value == 0)
        c->count--;
    if (c->count == 0)
        return;
    c->across = tens(c->at[c->count - 1].rank);
    c->up = tens(c->at[0].value);
}

static double across(const struct curve *c, double rank)
{
    return log10(rank) / c->across * 1000;
}

static double down(const struct curve *c, double value)
{
    return 1000 - log10(value) / c->up * 1000;
}

/* Writes the number at a power of ten, as 10k. */
static void write_tens(FILE *f, int power)
{
    static const char units[][2] = { "", "k", "M", "G", "T", "P", "E" };
    static const char *const numbers[] = { "1", "10", "100" };
    fprintf(f, "%s%s</i>", numbers[power % 3], units[power / 3]);
}

static void write_scales(FILE *f, const struct curve *c)
{
    for (int power = 0; power <= c->up; power++) {
        fprintf(f, "<i style=\"top:%.2f%%\">", 100 - 100.0 * power / c->up);
        write_tens(f, power);
    }
    fputs("</div>\n<div class=rank aria-hidden=true>", f);
    for (int power = 0; power <= c->across; power++) {
        fprintf(f, "<i style=\"left:%.2f%%\">", 100.0 * power / c->across);
        write_tens(f, power);
    }
    fputs("<p>rank</p></div>\n", f);
}

static void write_line(FILE *f, const char *name, double x1, double y1, double x2, double y2)
{
    fprintf(f, "<line%s vector-effect=non-scaling-stroke x1=%.1f y1=%.1f x2=%.1f y2=%.1f />\n",
            name, x1, y1, x2, y2);
}

/* Draws what Zipf's law has: the n-th has the n-th part of what the first has. */
static void write_zipf(FILE *f, const struct curve *c)
{
    double most = (double)c->at[0].value, ranks = pow(10, c->across);
    double last = most < ranks ? most : ranks;
    write_line(f, " class=zipf", across(c, 1), down(c, most), across(c, last),
               down(c, most / last));
}

/* A value holds from behind the last point's rank on: a line that slopes to where its last key
 * stands would be far above the many that have been counted once. */
static void write_steps(FILE *f, const struct curve *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const double y = down(c, (double)c->at[i].value);
        const uint64_t first = i > 0 ? c->at[i - 1].rank + 1 : 1, last = c->at[i].rank;
        fprintf(f, "%.1f,%.1f ", across(c, (double)first), y);
        if (last > first)
            fprintf(f, "%.1f,%.1f ", across(c, (double)last), y);
    }
}

static void write_plot(FILE *f, const struct mr_job *job, const struct curve *c)
{
    fputs("<div class=plot><i class=name>", f);
    mr_html_text(f, mr_value_name(job));
    fputs("</i><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=none role=img "
          "aria-label=\"", f);
    mr_html_text(f, mr_value_name(job));
    fputs(" by rank, on scales of powers of ten\">\n", f);
    for (int power = 1; power <= c->up; power++)
        write_line(f, "", 0, 1000 - 1000.0 * power / c->up, 1000, 1000 - 1000.0 * power / c->up);
    for (int power = 1; power <= c->across; power++)
        write_line(f, "", 1000.0 * power / c->across, 0, 1000.0 * power / c->across, 1000);
    write_zipf(f, c);
    fputs("<polyline vector-effect=non-scaling-stroke points=\"", f);
    write_steps(f, c);
    fputs("\"/></svg>\n", f);
    write_scales(f, c);
}

/* Lists some points: the first ones, and from there on one whenever the rank has doubled. */
static void write_points(FILE *f, const struct mr_job *job, const struct curve *c)
{
    uint64_t next = 1;
    fputs("<details><summary>These figures as a table</summary>\n<table>\n<tr><th scope=col>rank"
          "</th><th scope=col>", f);
    mr_html_text(f, mr_value_name(job));
    fputs("</th></tr>\n", f);
    for (size_t i = 0; i < c->count; i++) {
        if (c->at[i].rank < next && i + 1 < c->count)
            continue;
        fprintf(f, "<tr><th scope=row>%llu</th><td>%llu</td></tr>\n",
                (unsigned long long)c->at[i].rank, (unsigned long long)c->at[i].value);
        next = c->at[i].rank < 10 ? c->at[i].rank + 1 : c->at[i].rank * 2;
    }
    fputs("</table></details>\n", f);
}

void mr_page_ranking_write(FILE *f, const struct mr_job *job, const struct mr_ranking *r)
{
    struct curve c;
    if (r->all == 0 && r->missing == 0)
        return;
    fprintf(f, "<h2>Ranking</h2>\n");
    if (r->missing > 0) {
        fprintf(f, "<p>Not known: %u of the reduce tasks had been done by an earlier run.</p>\n",
                r->missing);
        return;
    }
    write_first(f, job, r);
    make_curve(&c, r);
    if (c.count == 0)
        return;
    fprintf(f, "<p>All %llu by rank: the first has %llu, the last %llu. Both scales are of powers "
               "of ten; the broken line is Zipf&#39;s law, by which the n-th has an n-th of what "
               "the first has.</p>\n", (unsigned long long)r->all,
            (unsigned long long)c.at[0].value, (unsigned long long)c.at[c.count - 1].value);
    write_plot(f, job, &c);
    write_points(f, job, &c);
}
