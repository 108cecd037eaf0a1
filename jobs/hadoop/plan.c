/* From properties to what tasks do with lines. */
#include "job.h"

#include "command.h"
#include "keys.h"

#include <string.h>
#include <strings.h>

/* ---- what is refused -------------------------------------------------------------------- */

/* The simple name of a class of Hadoop's. */
static const char *simple(const char *class)
{
    const char *dot = strrchr(class, '.');
    return dot ? dot + 1 : class;
}

static bool is_class(const char *text, const char *name)
{
    return text != NULL && text_begins(text, "org.apache.hadoop.") && text_is(simple(text), name);
}

static int check_class(const char *option, const char *command, const char *identity,
                       struct mr_error *err)
{
    if (command == NULL || !text_begins(command, "org.apache.hadoop.") ||
        is_class(command, identity))
        return 0;
    return mr_error_set(err, "%s %s: of Java's classes only %s is there; give a command", option,
                        command, identity);
}

/* Formats other than lines of text. */
static int check_format(const struct properties *p, const char *name, bool key_only,
                        struct mr_error *err)
{
    const char *format = property_get(p, name, "text");
    if (strcasecmp(format, "rawbytes") != 0 && strcasecmp(format, "typedbytes") != 0 &&
        (key_only || strcasecmp(format, "keyonlytext") != 0))
        return 0;
    return mr_error_set(err, "-D %s=%s is not there: text is%s", name, format,
                        key_only ? ", and keyonlytext"
                                 : "; -D stream.reduce.output=keyonlytext leaves out tabs behind "
                                   "lines of the result");
}

static int check_input_format(const char *format, struct mr_error *err)
{
    if (format == NULL || text_is(simple(format), "TextInputFormat") ||
        text_is(simple(format), "KeyValueTextInputFormat") ||
        text_is(simple(format), "NLineInputFormat"))
        return 0;
    return mr_error_set(err, "-inputformat %s: TextInputFormat, KeyValueTextInputFormat and "
                             "NLineInputFormat are there", format);
}

/* What fields are of: one separator is for all. */
static int check_field_separator(const struct job *j, struct mr_error *err)
{
    static const char name[] = "mapreduce.map.output.key.field.separator";
    const char *text = property_get(&j->streaming.properties, name, "\t");
    return text[0] == j->separator && text[1] == '\0'
               ? 0
               : mr_error_set(err, "-D %s='%s': here it is to be the same as "
                                   "stream.map.output.field.separator", name, text);
}

static int plan_partitions(struct job *j, struct mr_error *err)
{
    const struct properties *p = &j->streaming.properties;
    const char *class = property_get(p, "mapreduce.job.partitioner.class", "HashPartitioner");
    const char *fields = property_get(p, "num.key.fields.for.partition", NULL);
    char *list;
    if (j->streaming.partitioner)
        class = j->streaming.partitioner;
    /* Without several partitions, it decides nothing. */
    if (j->reducers <= 1 || text_is(simple(class), "HashPartitioner"))
        return 0;
    if (!text_is(simple(class), "KeyFieldBasedPartitioner"))
        return mr_error_set(err, "-partitioner %s is not there: HashPartitioner and "
                                 "KeyFieldBasedPartitioner are", class);
    const char *options = property_get(p, "mapreduce.partition.keypartitioner.options",
                                       fields ? text_format("-k1,%s", fields) : "");
    if (keys_partition(options, &list, err) < 0)
        return -1;
    if (*list == '\0')
        return 0;
    j->partition_by = list;
    return check_field_separator(j, err);
}

static int plan_order(struct job *j, struct mr_error *err)
{
    const struct properties *p = &j->streaming.properties;
    const char *class = property_get(p, "mapreduce.job.output.key.comparator.class", NULL);
    if (class == NULL || j->reducers == 0)
        return 0;
    if (!text_is(simple(class), "KeyFieldBasedComparator"))
        return mr_error_set(err, "-D mapreduce.job.output.key.comparator.class=%s is not there: "
                                 "KeyFieldBasedComparator is", class);
    const char *options = property_get(p, "mapreduce.partition.keycomparator.options", "");
    if (options[strspn(options, " ")] == '\0')
        return 0;
    j->sort_by = options;
    return check_field_separator(j, err);
}

