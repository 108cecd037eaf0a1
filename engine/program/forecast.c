/* What a run would do. */
#include "program/forecast.h"

#include "base/amount.h"
#include "base/message.h"

#include <stdio.h>

static void print(const char *what, const char *text)
{
    printf("%-16s %s\n", what, text);
}

static const char *s(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_input(const struct mr_forecast *f)
{
    char text[256];
    size_t n = 0;
    if (f->files > 0 || f->streams == 0)
        n = mr_message(text, sizeof text, "%llu file%s, %s", (unsigned long long)f->files,
                       s(f->files), mr_amount_of(f->input_bytes).text);
    if (f->streams > 0)
        mr_message(text + n, sizeof text - n, "%s%llu stream%s, of unknown length", n ? "; " : "",
                   (unsigned long long)f->streams, s(f->streams));
    print("input", text);
    const struct mr_passed_over *p = &f->passed_over;
    mr_message(text, sizeof text,
               "%llu hidden names, %llu directories, %llu other things, %llu own",
               (unsigned long long)p->hidden, (unsigned long long)p->directories,
               (unsigned long long)p->no_files, (unsigned long long)p->own);
    print("passed over", text);
}

static void print_map(const struct mr_forecast *f)
{
    char text[256];
    size_t n = 0;
    if (f->map_tasks > 0 || f->streams == 0)
        n = mr_message(text, sizeof text, "%llu task%s of up to about %s",
                       (unsigned long long)f->map_tasks, s(f->map_tasks),
                       mr_amount_of(f->split_size).text);
    if (f->streams > 0)
        n += mr_message(text + n, sizeof text - n, "%sas many tasks as streams take",
                        n ? ", and " : "");
    mr_message(text + n, sizeof text - n, "; %u process%s at once", f->mappers,
               f->mappers == 1 ? "" : "es");
    print("map", text);
}

static void print_others(const struct mr_forecast *f)
{
    char text[256];
    if (f->reducers > 0)
        mr_message(text, sizeof text, "%u partition%s; %u process%s at once", f->reducers,
                   s(f->reducers), f->reducers_at_once, f->reducers_at_once == 1 ? "" : "es");
    else
        mr_message(text, sizeof text, "none");
    print("reduce", text);
    if (f->mergers > 0)
        mr_message(text, sizeof text, "up to %u process%s at once", f->mergers,
                   f->mergers == 1 ? "" : "es");
    else
        mr_message(text, sizeof text, "by the tasks that make the result, as they make it");
    print("sort and write", text);
}

static void print_temporary(const struct mr_forecast *f)
{
    char text[256];
    if (f->files == 0 && f->streams > 0)
        mr_message(text, sizeof text, "of streams nobody knows how much");
    else if (f->reducers + f->mergers == 0)
        mr_message(text, sizeof text, "for large records only");
    else
        mr_message(text, sizeof text, "seldom more than %s, and more where files are compressed%s",
                   mr_amount_of(f->temporary).text,
                   f->streams > 0 ? "; of streams nobody knows" : "");
    print("temporary files", text);
}

static void print_room(const struct mr_forecast *f, const struct mr_config *c)
{
    char text[4500], free_bytes[64] = "";
    mr_message(text, sizeof text, "%s for all processes, of it %s for temporary files",
               mr_amount_of(f->memory).text, mr_amount_of(f->memory_files).text);
    print("memory", text);
    print_temporary(f);
    if (f->temp_free > 0)
        mr_message(free_bytes, sizeof free_bytes, " (%s free)", mr_amount_of(f->temp_free).text);
    mr_message(text, sizeof text, "%s, in '%s'%s",
               c->work_dir ? "all of that, kept until the output is whole"
                           : "what of that memory has no room for", f->temp_dir, free_bytes);
    print("disk", text);
}

static void print_output(const struct mr_forecast *f, const struct mr_config *c)
{
    char text[4500];
    if (c->output_dir && f->parts == 0)
        mr_message(text, sizeof text, "directory '%s', a part for each map task", c->output_dir);
    else if (c->output_dir)
        mr_message(text, sizeof text, "directory '%s' of %llu part%s", c->output_dir,
                   (unsigned long long)f->parts, s(f->parts));
    else if (c->output)
        mr_message(text, sizeof text, "'%s'%s", c->output,
                   f->replaces ? ", replaced when whole" : "");
    else
        mr_message(text, sizeof text, "standard output");
    print("output", text);
}

void mr_forecast_print(const struct mr_forecast *f, const struct mr_config *config)
{
    print_input(f);
    print_map(f);
    print_others(f);
    print_room(f, config);
    print_output(f, config);
}
