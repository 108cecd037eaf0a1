/* The verbs that tell what there is: ls, du, count, test, stat. */
#include "fs.h"
#include "say.h"

#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What a call is about. Where no path is given, it is the home directory. */
static int find_or_home(const struct fs_call *c, struct places *found)
{
    char here[] = ".", *const home[] = { here };
    return c->args.count > 0 ? fs_match(c, c->args.at, c->args.count, found)
                             : fs_match(c, home, 1, found);
}

struct place fs_below(const struct place *directory, const char *name)
{
    struct place p = path_below(directory, name);
    if (text_is(directory->shown, "."))
        p.shown = text_copy(name);
    return p;
}

/* ---- a walk ----------------------------------------------------------------------------- */

struct totals {
    uint64_t directories, files, bytes;
};

/* Adds up a place and all below it. Returns 0 or 1. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as directories are */
static int add_up(const struct fs_call *c, const struct place *p, struct totals *t)
{
    struct list names = { 0 };
    struct stat st;
    int status = 0;
    if (stat(p->local, &st) < 0)
        return fs_fail_system(c, p->shown);
    if (!S_ISDIR(st.st_mode)) {
        t->files++;
        t->bytes += (uint64_t)st.st_size;
        return 0;
    }
    t->directories++;
    if (path_names(p->local, &names) < 0)
        return fs_fail_system(c, p->shown);
    for (size_t i = 0; i < names.count; i++) {
        struct place in = path_below(p, names.at[i]);
        status |= add_up(c, &in, t);
    }
    return status;
}

char *fs_size_text(const struct fs_call *c, uint64_t bytes)
{
    static const char units[] = "KMGTP";
    double size = (double)bytes;
    const char *unit = units;
    if (!fs_has(c, "-h") || bytes < 1024)
        return text_format("%" PRIu64, bytes);
    for (size /= 1024; size >= 1024 && unit[1] != '\0'; unit++)
        size /= 1024;
    return text_format("%.1f %c", size, *unit);
}

/* ---- ls --------------------------------------------------------------------------------- */

static char *owner(const struct stat *st)
{
    /* cppcheck-suppress getpwuidCalled ; there is one thread */
    const struct passwd *p = getpwuid(st->st_uid);
    return p ? text_copy(p->pw_name) : text_format("%u", (unsigned)st->st_uid);
}

static char *group(const struct stat *st)
{
    /* cppcheck-suppress getgrgidCalled ; there is one thread */
    const struct group *g = getgrgid(st->st_gid);
    return g ? text_copy(g->gr_name) : text_format("%u", (unsigned)st->st_gid);
}

static char *when(time_t time, const char *format)
{
    char text[64] = "";
    struct tm tm;
    if (localtime_r(&time, &tm) != NULL)
        strftime(text, sizeof text, format, &tm);
    return text_copy(text);
}

/* rwxr-xr-x */
static char *mode_text(const struct stat *st)
{
    char *mode = text_copy("rwxrwxrwx");
    for (size_t i = 0; mode[i] != '\0'; i++)
        if (!(st->st_mode & (0400U >> i)))
            mode[i] = '-';
    return mode;
}

struct entry {
    struct place place;
    struct stat st;
};

static int look_at(const struct fs_call *c, struct entry *e)
{
    return stat(e->place.local, &e->st) < 0 && lstat(e->place.local, &e->st) < 0
               ? fs_fail_system(c, e->place.shown)
               : 0;
}

/* The time that is shown, and sorted by. */
static time_t time_of(const struct fs_call *c, const struct entry *e)
{
    return fs_has(c, "-u") ? e->st.st_atime : e->st.st_mtime;
}

static int by_options(const void *a, const void *b, void *arg)
{
    const struct entry *x = a, *y = b;
    const struct fs_call *c = arg;
    time_t t = time_of(c, x), u = time_of(c, y);
    off_t m = x->st.st_size, n = y->st.st_size;
    int order = fs_has(c, "-t") ? (t < u) - (t > u) : fs_has(c, "-S") ? (m < n) - (m > n) : 0;
    if (order == 0)
        order = strcmp(x->place.local, y->place.local);
    return fs_has(c, "-r") ? -order : order;
}

/* A path, with -q without what cannot be printed. */
static const char *shown(const struct fs_call *c, const struct entry *e)
{
    char *text = text_copy(e->place.shown);
    for (char *at = text; fs_has(c, "-q") && *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == '\177')
            *at = '?';
    return text;
}

