/* The verbs that tell what there is: ls, du, count, test, stat. */
#include "fs.h"

#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Where no path is given, it is the home directory. */
static int each_or_home(const struct fs_call *c,
                        int (*verb)(const struct fs_call *c, const struct place *p))
{
    struct place home;
    if (c->args.count > 0)
        return fs_each(c, verb);
    if (fs_find(c, ".", &home) != 0)
        return 1;
    home.shown = text_copy(".");
    return verb(c, &home);
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
        struct place below = path_below(p, names.at[i]);
        status |= add_up(c, &below, t);
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

static char *when(const struct stat *st, const char *format)
{
    char text[64] = "";
    struct tm tm;
    if (localtime_r(&st->st_mtime, &tm) != NULL)
        strftime(text, sizeof text, format, &tm);
    return text_copy(text);
}

static int print_entry(const struct fs_call *c, const struct place *p)
{
    static const char letters[] = "rwxrwxrwx";
    char mode[sizeof letters];
    struct stat st;
    if (stat(p->local, &st) < 0 && lstat(p->local, &st) < 0)
        return fs_fail_system(c, p->shown);
    if (fs_has(c, "-C"))
        return puts(p->shown) < 0;
    for (size_t i = 0; i < sizeof letters; i++)
        mode[i] = (char)(letters[i] == '\0' || (st.st_mode & (0400U >> i)) ? letters[i] : '-');
    bool directory = S_ISDIR(st.st_mode);
    printf("%c%s   %c %s %s %10s %s %s\n", directory ? 'd' : '-', mode, directory ? '-' : '1',
           owner(&st), group(&st), fs_size_text(c, directory ? 0 : (uint64_t)st.st_size),
           when(&st, "%Y-%m-%d %H:%M"), p->shown);
    return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as directories are */
static int list_place(const struct fs_call *c, const struct place *p)
{
    struct list names = { 0 };
    bool deep = fs_has(c, "-R") || text_is(c->verb, "lsr");
    int status = 0;
    if (!fs_is_directory(p) || fs_has(c, "-d"))
        return print_entry(c, p);
    if (path_names(p->local, &names) < 0)
        return fs_fail_system(c, p->shown);
    if (!deep && !fs_has(c, "-C") && names.count > 0)
        printf("Found %zu items\n", names.count);
    for (size_t i = 0; i < names.count; i++) {
        struct place below = path_below(p, names.at[i]);
        if (text_is(p->shown, "."))
            below.shown = names.at[i];
        status |= print_entry(c, &below);
        if (deep && fs_is_directory(&below))
            status |= list_place(c, &below);
    }
    return status;
}

int fs_ls(const struct fs_call *c)
{
    return each_or_home(c, list_place);
}

/* ---- du, count -------------------------------------------------------------------------- */

static int print_size(const struct fs_call *c, const struct place *p)
{
    struct totals t = { 0 };
    int status = add_up(c, p, &t);
    const char *size = fs_size_text(c, t.bytes);
    printf("%s  %s  %s\n", size, size, p->shown);
    return status;
}

static int print_sizes(const struct fs_call *c, const struct place *p)
{
    struct list names = { 0 };
    int status = 0;
    if (fs_has(c, "-s") || text_is(c->verb, "dus") || !fs_is_directory(p))
        return print_size(c, p);
    if (path_names(p->local, &names) < 0)
        return fs_fail_system(c, p->shown);
    for (size_t i = 0; i < names.count; i++) {
        struct place below = path_below(p, names.at[i]);
        status |= print_size(c, &below);
    }
    return status;
}

int fs_du(const struct fs_call *c)
{
    return each_or_home(c, print_sizes);
}

static int print_count(const struct fs_call *c, const struct place *p)
{
    struct totals t = { 0 };
    int status = add_up(c, p, &t);
    printf("%12" PRIu64 " %12" PRIu64 " %18s %s\n", t.directories, t.files,
           fs_size_text(c, t.bytes), p->shown);
    return status;
}

int fs_count(const struct fs_call *c)
{
    return fs_each(c, print_count);
}

/* ---- test, stat ------------------------------------------------------------------------- */

int fs_test(const struct fs_call *c)
{
    struct place p;
    struct stat st;
    if (fs_find(c, c->args.at[0], &p) != 0 || stat(p.local, &st) < 0)
        return 1;
    bool good = (!fs_has(c, "-d") || S_ISDIR(st.st_mode)) &&
                (!fs_has(c, "-f") || S_ISREG(st.st_mode)) &&
                (!fs_has(c, "-s") || st.st_size > 0) && (!fs_has(c, "-z") || st.st_size == 0) &&
                (!fs_has(c, "-r") || access(p.local, R_OK) == 0) &&
                (!fs_has(c, "-w") || access(p.local, W_OK) == 0);
    return good ? 0 : 1;
}

/* Prints a place by a format. */
static int print_stat(const struct place *p, const struct stat *st, const char *format)
{
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
        case 'y': fputs(when(st, "%Y-%m-%d %H:%M:%S"), stdout); break;
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
