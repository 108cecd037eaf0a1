/* From properties to what wc-mr is asked for. */
#include "job.h"

#include "key_partitioner.h"

#include <string.h>
#include <strings.h>

/* The last part of a class's name. */
static const char *simple(const char *class)
{
    const char *dot = strrchr(class, '.');
    return dot ? dot + 1 : class;
}

bool job_class_is(const char *text, const char *name)
{
    return text != NULL && text_begins(text, "org.apache.hadoop.") && text_is(simple(text), name);
}

/* ---- what is refused -------------------------------------------------------------------- */

static int check_class(const char *option, const char *command, const char *identity,
                       struct mr_error *err)
{
    if (command == NULL || !text_begins(command, "org.apache.hadoop.") ||
        job_class_is(command, identity))
        return 0;
    return mr_error_set(err, "%s %s: of Java's classes only %s is there; give a command", option,
                        command, identity);
}

static int check_mark(const struct properties *p, const char *name, struct mr_error *err)
{
    const char *mark = property_get(p, name, NULL);
    if (mark == NULL)
        return mr_error_set(err, "JobConf: missing required property: %s", name);
    return mark[strcspn(mark, "\r\n")] == '\0'
               ? 0
               : mr_error_set(err, "-D %s='%s': a mark has no end of a line in it", name, mark);
}

/* StreamInputFormat: by another class, which is usually that of lines with keys. */
static int find_reader(struct job *j, struct mr_error *err)
{
    const struct properties *p = &j->streaming.properties;
    const char *class = property_get(p, "stream.recordreader.class", "StreamLineRecordReader");
    j->input_format = INPUT_KEY_VALUE;
    if (text_is(simple(class), "StreamLineRecordReader"))
        return 0;
    j->input_format = INPUT_MARKED;
    if (!text_is(simple(class), "StreamXmlRecordReader") &&
        !text_is(simple(class), "StreamXmlRecord")) /* as Hadoop's manual calls it */
        return mr_error_set(err, "-inputreader %s is not there: StreamXmlRecordReader is", class);
    if (property_is_true(p, "stream.recordreader.slowmatch"))
        return mr_error_set(err, "-inputreader %s: slowmatch is not there; begin and end are bytes "
                                 "as they stand in the file", class);
    return check_mark(p, "stream.recordreader.begin", err) < 0
               ? -1
               : check_mark(p, "stream.recordreader.end", err);
}

static int find_input_format(struct job *j, struct mr_error *err)
{
    static const char *const names[] = { [INPUT_TEXT] = "TextInputFormat",
                                         [INPUT_KEY_VALUE] = "KeyValueTextInputFormat",
                                         [INPUT_N_LINES] = "NLineInputFormat",
                                         [INPUT_MARKED] = "StreamInputFormat" };
    const char *format = j->streaming.input_format;
    for (size_t i = 0; format && i < sizeof names / sizeof *names; i++)
        if (text_is(simple(format), names[i])) {
            j->input_format = (enum input_format)i;
            return j->input_format == INPUT_MARKED ? find_reader(j, err) : 0;
        }
    return format == NULL ? 0
                          : mr_error_set(err, "-inputformat %s: TextInputFormat, "
                                              "KeyValueTextInputFormat, NLineInputFormat and "
                                              "StreamInputFormat are there", format);
}

/* What is between wc-mr and programs; what is not known, Hadoop takes for text. */
static enum form find_form(const struct properties *p, const char *name)
{
    const char *id = property_get(p, name, "text");
    return strcasecmp(id, "typedbytes") == 0    ? FORM_TYPED
           : strcasecmp(id, "rawbytes") == 0    ? FORM_RAW
           : strcasecmp(id, "keyonlytext") == 0 ? FORM_KEY_ONLY
                                                : FORM_LINES;
}

static void find_forms(struct job *j)
{
    const struct properties *p = &j->streaming.properties;
    j->map_input = find_form(p, "stream.map.input");
    j->map_output = find_form(p, "stream.map.output");
    j->reduce_input = find_form(p, "stream.reduce.input");
    j->reduce_output = find_form(p, "stream.reduce.output");
}

static int check_text(const struct job *j, const char *what, struct mr_error *err)
{
    return job_has_sortable_lines(j)
               ? mr_error_set(err, "%s takes text from mappers, so that stream.map.output is to "
                                   "be text", what)
               : 0;
}

