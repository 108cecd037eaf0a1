/* A part, or a file, that is written by the task that makes it. */
#include "write/part_writer.h"

#include "write/format.h"

enum { GATHER = 64 << 10 }; /* bytes of text before they are written */

static struct mr_part_writer *writer_of(struct mr_direct_sink *sink)
{
    return (struct mr_part_writer *)(void *)sink;
}

static int take_lines(struct mr_direct_sink *sink, const unsigned char *lines, size_t size,
                      uint64_t count, struct mr_error *err)
{
    struct mr_part_writer *w = writer_of(sink);
    w->written.records += count;
    w->written.lines += count;
    return mr_text_add(&w->text, lines, size, err) < 0 ? -1 : mr_text_add(&w->text, "\n", 1, err);
}

static int take_record(struct mr_direct_sink *sink, const struct mr_record *r,
                       const struct mr_key_place *place, struct mr_error *err)
{
    struct mr_part_writer *w = writer_of(sink);
    const struct mr_write_plan *plan = w->plan;
    w->written.records++;
    w->written.lines += mr_write_repeats(plan) ? mr_format_number(plan->scale.columns, r) : 1;
    return mr_write_record(plan, &w->text, r, place, err);
}

void mr_part_writer_init(struct mr_part_writer *w, const struct mr_write_plan *plan,
                         struct mr_output *output, uint32_t part, _Atomic uint64_t *progress)
{
    *w = (struct mr_part_writer){
        .sink = { .lines = take_lines, .record = take_record },
        .plan = plan,
        .text = { .gather = GATHER, .output = output, .part = part, .progress = progress,
                  .columns = plan->scale.columns },
    };
}

int mr_part_writer_finish(struct mr_part_writer *w, struct mr_write_result *result,
                          struct mr_error *err)
{
    if (mr_text_finish(&w->text, err) < 0 ||
        mr_output_cut(w->text.output, w->text.bytes, err) < 0)
        return -1;
    *result = w->written;
    result->bytes = w->text.bytes;
    return 0;
}

void mr_part_writer_release(struct mr_part_writer *w)
{
    mr_text_release(&w->text);
}