static int print_entry(const struct fs_call *c, const struct entry *e)
{
    const struct stat *st = &e->st;
    if (fs_has(c, "-C"))
        return puts(shown(c, e)) < 0;
    bool directory = S_ISDIR(st->st_mode);
    printf("%c%s   %c %s %s %10s %s %s\n", directory ? 'd' : '-', mode_text(st),
           directory ? '-' : '1', owner(st), group(st),
           fs_size_text(c, directory ? 0 : (uint64_t)st->st_size),
           when(time_of(c, e), "%Y-%m-%d %H:%M"), shown(c, e));
    return 0;
}

/* What is in a directory, in order. */
static struct entry *entries_of(const struct fs_call *c, const struct place *p, size_t *count,
                                int *status)
{
    struct list names = { 0 };
    *count = 0;
    if (path_names(p->local, &names) < 0) {
        *status = fs_fail_system(c, p->shown);
        return NULL;
    }
    struct entry *all = keep((names.count + 1) * sizeof *all);
    for (size_t i = 0; i < names.count; i++) {
        all[*count].place = fs_below(p, names.at[i]);
        int failed = look_at(c, &all[*count]);
        *status |= failed;
        *count += !failed;
    }
    struct fs_call call = *c; /* which what sorts may change */
    qsort_r(all, *count, sizeof *all, by_options, &call);
    return all;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as directories are */
static int list_directory(const struct fs_call *c, const struct place *p)
{
    bool deep = fs_has(c, "-R") || text_is(c->verb, "lsr");
    size_t count;
    int status = 0;
    const struct entry *all = entries_of(c, p, &count, &status);
    if (!deep && !fs_has(c, "-C") && count > 0)
        printf("Found %zu items\n", count);
    for (size_t i = 0; i < count; i++) {
        status |= print_entry(c, &all[i]);
        if (deep && S_ISDIR(all[i].st.st_mode))
            status |= list_directory(c, &all[i].place);
    }
    return status;
}

static int list_place(const struct fs_call *c, const struct place *p)
{
    struct entry e = { .place = *p };
    if (fs_is_directory(p) && !fs_has(c, "-d"))
        return list_directory(c, p);
    return look_at(c, &e) != 0 ? 1 : print_entry(c, &e);
}

int fs_ls(const struct fs_call *c)
{
    struct places found = { 0 };
    int status = find_or_home(c, &found);
    for (size_t i = 0; i < found.count; i++)
        status |= list_place(c, &found.at[i]);
    return status;
}

/* ---- du, count -------------------------------------------------------------------------- */

/* Columns of du: two sizes, which are the same where there is one copy of all, and a path. */
struct sizes {
    struct list first, second, paths;
};

static void add_row(struct sizes *s, const char *first, const char *second, const char *path)
{
    list_add(&s->first, first);
    list_add(&s->second, second);
    list_add(&s->paths, path);
}

static int add_size(const struct fs_call *c, const struct place *p, struct sizes *s)
{
    struct totals t = { 0 };
    int status = add_up(c, p, &t);
    const char *size = fs_size_text(c, t.bytes);
    add_row(s, size, size, p->shown);
    return status;
}

static int add_sizes(const struct fs_call *c, const struct place *p, struct sizes *s)
{
    struct list names = { 0 };
    int status = 0;
    if (fs_has(c, "-s") || text_is(c->verb, "dus") || !fs_is_directory(p))
        return add_size(c, p, s);
    if (path_names(p->local, &names) < 0)
        return fs_fail_system(c, p->shown);
    for (size_t i = 0; i < names.count; i++) {
        struct place in = fs_below(p, names.at[i]);
        status |= add_size(c, &in, s);
    }
    return status;
}

static int longest(const struct list *l)
{
    size_t most = 0;
    for (size_t i = 0; i < l->count; i++)
        most = strlen(l->at[i]) > most ? strlen(l->at[i]) : most;
    return (int)most;
}

int fs_du(const struct fs_call *c)
{
    struct places found = { 0 };
    struct sizes s = { 0 };
    int status = find_or_home(c, &found);
    if (fs_has(c, "-v"))
        add_row(&s, "SIZE", "DISK_SPACE_CONSUMED_WITH_ALL_REPLICAS", "FULL_PATH_NAME");
    for (size_t i = 0; i < found.count; i++)
        status |= add_sizes(c, &found.at[i], &s);
    int first = longest(&s.first), second = longest(&s.second);
    for (size_t i = 0; i < s.paths.count; i++)
        printf("%-*s  %-*s  %s\n", first, s.first.at[i], second, s.second.at[i], s.paths.at[i]);
    return status;
}

static void print_counts(const struct fs_call *c, const char *const *quotas,
                         const char *directories, const char *files, const char *bytes,
                         const char *path)
{
    if (fs_has(c, "-q") || fs_has(c, "-u"))
        printf("%12s %15s %15s %15s ", quotas[0], quotas[1], quotas[2], quotas[3]);
    if (!fs_has(c, "-u"))
        printf("%12s %12s %18s ", directories, files, bytes);
    puts(path);
}

static int print_count(const struct fs_call *c, const struct place *p)
{
    static const char *const no_quotas[] = { "none", "inf", "none", "inf" };
    struct totals t = { 0 };
    int status = add_up(c, p, &t);
    print_counts(c, no_quotas, text_format("%" PRIu64, t.directories),
                 text_format("%" PRIu64, t.files), fs_size_text(c, t.bytes), p->shown);
    return status;
}

int fs_count(const struct fs_call *c)
{
    static const char *const quotas[] = { "QUOTA", "REM_QUOTA", "SPACE_QUOTA", "REM_SPACE_QUOTA" };
    if (fs_has(c, "-v"))
        print_counts(c, quotas, "DIR_COUNT", "FILE_COUNT", "CONTENT_SIZE", "PATHNAME");
    return fs_each(c, print_count);
}

/* ---- test, stat ------------------------------------------------------------------------- */

static bool test(const struct fs_call *c, const struct place *p)
{
    struct stat st;
    return stat(p->local, &st) == 0 && (!fs_has(c, "-d") || S_ISDIR(st.st_mode)) &&
           (!fs_has(c, "-f") || S_ISREG(st.st_mode)) && (!fs_has(c, "-s") || st.st_size > 0) &&
           (!fs_has(c, "-z") || st.st_size == 0) &&
           (!fs_has(c, "-r") || access(p->local, R_OK) == 0) &&
           (!fs_has(c, "-w") || access(p->local, W_OK) == 0);
}

/* Of all that a pattern stands for; it must stand for something. */
int fs_test(const struct fs_call *c)
{
    struct places found = { 0 };
    struct mr_error err = { 0 };
    if (c->options.count == 0) {
        (void)fs_fail(c, c->args.at[0], "No test flag given: -d, -e, -f, -s, -w, -r or -z");
        return 255;
    }
    if (path_match(c->fs, c->args.at[0], &found, &err) < 0) {
        say_failure(c->verb, &err);
        return 1;
    }
    bool good = found.count > 0;
    for (size_t i = 0; i < found.count; i++)
        good = good && test(c, &found.at[i]);
    return good ? 0 : 1;
}

/* Prints a place by a format. */
static int print_stat(const struct place *p, const struct stat *st, const char *format)
{
    enum { BLOCK = 128 << 20 }; /* as HDFS has it */
    for (; *format != '\0'; format++) {
        if (*format != '%' || format[1] == '\0') {
            putchar(*format);
            continue;
        }
        switch (*++format) {
        case 'b': printf("%lld", S_ISDIR(st->st_mode) ? 0LL : (long long)st->st_size); break;
        case 'n': fputs(text_base_name(p->local), stdout); break;
        case 'u': fputs(owner(st), stdout); break;
        case 'g': fputs(group(st), stdout); break;
        case 'a': printf("%o", (unsigned)st->st_mode & 07777U); break;
        case 'r': fputs(S_ISDIR(st->st_mode) ? "0" : "1", stdout); break;
        case 'F': fputs(S_ISDIR(st->st_mode) ? "directory" : "regular file", stdout); break;
        case 'A': fputs(mode_text(st), stdout); break;
        case 'o': printf("%d", BLOCK); break;
        case 'x': fputs(when(st->st_atime, "%Y-%m-%d %H:%M:%S"), stdout); break;
        case 'X': printf("%lld", (long long)st->st_atime * 1000); break;
        case 'y': fputs(when(st->st_mtime, "%Y-%m-%d %H:%M:%S"), stdout); break;
        case 'Y': printf("%lld", (long long)st->st_mtime * 1000); break;
        default: putchar(*format); break;
        }
    }
    putchar('\n');
    return 0;
}

int fs_stat(const struct fs_call *c)
{
    struct places found = { 0 };
    struct stat st;
    bool said = strchr(c->args.at[0], '%') != NULL && c->args.count > 1;
    int status = fs_match(c, c->args.at + said, c->args.count - said, &found);
    for (size_t i = 0; i < found.count; i++)
        status |= stat(found.at[i].local, &st) < 0
                      ? fs_fail_system(c, found.at[i].shown)
                      : print_stat(&found.at[i], &st, said ? c->args.at[0] : "%y");
    return status;
}