static int plan_partitions(struct job *j, struct mr_error *err)
{
    const struct properties *p = &j->streaming.properties;
    const char *class = property_get(p, "mapreduce.job.partitioner.class", "HashPartitioner");
    const char *fields = property_get(p, "num.key.fields.for.partition", NULL);
    char *keys;
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
    if (key_partitioner_fields(options, &keys, err) < 0)
        return -1;
    if (*keys == '\0')
        return 0;
    j->partition_by = keys;
    return check_text(j, "KeyFieldBasedPartitioner", err);
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
    return check_text(j, "KeyFieldBasedComparator", err);
}

/* What a combiner writes is read as what a mapper writes here, and as what a reducer does on
 * Hadoop: where that is not the same, it is not run, as it never has to be. */
static int plan_combiner(struct job *j, struct mr_error *err)
{
    const struct streaming *s = &j->streaming;
    struct separator separator;
    if (property_separator(&s->properties, "stream.reduce.output.field.separator", &separator,
                           err) < 0)
        return -1;
    j->combines = s->combiner && j->reducers > 0 &&
                  !text_begins(s->combiner, "org.apache.hadoop.") &&
                  j->map_output == j->reduce_output &&
                  (job_has_sortable_lines(j) || separator_is(&separator, &j->separator));
    return 0;
}

static int check_refused(const struct properties *p, struct mr_error *err)
{
    const char *delimiter = property_get(p, "textinputformat.record.delimiter", "\n");
    if (!text_is(delimiter, "\n"))
        return mr_error_set(err, "-D textinputformat.record.delimiter='%s': records are lines; a "
                                 "line feed is there ($'\\n' in bash)", delimiter);
    static const char *const refused[][2] = {
        { "stream.io.identifier.resolver.class", "text, keyonlytext, typedbytes and rawbytes are" },
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (property_get(p, refused[i][0], NULL) != NULL)
            return mr_error_set(err, "-D %s is not there: %s", refused[i][0], refused[i][1]);
    return 0;
}

static int check(const struct job *j, struct mr_error *err)
{
    const struct streaming *s = &j->streaming;
    if (job_class_is(s->mapper, "IdentityMapper") && j->input_format == INPUT_MARKED)
        return mr_error_set(err, "-mapper %s hands on records of several lines, which are no keys "
                                 "of lines; -mapper cat hands on lines", s->mapper);
    if (job_class_is(s->mapper, "IdentityMapper") && j->input_format != INPUT_KEY_VALUE)
        return mr_error_set(err, "-mapper %s hands on offsets of lines as keys, which no program "
                                 "can read; -mapper cat hands on lines", s->mapper);
    if (job_class_is(s->mapper, "IdentityMapper") && j->map_output != FORM_LINES)
        return mr_error_set(err, "-mapper %s hands on text, so that stream.map.output is to be "
                                 "text", s->mapper);
    if (s->reducer && strcasecmp(s->reducer, "aggregate") == 0 &&
        check_text(j, "-reducer aggregate", err) < 0)
        return -1;
    return check_class("-mapper", s->mapper, "IdentityMapper", err) < 0 ||
                   check_class("-reducer", s->reducer, "IdentityReducer", err) < 0
               ? -1
               : check_refused(&s->properties, err);
}

int job_plan(struct job *j, struct mr_error *err)
{
    struct streaming *s = &j->streaming;
    const struct properties *p = &s->properties;
    if (property_number(p, "mapreduce.job.reduces", 1, &j->reducers, err) < 0 ||
        property_separator(p, "stream.map.output.field.separator", &j->separator, err) < 0 ||
        property_separator(p, "mapreduce.map.output.key.field.separator", &j->field_separator,
                           err) < 0 ||
        property_fields(p, "stream.num.map.output.key.fields", &j->key_fields, err) < 0 ||
        find_input_format(j, err) < 0)
        return -1;
    if (s->reducer && text_is(s->reducer, "NONE"))
        j->reducers = 0;
    find_forms(j);
    return plan_combiner(j, err) < 0 || check(j, err) < 0 || plan_partitions(j, err) < 0
               ? -1
               : plan_order(j, err);
}
