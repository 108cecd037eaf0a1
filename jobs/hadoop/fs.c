/*
 * The table of verbs, and what they share.
 *
 * Of -lsr, -rmr and -dus, Hadoop says first on standard error that one should not use them. mrjob
 * understands one line there, which says what is missing, so that is all that is said.
 */
#include "fs.h"

#include "say.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ANY = 1 << 20 };

struct verb {
    const char *name;
    const char *usage; /* says which options it takes: [-X], and [-X <ARGUMENT>] */
    const char *help;
    size_t least, most; /* paths */
    int (*call)(const struct fs_call *c);
};

#define COPIES "[-f] [-p] [-l] [-d] [-t <threads>] [-q <queue>] "
#define GETS "[-f] [-p] [-crc] [-ignoreCrc] [-t <threads>] [-q <queue>] <src> ... <localdst>"

static const struct verb verbs[] = {
    { "appendToFile", "<localsrc> ... <dst>", "Adds files of this machine, or standard input as -, "
      "to the end of a file.", 2, ANY, fs_append },
    { "cat", "[-ignoreCrc] <src> ...", "Prints files.", 1, ANY, fs_cat },
    { "checksum", "<src> ...", "Prints the MD5 of each file.", 1, ANY, fs_checksum },
    { "chgrp", "[-R] GROUP PATH...", "Changes groups; -R with all below.", 2, ANY, fs_chmod },
    { "chmod", "[-R] MODE PATH...", "Changes who may do what; -R with all below.", 2, ANY,
      fs_chmod },
    { "chown", "[-R] OWNER[:GROUP] PATH...", "Changes owners; -R with all below.", 2, ANY,
      fs_chmod },
    { "copyFromLocal", COPIES "<localsrc> ... <dst>", "The same as -put.", 1, ANY, fs_put },
    { "copyToLocal", GETS, "The same as -get.", 1, ANY, fs_get },
    { "count", "[-q] [-h] [-v] [-u] [-x] <path> ...", "Counts directories, files and bytes. -v: a "
      "header; -q, -u: quotas, of which there are none; -h: sizes for people.", 1, ANY, fs_count },
    { "cp", COPIES "<src> ... <dst>", "Copies; several, or into a directory, under their names. "
      "-f: files are replaced; -p: times and modes are kept.", 2, ANY, fs_cp },
    { "df", "[-h] [<path>]", "How large the file system is, and how full.", 0, 1, fs_df },
    { "du", "[-s] [-h] [-v] [-x] <path> ...", "Sizes of what is in directories. -s: in all; -v: a "
      "header; -h: for people.", 0, ANY, fs_du },
    { "dus", "<path> ...", "The same as -du -s.", 0, ANY, fs_du },
    { "expunge", "[-immediate]", "Does nothing: there is no trash.", 0, 0, fs_nothing },
    { "find", "<path> ... [-name <pattern>|-iname <pattern>] [-print|-print0]", "Prints what is in "
      "directories and below.", 1, ANY, fs_search },
    { "get", GETS, "Copies to this machine. -f: files are replaced; -p: times and modes are kept.",
      1, ANY, fs_get },
    { "getmerge", "[-nl] [-skip-empty-file] <src> ... <localdst>", "Copies files, or those in "
      "directories, into one. -nl: with a line feed behind each.", 2, ANY, fs_getmerge },
    { "head", "<file>", "Prints the first kilobyte.", 1, 1, fs_head },
    { "ls", "[-C] [-d] [-h] [-q] [-R] [-t] [-S] [-r] [-u] [<path> ...]", "Lists directories. "
      "-R: with all below; -d: themselves; -C: names only; -h: sizes for people; -q: ? for what "
      "cannot be printed; -t: the youngest first; -S: the largest first; -r: turned round; -u: "
      "by the time of last reading.", 0, ANY, fs_ls },
    { "lsr", "[-d] [-h] <path> ...", "The same as -ls -R.", 0, ANY, fs_ls },
    { "mkdir", "[-p] <path> ...", "Makes directories. -p: with those above, and it may be there.",
      1, ANY, fs_mkdir },
    { "moveFromLocal", COPIES "<localsrc> ... <dst>", "The same as -put, and removes the source.",
      1, ANY, fs_put },
    { "mv", "<src> ... <dst>", "Moves, in one file system.", 2, ANY, fs_mv },
    { "put", COPIES "<localsrc> ... <dst>", "Copies from this machine; - is standard input. -f: "
      "files are replaced; -p: times and modes are kept.", 1, ANY, fs_put },
    { "rm", "[-f] [-r] [-R] [-skipTrash] [-safely] <src> ...", "Removes files. -r, -R: and "
      "directories with all below; -f: they need not be there. There is no trash.", 1, ANY, fs_rm },
    { "rmdir", "[--ignore-fail-on-non-empty] <dir> ...", "Removes empty directories.", 1, ANY,
      fs_rmdir },
    { "rmr", "[-skipTrash] <src> ...", "The same as -rm -r.", 1, ANY, fs_rm },
    { "setrep", "[-R] [-w] <rep> <path> ...", "Changes nothing: there is one copy of each file.", 2,
      ANY, fs_setrep },
    { "stat", "[format] <path> ...", "Prints by a format: %a %A mode, %b bytes, %F kind, %g group, "
      "%n name, %o block, %r copies, %u owner, %x %X read, %y %Y changed.", 1, ANY, fs_stat },
    { "tail", "[-f] <file>", "Prints the last kilobyte. -f: and what is added.", 1, 1, fs_tail },
    { "test", "-[defswrz] <path>", "Status 0 if it is a directory, exists, is a file, is not "
      "empty, may be written or read, is empty.", 1, 1, fs_test },
    { "text", "[-ignoreCrc] <src> ...", "Prints files, decoded.", 1, ANY, fs_text },
    { "touch", "[-a] [-m] [-t <yyyyMMdd:HHmmss>] [-c] <path> ...", "Sets times, and makes files. "
      "-c: makes none; -a: last reading only; -m: last change only.", 1, ANY, fs_touch },
    { "touchz", "<path> ...", "Makes empty files.", 1, ANY, fs_touchz },
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
    return fs_fail(c, shown, errno == ENOTDIR ? "Is not a directory" : strerror(errno));
}

