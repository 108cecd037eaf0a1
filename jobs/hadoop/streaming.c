/* Both parsers. */
#include "streaming.h"

#include "say.h"
#include "variables.h"

#include <stdio.h>
#include <string.h>

/* ---- generic options -------------------------------------------------------------------- */

static void add_property(struct properties *p, const char *text)
{
    const char *equals = strchr(text, '=');
    if (equals != NULL)
        property_set(p, text_part(text, (size_t)(equals - text)), equals + 1);
}

static int set_file_system(struct streaming *s, struct file_systems *fs, const char *uri,
                           struct mr_error *err)
{
    property_set(&s->properties, "fs.defaultFS", uri);
    return path_set_default(fs, uri, err);
}

/* Takes one. Returns how many words it has; 0: it is none of these; or -1. */
static int take_generic(struct streaming *s, struct file_systems *fs, char **words,
                        struct mr_error *err)
{
    static const char *const known[] = { "-D", "-files", "-archives", "-libjars", "-fs", "-jt",
                                         "-conf", "-tokenCacheFile" };
    const char *word = words[0], *value = words[1];
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known = is_known || text_is(word, known[i]);
    if (!is_known && text_begins(word, "-D")) {
        add_property(&s->properties, word + 2);
        return 1;
    }
    if (!is_known)
        return 0;
    if (value == NULL)
        return mr_error_set(err, "%s: its argument is missing", word);
    if (text_is(word, "-D"))
        add_property(&s->properties, value);
    else if (text_is(word, "-files"))
        list_add_parts(&s->files, value, ",");
    else if (text_is(word, "-archives"))
        list_add_parts(&s->archives, value, ",");
    else if (text_is(word, "-fs"))
        return set_file_system(s, fs, value, err) < 0 ? -1 : 2;
    else if (text_is(word, "-conf") && conf_file_read(&s->conf, fs, value, err) < 0)
        return -1;
    return 2; /* -libjars, -jt and -tokenCacheFile: there is no Java, and no cluster */
}

/* ---- streaming options ------------------------------------------------------------------ */

enum kind {
    TEXT,     /* the last one counts */
    ADDED,    /* each one counts */
    INPUTS,   /* and so do the words behind it */
    FLAG,
    PROPERTY, /* name=value */
    SPECIAL,  /* by take_special */
    SWITCH    /* ignored, without an argument */
};

struct option {
    const char *name;
    enum kind kind;
    size_t place;    /* in struct streaming */
    const char *argument; /* what that is; "": none */
};

#define PLACE(member) offsetof(struct streaming, member)

static const struct option options[] = {
    { "-input", INPUTS, PLACE(inputs), "PATH..." },
    { "-output", TEXT, PLACE(output), "PATH" },
    { "-mapper", TEXT, PLACE(mapper), "COMMAND" },
    { "-combiner", TEXT, PLACE(combiner), "COMMAND" },
    { "-reducer", TEXT, PLACE(reducer), "COMMAND" },
    { "-file", ADDED, PLACE(own_files), "FILE" },
    { "-cacheFile", ADDED, PLACE(files), "URI#NAME" },
    { "-cacheArchive", ADDED, PLACE(archives), "URI#NAME" },
    { "-cmdenv", ADDED, PLACE(environment), "NAME=VALUE" },
    { "-inputformat", TEXT, PLACE(input_format), "CLASS" },
    { "-partitioner", TEXT, PLACE(partitioner), "CLASS" },
    { "-jobconf", PROPERTY, PLACE(properties), "NAME=VALUE" },
    { "-verbose", FLAG, PLACE(verbose), "" },
    { "-debug", SWITCH, 0, "" },
    { "-info", FLAG, PLACE(help), "" },
    { "-help", FLAG, PLACE(help), "" },
    { "-background", FLAG, PLACE(background), "" },
    { "-lazyOutput", FLAG, PLACE(lazy), "" },
    { "-inputreader", TEXT, PLACE(input_reader), "CLASS,NAME=VALUE,..." },
    { "-mapdebug", SPECIAL, 0, "SCRIPT" },
    { "-reducedebug", SPECIAL, 0, "SCRIPT" },
    { "-additionalconfspec", SPECIAL, 0, "FILE" },
    { "-dfs", SPECIAL, 0, "URI" },
    { "-numReduceTasks", SPECIAL, 0, "N" },
    { "-outputformat", SPECIAL, 0, "CLASS" },
    { "-io", SPECIAL, 0, "FORMAT" },
};

static const struct option *find_option(const char *name)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (text_is(options[i].name, name))
            return &options[i];
    return NULL;
}

static int check_output_format(const char *name, struct mr_error *err)
{
    return text_is(name, "TextOutputFormat") ||
                   text_is(name, "org.apache.hadoop.mapred.TextOutputFormat")
               ? 0
               : mr_error_set(err, "-outputformat %s: only TextOutputFormat is there", name);
}

/* One for all that programs read and write. */
static int set_io(struct streaming *s, const char *name)
{
    static const char *const all[] = { "stream.map.input", "stream.map.output",
                                       "stream.reduce.input", "stream.reduce.output" };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        property_set(&s->properties, all[i], name);
    return 0;
}

/* A script for tasks that fail: Hadoop has not run one since its second version, either. */
static int set_debug(struct streaming *s, const char *name, const char *script)
{
    const char *phase = text_is(name, "-mapdebug") ? "map" : "reduce";
    property_set(&s->properties, text_format("mapreduce.%s.debug.script", phase), script);
    say_log("WARN", "streaming.StreamJob",
            text_format("%s is not run, nor is it by Hadoop 2 and 3: what a failed program has "
                        "said is shown", name));
    return 0;
}

