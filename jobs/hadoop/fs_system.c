/* The verbs that programs of the system know all about, checksum, chmod, df and find; and setrep,
 * which changes nothing. */
#include "fs.h"
#include "run.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

/* ---- checksum, chmod -------------------------------------------------------------------- */

static int checksum(const struct fs_call *c, const struct place *p)
{
    if (fs_is_directory(p))
        return fs_fail(c, p->shown, "Is a directory");
    printf("%s\tMD5\t", p->shown);
    fflush(stdout);
    return RUN("sh", "-c", "md5sum <\"$1\" | cut -d ' ' -f 1", "sh", p->local) == 0 ? 0 : 1;
}

int fs_checksum(const struct fs_call *c)
{
    return fs_each(c, checksum);
}

/* chmod, chown and chgrp: the first word is what to change to. */
int fs_chmod(const struct fs_call *c)
{
    struct places found = { 0 };
    int status = fs_match(c, c->args.at + 1, c->args.count - 1, &found);
    for (size_t i = 0; i < found.count; i++) {
        struct list words = { 0 };
        list_add(&words, c->verb);
        if (fs_has(c, "-R"))
            list_add(&words, "-R");
        list_add(&words, "--");
        list_add(&words, c->args.at[0]);
        list_add(&words, found.at[i].local);
        status |= run_to(-1, &words) != 0;
    }
    return status;
}

/* setrep: the first word is how many copies there are to be. */
int fs_setrep(const struct fs_call *c)
{
    struct places found = { 0 };
    const char *copies = c->args.at[0];
    if (copies[strspn(copies, "0123456789")] != '\0' || strspn(copies, "0") == strlen(copies)) {
        (void)fs_fail(c, copies, "Illegal replication, a positive integer expected");
        return 255;
    }
    int status = fs_match(c, c->args.at + 1, c->args.count - 1, &found);
    for (size_t i = 0; i < found.count; i++)
        printf("Replication %s set: %s\n", copies, found.at[i].shown);
    for (size_t i = 0; fs_has(c, "-w") && i < found.count; i++)
        printf("Waiting for %s ... done\n", found.at[i].shown);
    return status;
}

/* ---- df --------------------------------------------------------------------------------- */

int fs_df(const struct fs_call *c)
{
    struct place p;
    struct statvfs st;
    if (fs_find(c, c->args.count > 0 ? c->args.at[0] : "/", &p) != 0)
        return 1;
    if (statvfs(p.local, &st) < 0)
        return fs_fail_system(c, p.shown);
    uint64_t size = (uint64_t)st.f_blocks * st.f_frsize, left = (uint64_t)st.f_bavail * st.f_frsize;
    uint64_t used = size - (uint64_t)st.f_bfree * st.f_frsize;
    printf("Filesystem  Size  Used  Available  Use%%\n%s  %s  %s  %s  %.0f%%\n", p.shown,
           fs_size_text(c, size), fs_size_text(c, used), fs_size_text(c, left),
           size > 0 ? 100 * (double)used / (double)size : 0);
    return 0;
}

/* ---- find ------------------------------------------------------------------------------- */

struct search {
    const char *pattern;
    int flags; /* fnmatch's */
    char end;  /* behind each path */
};

/* Prints a place whose name matches, and then what is below it. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as directories are */
static int search(const struct fs_call *c, const struct place *p, const struct search *s)
{
    struct list names = { 0 };
    int status = 0;
    if (fnmatch(s->pattern, text_base_name(p->local), s->flags) == 0)
        printf("%s%c", p->shown, s->end);
    if (!fs_is_directory(p))
        return 0;
    if (path_names(p->local, &names) < 0)
        return fs_fail_system(c, p->shown);
    for (size_t i = 0; i < names.count; i++) {
        struct place below = fs_below(p, names.at[i]);
        status |= search(c, &below, s);
    }
    return status;
}

/* PATH... [-name PATTERN | -iname PATTERN] [-print | -print0] */
int fs_search(const struct fs_call *c)
{
    struct places found = { 0 };
    struct search s = { "*", 0, '\n' };
    size_t paths = 0;
    while (paths < c->args.count && *c->args.at[paths] != '-')
        paths++;
    for (size_t i = paths; i < c->args.count; i++) {
        bool name = text_is(c->args.at[i], "-name"), any_case = text_is(c->args.at[i], "-iname");
        if ((name || any_case) && i + 1 < c->args.count) {
            s.pattern = c->args.at[++i];
            s.flags = any_case ? FNM_CASEFOLD : 0;
        } else if (text_is(c->args.at[i], "-print") || text_is(c->args.at[i], "-print0")) {
            s.end = c->args.at[i][strlen("-print")] ? '\0' : '\n';
        } else {
            return fs_fail(c, c->args.at[i], "Unexpected argument: only -name, -iname, -print and "
                                             "-print0 are there");
        }
    }
    int status = fs_match(c, c->args.at, paths, &found);
    for (size_t i = 0; i < found.count; i++)
        status |= search(c, &found.at[i], &s);
    return status;
}