int fs_find(const struct fs_call *c, const char *text, struct place *place)
{
    struct mr_error err = { 0 };
    if (path_find(c->fs, text, place, &err) == 0)
        return 0;
    say_failure(c->verb, &err);
    return 1;
}

int fs_find_target(const struct fs_call *c, const char *text, struct place *place)
{
    struct places found = { 0 };
    if (!path_is_pattern(text))
        return fs_find(c, text, place);
    if (fs_match(c, (char *[]){ text_copy(text) }, 1, &found) != 0)
        return 1;
    *place = found.at[0];
    return found.count == 1 ? 0 : fs_fail(c, text, "Too many matches");
}

int fs_find_all(const struct fs_call *c, struct places *found)
{
    int status = 0;
    for (size_t i = 0; i < c->args.count; i++) {
        struct place place;
        if (path_is_pattern(c->args.at[i]))
            status |= fs_match(c, &c->args.at[i], 1, found);
        else if (fs_find(c, c->args.at[i], &place) != 0)
            status = 1;
        else
            places_add(found, place);
    }
    return status;
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

bool fs_is_same(const char *path, const char *other)
{
    struct stat st, others;
    return stat(path, &st) == 0 && stat(other, &others) == 0 && st.st_dev == others.st_dev &&
           st.st_ino == others.st_ino;
}

int fs_nothing(const struct fs_call *c)
{
    (void)c;
    return 0;
}

const char *fs_value(const struct fs_call *c, const char *option)
{
    for (size_t i = 0; i + 1 < c->options.count; i++)
        if (text_is(c->options.at[i], option))
            return c->options.at[i + 1];
    return NULL;
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

static int refuse_use(const struct verb *v, const char *why)
{
    return refuse(text_format("-%s", v->name),
                  text_format("%s (usage: hadoop fs -%s %s)", why, v->name, v->usage));
}

/* How many words an option has; 0: it is none. -test has its letters in one pair of brackets. */
static size_t words_of(const struct verb *v, const char *option)
{
    if (strstr(v->usage, text_format("[%s <", option)) != NULL)
        return 2;
    bool letter = text_begins(v->usage, "-[") && option[1] != '\0' && option[2] == '\0' &&
                  strchr("defswrz", option[1]) != NULL;
    return letter || strstr(v->usage, text_format("[%s]", option)) != NULL;
}

/* Options stand before all paths. Returns 0, or 255 having said what is wrong. */
static int take_words(struct fs_call *c, const struct verb *v, char **words)
{
    while (*words && **words == '-' && (*words)[1] != '\0' && !text_is(*words, "--")) {
        size_t n = words_of(v, *words);
        if (n == 0)
            return refuse_use(v, text_format("Illegal option %s", *words));
        if (n == 2 && words[1] == NULL)
            return refuse_use(v, text_format("%s: its argument is missing", *words));
        for (; n > 0; n--)
            list_add(&c->options, *words++);
    }
    words += *words && text_is(*words, "--");
    for (; *words; words++)
        list_add(&c->args, *words);
    bool few = c->args.count < v->least;
    if (!few && c->args.count <= v->most)
        return 0;
    return refuse_use(v, text_format("%s arguments: expected %zu but got %zu",
                                     few ? "Not enough" : "Too many", few ? v->least : v->most,
                                     c->args.count));
}

/* ---- help ------------------------------------------------------------------------------- */

static void print_help(const struct verb *v, bool usage)
{
    if (usage)
        printf("Usage: hadoop fs [generic options] -%s %s\n", v->name, v->usage);
    else
        printf("-%s %s :\n  %s\n", v->name, v->usage, v->help);
}

/* -help and -usage, of these verbs, or of all. */
static int help(char **words)
{
    bool usage = text_is(*words, "-usage");
    const char *asked = *words;
    int status = 0;
    if (words[1] == NULL) {
        puts("Usage: hadoop fs [generic options]");
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
            printf("\t[-%s %s]\n", verbs[i].name, verbs[i].usage);
        puts("\nGeneric options are -fs <uri> and -D <property=value>.");
    }
    while (*++words) {
        const struct verb *v = find_verb(*words + (**words == '-'));
        if (v == NULL)
            status = refuse(asked, text_format("`%s': Unknown command", *words));
        else
            print_help(v, usage);
    }
    return status;
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
    if (*words && **words != '-' && find_verb(*words) != NULL)
        return refuse(*words, text_format("Unknown command; did you mean -%s?", *words));
    if (*words == NULL || **words != '-')
        return refuse("hadoop fs", text_format("a verb is missing; there are%s", all_verbs()));
    if (text_is(*words, "-help") || text_is(*words, "-usage"))
        return help(words);
    const struct verb *v = find_verb(*words + 1);
    if (v == NULL)
        return refuse(*words, text_format("Unknown command; there are%s", all_verbs()));
    c.verb = v->name;
    int status = take_words(&c, v, words + 1);
    return status != 0 ? status : v->call(&c);
}