/* Lines that a combiner writes have keys as those of a mapper here, and as those of a reducer on
 * Hadoop: where that is not the same, it is not run, as it never has to be. */
static void plan_combiner(struct job *j)
{
    const struct streaming *s = &j->streaming;
    const char *separator = property_get(&s->properties, "stream.reduce.output.field.separator",
                                         "\t");
    j->combines = s->combiner && j->reducers > 0 &&
                  !text_begins(s->combiner, "org.apache.hadoop.") &&
                  separator[0] == j->separator && separator[1] == '\0';
}

static int check_refused(const struct properties *p, struct mr_error *err)
{
    static const char *const refused[][2] = {
        { "textinputformat.record.delimiter", "records are lines" },
        { "stream.map.input.ignoreKey", "a mapper gets lines without their offsets" },
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (property_get(p, refused[i][0], NULL) != NULL)
            return mr_error_set(err, "-D %s is not there: %s", refused[i][0], refused[i][1]);
    return 0;
}

static int check(const struct job *j, struct mr_error *err)
{
    const struct streaming *s = &j->streaming;
    const struct properties *p = &s->properties;
    if (is_class(s->mapper, "IdentityMapper") &&
        (s->input_format == NULL ||
         !text_is(simple(s->input_format), "KeyValueTextInputFormat")))
        return mr_error_set(err, "-mapper %s hands on offsets of lines as keys, which no program "
                                 "can read; -mapper cat hands on lines", s->mapper);
    return check_class("-mapper", s->mapper, "IdentityMapper", err) < 0 ||
                   check_class("-reducer", s->reducer, "IdentityReducer", err) < 0 ||
                   check_input_format(s->input_format, err) < 0 ||
                   check_format(p, "stream.map.input", false, err) < 0 ||
                   check_format(p, "stream.map.output", j->reducers == 0, err) < 0 ||
                   check_format(p, "stream.reduce.input", false, err) < 0 ||
                   check_format(p, "stream.reduce.output", true, err) < 0
               ? -1
               : check_refused(p, err);
}

/* ---- sizes and separators --------------------------------------------------------------- */

static int separator(const struct properties *p, const char *name, char *byte, struct mr_error *err)
{
    const char *text = property_get(p, name, "\t");
    *byte = *text;
    if (text[0] != '\0' && text[1] == '\0' && *text != '\n' && *text != '\r')
        return 0;
    return mr_error_set(err, "-D %s='%s': a separator that is looked for is one byte here (a tab "
                             "is $'\\t' in bash)", name, text);
}

static int fields(const struct properties *p, const char *name, uint64_t *number,
                  struct mr_error *err)
{
    if (property_number(p, name, 1, number, err) < 0)
        return -1;
    return *number > 0 ? 0 : mr_error_set(err, "-D %s=0: a key has a field at least", name);
}

int job_plan(struct job *j, struct mr_error *err)
{
    struct streaming *s = &j->streaming;
    const struct properties *p = &s->properties;
    if (property_number(p, "mapreduce.job.reduces", 1, &j->reducers, err) < 0 ||
        separator(p, "stream.map.output.field.separator", &j->separator, err) < 0 ||
        fields(p, "stream.num.map.output.key.fields", &j->key_fields, err) < 0)
        return -1;
    if (s->reducer && text_is(s->reducer, "NONE"))
        j->reducers = 0;
    plan_combiner(j);
    j->by_lines = s->input_format && text_is(simple(s->input_format), "NLineInputFormat");
    return check(j, err) < 0 || plan_partitions(j, err) < 0 ? -1 : plan_order(j, err);
}

/* ---- tasks ------------------------------------------------------------------------------ */

static bool is_key_only(const struct properties *p, const char *name)
{
    return strcasecmp(property_get(p, name, "text"), "keyonlytext") == 0;
}

static const char *result_separator(const struct properties *p)
{
    return property_get(p, "mapreduce.output.textoutputformat.separator", "\t");
}

static int tell_mapper(const struct job *j, struct settings *t, struct mr_error *err)
{
    const struct streaming *s = &j->streaming;
    const struct properties *p = &s->properties;
    if (s->input_format && text_is(simple(s->input_format), "KeyValueTextInputFormat")) {
        t->input.fields = 1;
        t->input.written = property_get(p, "stream.map.input.field.separator", "\t");
        if (separator(p, "mapreduce.input.keyvaluelinerecordreader.key.value.separator",
                      &t->input.separator, err) < 0)
            return -1;
    }
    if (j->reducers == 0 && !is_key_only(p, "stream.map.output"))
        t->output = (struct records){ .fields = j->key_fields, .separator = j->separator,
                                      .written = result_separator(p) };
    if (!is_class(s->mapper, "IdentityMapper"))
        command_split(s->mapper, &t->words);
    return settings_write(t, text_format("%s/map", j->directory), err);
}

/* A key and its value become two lines, and what is made of them is the result as it stands. */
static int tell_aggregator(const struct job *j, struct settings *t, struct mr_error *err)
{
    t->input.written = "\n";
    list_add(&t->words, "hadoop");
    list_add(&t->words, "aggregate");
    list_add(&t->words, result_separator(&j->streaming.properties));
    return settings_write(t, text_format("%s/reduce", j->directory), err);
}

/* Where there is no program, what it would get is the result. */
static int tell_reducer(const struct job *j, struct settings *t, struct mr_error *err)
{
    const struct streaming *s = &j->streaming;
    const struct properties *p = &s->properties;
    bool program = s->reducer && !is_class(s->reducer, "IdentityReducer");
    t->input = (struct records){ .fields = j->key_fields, .separator = j->separator };
    if (program && strcasecmp(s->reducer, "aggregate") == 0)
        return tell_aggregator(j, t, err);
    t->input.written = program ? property_get(p, "stream.reduce.input.field.separator", "\t")
                               : result_separator(p);
    if (program && !is_key_only(p, "stream.reduce.output")) {
        t->output.written = result_separator(p);
        if (separator(p, "stream.reduce.output.field.separator", &t->output.separator, err) < 0 ||
            fields(p, "stream.num.reduce.output.key.fields", &t->output.fields, err) < 0)
            return -1;
    }
    if (program)
        command_split(s->reducer, &t->words);
    return settings_write(t, text_format("%s/reduce", j->directory), err);
}

static int tell_combiner(const struct job *j, struct settings *t, struct mr_error *err)
{
    const struct streaming *s = &j->streaming;
    if (!j->combines)
        return 0;
    t->input = (struct records){ .fields = j->key_fields, .separator = j->separator };
    t->input.written = property_get(&s->properties, "stream.reduce.input.field.separator", "\t");
    command_split(s->combiner, &t->words);
    return settings_write(t, text_format("%s/combine", j->directory), err);
}

static int tell_environment(const struct job *j, struct mr_error *err)
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

int job_tell_tasks(const struct job *j, struct mr_error *err)
{
    const struct properties *p = &j->streaming.properties;
    struct settings usual = { .prefix = property_get(p, "stream.stderr.reporter.prefix",
                                                     "reporter:") };
    usual.any_status = strcasecmp(property_get(p, "stream.non.zero.exit.is.failure", "true"),
                                  "false") == 0;
    struct settings map = usual, reduce = usual, combine = usual;
    return tell_mapper(j, &map, err) < 0 || tell_combiner(j, &combine, err) < 0 ||
                   tell_reducer(j, &reduce, err) < 0 || tell_environment(j, err) < 0
               ? -1
               : settings_write_list(&j->inputs, text_format("%s/inputs", j->directory), err);
}
