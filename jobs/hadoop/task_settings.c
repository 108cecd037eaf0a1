/*
 * The settings of a job's tasks: which program each runs, and how records are converted on both
 * sides of it.
 *
 *     -io typedbytes    a mapper's input     numbered lines -> typed
 *                       what it writes       typed -> sortable lines
 *                       a reducer's input    sortable lines -> typed
 *                       what it writes       typed -> lines of the result
 */
#include "job.h"

#include "command.h"

#include <string.h>
#include <strings.h>

static const char *result_separator(const struct properties *p)
{
    return property_get(p, "mapreduce.output.textoutputformat.separator", "\t");
}

/* Records as a mapper writes them: their classes, and where wc-mr has them. */
static struct framing mapped(const struct job *j)
{
    static const enum class classes[][2] = {
        [FORM_LINES] = { CLASS_TEXT, CLASS_TEXT },
        [FORM_TYPED] = { CLASS_TYPED, CLASS_TYPED },
        [FORM_RAW] = { CLASS_BYTES, CLASS_BYTES },
        [FORM_KEY_ONLY] = { CLASS_TEXT, CLASS_NULL },
    };
    struct framing f = { .from = job_has_sortable_lines(j) ? FORM_SORTABLE : FORM_LINES,
                         .key = classes[j->map_output][0], .value = classes[j->map_output][1] };
    f.lines = (struct records){ .fields = j->key_fields, .separator = j->separator };
    return f;
}

/* What a program writes into the result, in this form. */
static void write_result(struct framing *f, const struct properties *p, enum form form)
{
    bool frames = form == FORM_TYPED || form == FORM_RAW;
    f->lines.written = result_separator(p);
    if (frames)
        *f = (struct framing){ .from = form, .to = FORM_RESULT, .lines.written = f->lines.written };
    f->key = f->value = form == FORM_TYPED ? CLASS_TYPED : CLASS_BYTES;
    if (form == FORM_KEY_ONLY)
        f->lines.fields = 0;
}

/* ---- mappers ---------------------------------------------------------------------------- */

/* Hadoop takes the first character of it, as a byte. */
static int find_key_value_separator(const struct properties *p, struct framing *f,
                                    struct mr_error *err)
{
    static const char name[] = "mapreduce.input.keyvaluelinerecordreader.key.value.separator";
    struct separator *s = &f->lines.separator;
    if (property_separator(p, name, s, err) < 0)
        return -1;
    s->size = 1;
    return s->at[0] < 0x80 ? 0
                           : mr_error_set(err, "-D %s='%s': its first character is to be one of "
                                               "ASCII", name, property_get(p, name, ""));
}

static int write_input(const struct job *j, struct framing *f, struct mr_error *err)
{
    const struct properties *p = &j->streaming.properties;
    bool numbered = j->input_format == INPUT_TEXT;
    f->key = numbered || j->input_format == INPUT_N_LINES ? CLASS_NUMBER : CLASS_TEXT;
    f->no_key = j->map_input == FORM_LINES &&
                property_flag(p, "stream.map.input.ignoreKey", numbered);
    f->lines.written = property_get(p, "stream.map.input.field.separator", "\t");
    f->lines.lf_only = numbered && property_get(p, "textinputformat.record.delimiter", NULL);
    f->to = j->map_input;
    if (numbered && !f->no_key)
        f->from = FORM_NUMBERED;
    if (j->input_format == INPUT_MARKED) {
        f->from = FORM_MARKED;
        f->begin = property_get(p, "stream.recordreader.begin", NULL);
        f->end = property_get(p, "stream.recordreader.end", NULL);
    }
    if (numbered || j->input_format == INPUT_MARKED)
        return 0;
    f->lines.fields = 1;
    f->lines.separator = (struct separator){ 1, { '\t' } }; /* behind an offset */
    return j->input_format == INPUT_KEY_VALUE ? find_key_value_separator(p, f, err) : 0;
}

static int write_mapper(const struct job *j, struct settings *t, struct mr_error *err)
{
    const struct streaming *s = &j->streaming;
    if (write_input(j, &t->input, err) < 0)
        return -1;
    if (job_has_sortable_lines(j)) {
        t->output.from = j->map_output;
        t->output.to = FORM_SORTABLE;
    } else if (j->reducers == 0) {
        t->output.lines = (struct records){ .fields = j->key_fields, .separator = j->separator };
        write_result(&t->output, &s->properties, j->map_output);
    }
    if (!job_class_is(s->mapper, "IdentityMapper"))
        command_split(s->mapper, &t->words);
    return settings_write(t, text_format("%s/map", j->directory), err);
}