/* Options that do more than to be kept. */
static int take_special(struct streaming *s, struct file_systems *fs, const char *name,
                        const char *value, struct mr_error *err)
{
    if (text_is(name, "-outputformat"))
        return check_output_format(value, err);
    if (text_is(name, "-io"))
        return set_io(s, value);
    if (text_is(name, "-mapdebug") || text_is(name, "-reducedebug"))
        return set_debug(s, name, value);
    if (text_is(name, "-dfs"))
        return set_file_system(s, fs, value, err);
    if (text_is(name, "-additionalconfspec"))
        return conf_file_read(&s->conf, fs, value, err);
    property_set(&s->properties, "mapreduce.job.reduces", value);
    return 0;
}

/* Commas part inputs, outside of {}. */
static void add_inputs(struct list *inputs, const char *text)
{
    const char *start = text;
    int depth = 0;
    for (; *text != '\0'; text++) {
        depth += (*text == '{') - (*text == '}');
        if (*text != ',' || depth != 0)
            continue;
        list_add(inputs, text_part(start, (size_t)(text - start)));
        start = text + 1;
    }
    list_add(inputs, start);
}

static int take_argument(struct streaming *s, struct file_systems *fs, const struct option *o,
                         const char *value, struct mr_error *err)
{
    char *place = (char *)s + o->place;
    switch (o->kind) {
    case TEXT:
        *(const char **)(void *)place = value;
        return 0;
    case ADDED:
        list_add((struct list *)(void *)place, value);
        return 0;
    case INPUTS:
        add_inputs((struct list *)(void *)place, value);
        return 0;
    case PROPERTY:
        add_property(&s->properties, value);
        return 0;
    default:
        return take_special(s, fs, o->name, value, err);
    }
}

/* Takes one. Returns how many words it has, or -1. */
static int take_option(struct streaming *s, struct file_systems *fs, char **words,
                       struct mr_error *err)
{
    const struct option *o = find_option(words[0]);
    struct streaming ignored = { 0 };
    struct mr_error other;
    int count = 2;
    if (o == NULL && take_generic(&ignored, fs, words, &other) != 0)
        return mr_error_set(err, "%s stands behind an option of streaming: it and its like "
                                 "(-files, -fs, ...) come first", words[0]);
    if (o == NULL)
        return mr_error_set(err, "'%s' is no option of streaming", words[0]);
    if (o->kind == FLAG || o->kind == SWITCH) {
        if (o->kind == FLAG)
            *(bool *)(void *)((char *)s + o->place) = true;
        return 1;
    }
    if (words[1] == NULL)
        return mr_error_set(err, "%s: its argument is missing", o->name);
    if (take_argument(s, fs, o, words[1], err) < 0)
        return -1;
    for (; o->kind == INPUTS && words[count] != NULL && *words[count] != '-'; count++)
        add_inputs(&s->inputs, words[count]);
    return count;
}

/* ---- all of it -------------------------------------------------------------------------- */

/* A reader's class and its properties become some of the job's. */
static void take_reader(struct streaming *s)
{
    struct list words = { 0 };
    if (s->input_reader == NULL)
        return;
    list_add_parts(&words, s->input_reader, ",");
    if (words.count > 0)
        property_set(&s->properties, "stream.recordreader.class", words.at[0]);
    for (size_t i = 1; i < words.count; i++)
        add_property(&s->properties, text_format("stream.recordreader.%s", words.at[i]));
    if (s->input_format == NULL)
        s->input_format = "StreamInputFormat";
}

static int check(const struct streaming *s, struct mr_error *err)
{
    if (s->inputs.count == 0)
        return mr_error_set(err, "-input is missing: what is to be read");
    if (s->output == NULL)
        return mr_error_set(err, "-output is missing: the directory that is to be made");
    if (s->mapper == NULL)
        return mr_error_set(err, "-mapper is missing: a command; -mapper cat hands on lines as "
                                 "they are");
    return 0;
}

void streaming_help(void)
{
    static const char *const generic[] = {
        "-D NAME=VALUE", "-files PATH#NAME,...", "-archives PATH#NAME,...", "-libjars PATH,...",
        "-conf FILE", "-fs URI"
    };
    puts("Usage: hadoop jar hadoop-streaming.jar [GENERIC OPTION]... [OPTION]...\n\n"
         "Generic options, which come first:");
    for (size_t i = 0; i < sizeof generic / sizeof *generic; i++)
        printf("  %s\n", generic[i]);
    puts("Options:");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        printf("  %s%s%s\n", options[i].name, *options[i].argument ? " " : "",
               options[i].argument);
    puts("man wc-mr-hadoop says what each does.");
}

int streaming_parse(struct streaming *s, struct file_systems *fs, char **words,
                    struct mr_error *err)
{
    int count;
    if (*words && (text_is(*words, "dumptb") || text_is(*words, "loadtb")))
        return mr_error_set(err, "%s is not there: it is about SequenceFiles, which only Java "
                                 "reads", *words);
    if (*words && text_is(*words, "streamjob"))
        words++;
    while (*words && (count = take_generic(s, fs, words, err)) != 0) {
        if (count < 0)
            return -1;
        words += count;
    }
    while (*words) {
        if ((count = take_option(s, fs, words, err)) < 0)
            return -1;
        if (s->help)
            return 0;
        words += count;
    }
    take_reader(s);
    properties_put_below(&s->properties, &s->conf.properties);
    variables_replace(&s->properties);
    const char *uri = property_get(&s->properties, "fs.defaultFS", NULL);
    if (uri && path_set_default(fs, uri, err) < 0)
        return -1;
    return check(s, err);
}
