/* Names and values. */
#include "properties.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[][2] = {
    { "mapreduce.job.id", "mapred.job.id" },
    { "mapreduce.job.name", "mapred.job.name" },
    { "mapreduce.job.user.name", "user.name" },
    { "mapreduce.job.local.dir", "job.local.dir" },
    { "mapreduce.job.maps", "mapred.map.tasks" },
    { "mapreduce.job.reduces", "mapred.reduce.tasks" },
    { "mapreduce.task.id", "mapred.tip.id" },
    { "mapreduce.task.attempt.id", "mapred.task.id" },
    { "mapreduce.task.ismap", "mapred.task.is.map" },
    { "mapreduce.task.partition", "mapred.task.partition" },
    { "mapreduce.task.output.dir", "mapred.work.output.dir" },
    { "mapreduce.task.timeout", "mapred.task.timeout" },
    { "mapreduce.map.input.file", "map.input.file" },
    { "mapreduce.map.input.start", "map.input.start" },
    { "mapreduce.map.input.length", "map.input.length" },
    { "mapreduce.map.maxattempts", "mapred.map.max.attempts" },
    { "mapreduce.reduce.maxattempts", "mapred.reduce.max.attempts" },
    { "mapreduce.map.output.compress", "mapred.compress.map.output" },
    { "mapreduce.map.debug.script", "mapred.map.task.debug.script" },
    { "mapreduce.reduce.debug.script", "mapred.reduce.task.debug.script" },
    { "mapreduce.input.fileinputformat.inputdir", "mapred.input.dir" },
    { "mapreduce.input.fileinputformat.split.minsize", "mapred.min.split.size" },
    { "mapreduce.input.fileinputformat.split.maxsize", "mapred.max.split.size" },
    { "mapreduce.input.fileinputformat.input.dir.recursive", "mapred.input.dir.recursive" },
    { "mapreduce.input.lineinputformat.linespermap", "mapred.line.input.format.linespermap" },
    { "mapreduce.input.keyvaluelinerecordreader.key.value.separator",
      "key.value.separator.in.input.line" },
    { "mapreduce.output.fileoutputformat.outputdir", "mapred.output.dir" },
    { "mapreduce.output.fileoutputformat.compress", "mapred.output.compress" },
    { "mapreduce.output.fileoutputformat.compress.codec", "mapred.output.compression.codec" },
    { "mapreduce.output.textoutputformat.separator", "mapred.textoutputformat.separator" },
    { "mapreduce.map.output.key.field.separator", "map.output.key.field.separator" },
    { "mapreduce.job.output.key.comparator.class", "mapred.output.key.comparator.class" },
    { "mapreduce.job.partitioner.class", "mapred.partitioner.class" },
    { "mapreduce.partition.keypartitioner.options", "mapred.text.key.partitioner.options" },
    { "mapreduce.partition.keycomparator.options", "mapred.text.key.comparator.options" },
};

const char *property_other_name(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (text_is(names[i][0], name))
            return names[i][1];
        if (text_is(names[i][1], name))
            return names[i][0];
    }
    return NULL;
}

void property_set(struct properties *p, const char *name, const char *value)
{
    list_add(&p->names, name);
    list_add(&p->values, value);
}

void properties_put_below(struct properties *p, const struct properties *below)
{
    const struct properties above = *p;
    *p = (struct properties){ 0 };
    for (size_t i = 0; i < below->names.count; i++)
        property_set(p, below->names.at[i], below->values.at[i]);
    for (size_t i = 0; i < above.names.count; i++)
        property_set(p, above.names.at[i], above.values.at[i]);
}

/* What was set last by this name or its other one; NULL: nothing. */
static const char *find_value(const struct properties *p, const char *name)
{
    const char *other = property_other_name(name);
    for (size_t i = p->names.count; i-- > 0;)
        if (text_is(p->names.at[i], name) || (other && text_is(p->names.at[i], other)))
            return p->values.at[i];
    return NULL;
}

const char *property_get(const struct properties *p, const char *name, const char *otherwise)
{
    const char *text = find_value(p, name);
    return text && *text != '\0' ? text : otherwise;
}

bool property_flag(const struct properties *p, const char *name, bool otherwise)
{
    const char *text = property_get(p, name, "");
    return strcasecmp(text, "true") == 0 || (otherwise && strcasecmp(text, "false") != 0);
}

bool property_is_true(const struct properties *p, const char *name)
{
    return property_flag(p, name, false);
}

int property_number(const struct properties *p, const char *name, uint64_t otherwise,
                    uint64_t *number, struct mr_error *err)
{
    const char *text = find_value(p, name);
    char *end;
    *number = otherwise;
    if (text == NULL)
        return 0;
    errno = 0;
    *number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0)
        return mr_error_set(err, "-D %s=%s: it is to be a number, 0 or more", name, text);
    return 0;
}

int property_separator(const struct properties *p, const char *name, struct separator *separator,
                       struct mr_error *err)
{
    const char *text = property_get(p, name, "\t");
    if (separator_set(separator, text, strlen(text)) && strchr(text, '\r') == NULL)
        return 0;
    return mr_error_set(err, "-D %s='%s': a separator that is looked for has %d bytes at most, and "
                             "no end of a line (a tab is $'\\t' in bash)", name, text,
                        SEPARATOR_MOST);
}

int property_fields(const struct properties *p, const char *name, uint64_t *number,
                    struct mr_error *err)
{
    if (property_number(p, name, 1, number, err) < 0)
        return -1;
    return *number > 0 ? 0 : mr_error_set(err, "-D %s=0: a key has a field at least", name);
}

static char *variable(const char *name, const char *value)
{
    char *text = text_format("%s=%s", name, value);
    for (size_t i = 0; name[i] != '\0'; i++)
        if (!isalnum((unsigned char)name[i]) || !isascii((unsigned char)name[i]))
            text[i] = '_';
    return text;
}

void property_environment(const struct properties *p, struct list *environment)
{
    for (size_t i = 0; i < p->names.count; i++) {
        const char *other = property_other_name(p->names.at[i]);
        list_add(environment, variable(p->names.at[i], p->values.at[i]));
        if (other)
            list_add(environment, variable(other, p->values.at[i]));
    }
}
