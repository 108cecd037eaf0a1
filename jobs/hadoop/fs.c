/* The table of verbs, and what they share. */
#include "fs.h"

#include "say.h"

#include <errno.h>
#include <string.h>

enum { ANY = 1 << 20 };

struct verb {
    const char *name;
    const char *options; /* that it takes, each with a space behind */
    size_t least, most;  /* paths */
    int (*call)(const struct fs_call *c);
};

static const struct verb verbs[] = {
    { "ls", "-R -d -h -C ", 0, ANY, fs_ls },
    { "lsr", "-d -h ", 0, ANY, fs_ls },
    { "cat", "-ignoreCrc ", 1, ANY, fs_cat },
    { "text", "-ignoreCrc ", 1, ANY, fs_text },
    { "tail", "", 1, 1, fs_tail },
    { "head", "", 1, 1, fs_head },
    { "mkdir", "-p ", 1, ANY, fs_mkdir },
    { "put", "-f -p -l -d ", 1, ANY, fs_put },
    { "copyFromLocal", "-f -p -l -d ", 1, ANY, fs_put },
    { "moveFromLocal", "-f -p -l -d ", 1, ANY, fs_put },
    { "get", "-f -p -ignoreCrc -crc ", 1, ANY, fs_get },
    { "copyToLocal", "-f -p -ignoreCrc -crc ", 1, ANY, fs_get },
    { "getmerge", "-nl -skip-empty-file ", 2, ANY, fs_getmerge },
    { "cp", "-f -p -d ", 2, ANY, fs_cp },
    { "mv", "", 2, ANY, fs_mv },
    { "appendToFile", "", 2, ANY, fs_append },
    { "rm", "-r -R -f -skipTrash -safely ", 1, ANY, fs_rm },
    { "rmr", "-skipTrash ", 1, ANY, fs_rm },
    { "rmdir", "--ignore-fail-on-non-empty ", 1, ANY, fs_rmdir },
    { "touchz", "", 1, ANY, fs_touchz },
    { "du", "-s -h -x ", 0, ANY, fs_du },
    { "dus", "", 0, ANY, fs_du },
    { "count", "-q -h -v ", 1, ANY, fs_count },
    { "test", "-e -d -f -s -z -r -w ", 1, 1, fs_test },
    { "stat", "", 1, ANY, fs_stat },
    { "checksum", "", 1, ANY, fs_checksum },
    { "chmod", "-R ", 2, ANY, fs_chmod },
    { "chown", "-R ", 2, ANY, fs_chmod },
    { "chgrp", "-R ", 2, ANY, fs_chmod },
    { "df", "-h ", 0, 1, fs_df },
    { "find", "", 1, ANY, fs_search },
    { "setrep", "-R -w ", 2, ANY, fs_nothing }, /* there is one copy of each file */
    { "expunge", "-immediate ", 0, 0, fs_nothing },
};

/* ---- what verbs share ------------------------------------------------------------------- */

bool fs_has(const struct fs_call *c, const char *option)
{
    for (size_t i = 0; i < c->options.count; i++)
        if (text_is(c->options.at[i], option))
            return true;
    return false;
}

int fs_fail(const struct fs_call *c, const char *shown, const char *why)
{
    struct mr_error err = { 0 };
    (void)mr_error_set(&err, "%s: `%s': %s", c->verb, shown, why);
    say_plain(err.text);
    return 1;
}

int fs_fail_system(const struct fs_call *c, const char *shown)
{
    return fs_fail(c, shown, strerror(errno));
}

int fs_find(const struct fs_call *c, const char *text, struct place *place)
{
    struct mr_error err = { 0 };
    if (path_find(c->fs, text, place, &err) == 0)
        return 0;
    say_failure(c->verb, &err);
    return 1;
}

int fs_match(const struct fs_call *c, char *const *paths, size_t count, struct places *found)
{
    int status = 0;
    for (size_t i = 0; i < count; i++) {
        struct mr_error err = { 0 };
        size_t before = found->count;
        if (path_match(c->fs, paths[i], found, &err) < 0) {
            say_failure(c->verb, &err);
            status = 1;
        } else if (found->count == before) {
            status = fs_fail(c, paths[i], "No such file or directory");
        }
    }
    return status;
}

int fs_each(const struct fs_call *c, int (*verb)(const struct fs_call *c, const struct place *p))
{
    struct places found = { 0 };
    int status = fs_match(c, c->args.at, c->args.count, &found);
    for (size_t i = 0; i < found.count; i++)
        status |= verb(c, &found.at[i]);
    return status;
}

bool fs_is_directory(const struct place *p)
{
    struct stat st;
    return stat(p->local, &st) == 0 && S_ISDIR(st.st_mode);
}

int fs_nothing(const struct fs_call *c)
{
    (void)c;
    return 0;
}

/* ---- a call ----------------------------------------------------------------------------- */

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (text_is(verbs[i].name, name))
            return &verbs[i];
    return NULL;
}

static int refuse(const char *what, const char *why)
{
    struct mr_error err = { 0 };
    (void)mr_error_set(&err, "%s: %s", what, why);
    say_plain(err.text);
    return 255;
}

static char *all_verbs(void)
{
    char *text = text_copy("");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        text = text_format("%s -%s", text, verbs[i].name);
    return text;
}

/* Options stand before all paths. Returns 0, or 255 having said what is wrong. */
static int take_words(struct fs_call *c, const struct verb *v, char **words)
{
    for (; *words && **words == '-' && (*words)[1] != '\0' && !text_is(*words, "--"); words++) {
        if (strstr(v->options, text_format("%s ", *words)) == NULL)
            return refuse(text_format("-%s", v->name),
                          text_format("Illegal option %s (there are: %s)", *words,
                                      *v->options ? v->options : "none"));
        list_add(&c->options, *words);
    }
    words += *words && text_is(*words, "--");
    for (; *words; words++)
        list_add(&c->args, *words);
    if (c->args.count < v->least)
        return refuse(text_format("-%s", v->name), "Not enough arguments");
    return c->args.count > v->most ? refuse(text_format("-%s", v->name), "Too many arguments") : 0;
}

/* What stands before the verb: -fs URI, -D name=value. */
static char **take_generic(struct file_systems *fs, char **words, struct mr_error *err)
{
    static const char name[] = "fs.defaultFS=";
    while (*words && words[1] && (text_is(*words, "-fs") || text_is(*words, "-D"))) {
        const char *uri = text_is(*words, "-fs")          ? words[1]
                          : text_begins(words[1], name) ? words[1] + strlen(name)
                                                        : NULL;
        if (uri != NULL && path_set_default(fs, uri, err) < 0)
            return NULL;
        words += 2;
    }
    return words;
}

int fs_main(struct file_systems *fs, char **words)
{
    struct mr_error err = { 0 };
    struct fs_call c = { .fs = fs };
    if ((words = take_generic(fs, words, &err)) == NULL) {
        say_failure("fs", &err);
        return 1;
    }
    if (*words == NULL || **words != '-')
        return refuse("hadoop fs", text_format("a verb is missing; there are%s", all_verbs()));
    const struct verb *v = find_verb(*words + 1);
    if (v == NULL)
        return refuse(*words, text_format("Unknown command; there are%s", all_verbs()));
    c.verb = v->name;
    int status = take_words(&c, v, words + 1);
    return status != 0 ? status : v->call(&c);
}