/* ---- reducers --------------------------------------------------------------------------- */

/* A key and its value become two lines, and what is made of them is the result as it stands. */
static int write_aggregator(const struct job *j, struct settings *t, struct mr_error *err)
{
    t->input.lines.written = "\n";
    list_add(&t->words, "hadoop");
    list_add(&t->words, "aggregate");
    list_add(&t->words, result_separator(&j->streaming.properties));
    return settings_write(t, text_format("%s/reduce", j->directory), err);
}

/* Where there is no program, what it would get is the result. */
static int write_identity(const struct job *j, struct settings *t, struct mr_error *err)
{
    t->input.lines.written = result_separator(&j->streaming.properties);
    t->input.to = job_has_sortable_lines(j) ? FORM_RESULT : FORM_LINES;
    t->output.from = FORM_BYTES;
    return settings_write(t, text_format("%s/reduce", j->directory), err);
}

static int write_reducer(const struct job *j, struct settings *t, struct mr_error *err)
{
    const struct streaming *s = &j->streaming;
    const struct properties *p = &s->properties;
    struct records *output = &t->output.lines;
    t->input = mapped(j);
    if (s->reducer == NULL || job_class_is(s->reducer, "IdentityReducer"))
        return write_identity(j, t, err);
    if (strcasecmp(s->reducer, "aggregate") == 0)
        return write_aggregator(j, t, err);
    t->input.lines.written = property_get(p, "stream.reduce.input.field.separator", "\t");
    t->input.to = j->reduce_input;
    if (j->reduce_output == FORM_LINES &&
        (property_separator(p, "stream.reduce.output.field.separator", &output->separator,
                            err) < 0 ||
         property_fields(p, "stream.num.reduce.output.key.fields", &output->fields, err) < 0))
        return -1;
    write_result(&t->output, p, j->reduce_output);
    command_split(s->reducer, &t->words);
    return settings_write(t, text_format("%s/reduce", j->directory), err);
}

static int write_combiner(const struct job *j, struct settings *t, struct mr_error *err)
{
    const struct streaming *s = &j->streaming;
    if (!j->combines)
        return 0;
    t->input = mapped(j);
    t->input.lines.written = property_get(&s->properties, "stream.reduce.input.field.separator",
                                          "\t");
    t->input.to = j->reduce_input;
    if (job_has_sortable_lines(j)) {
        t->output.from = j->reduce_output;
        t->output.to = FORM_SORTABLE;
    }
    command_split(s->combiner, &t->words);
    return settings_write(t, text_format("%s/combine", j->directory), err);
}

/* ---- all of it -------------------------------------------------------------------------- */

static int write_environment(const struct job *j, struct mr_error *err)
{
    const struct list *variables = &j->streaming.environment;
    struct properties p = { 0 };
    struct list all = { 0 };
    property_set(&p, "mapreduce.job.name", "streamjob");
    property_set(&p, "mapreduce.job.reduces", text_format("%llu", (unsigned long long)j->reducers));
    property_set(&p, "mapreduce.job.id", text_format("job_%s", j->id));
    property_set(&p, "mapreduce.job.local.dir", text_format("%s/local", j->directory));
    property_set(&p, "mapreduce.output.fileoutputformat.outputdir",
                 path_uri(j->fs, j->output.local));
    property_environment(&p, &all);
    property_environment(&j->streaming.properties, &all);
    for (size_t i = 0; i < variables->count; i++)
        if (strchr(variables->at[i], '=') != NULL)
            list_add(&all, variables->at[i]);
    return settings_write_list(&all, text_format("%s/environment", j->directory), err);
}

int job_write_task_settings(const struct job *j, struct mr_error *err)
{
    const struct properties *p = &j->streaming.properties;
    struct settings usual = { .prefix = property_get(p, "stream.stderr.reporter.prefix",
                                                     "reporter:") };
    usual.any_status = strcasecmp(property_get(p, "stream.non.zero.exit.is.failure", "true"),
                                  "false") == 0;
    struct settings map = usual, reduce = usual, combine = usual;
    return write_mapper(j, &map, err) < 0 || write_combiner(j, &combine, err) < 0 ||
                   write_reducer(j, &reduce, err) < 0 || write_environment(j, err) < 0
               ? -1
               : settings_write_list(&j->inputs, text_format("%s/inputs", j->directory), err);
}
