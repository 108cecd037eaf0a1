/* Where things are. */
#include "path.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *path_user(void)
{
    /* cppcheck-suppress getpwuidCalled ; there is one thread */
    const struct passwd *p = getpwuid(geteuid());
    return p ? p->pw_name : "user";
}

static char *without_slashes(const char *path)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    return text_part(path, size);
}

int path_begin(struct file_systems *fs, struct mr_error *err)
{
    const char *root = getenv("WC_MR_HDFS"), *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    /* cppcheck-suppress getpwuidCalled ; there is one thread */
    const struct passwd *p = getpwuid(geteuid());
    if (home == NULL || *home != '/')
        home = p ? p->pw_dir : NULL;
    if (root == NULL || *root == '\0')
        root = state && *state == '/' ? text_format("%s/wc-mr/hdfs", state)
               : home                 ? text_format("%s/.local/state/wc-mr/hdfs", home)
                                      : "";
    if (*root != '/')
        return mr_error_set(err, "the folder that stands for hdfs:// is not known: WC_MR_HDFS is "
                                 "to be its absolute path, and is '%s'", root);
    fs->root = without_slashes(root);
    return 0;
}

int path_set_default(struct file_systems *fs, const char *uri, struct mr_error *err)
{
    if (!text_begins(uri, "file:") && !text_begins(uri, "hdfs:") && !text_is(uri, "local"))
        return mr_error_set(err, "'%s' is no file system here: file:/// and hdfs:/// are", uri);
    fs->local_by_default = !text_begins(uri, "hdfs:");
    return 0;
}

/* Takes ., .. and doubled slashes out of an absolute path. */
static char *normal(const char *path)
{
    struct list parts = { 0 };
    size_t kept = 0;
    char *made = text_copy("");
    list_add_parts(&parts, path, "/");
    for (size_t i = 0; i < parts.count; i++) {
        if (text_is(parts.at[i], ".."))
            kept -= kept > 0;
        else if (!text_is(parts.at[i], "."))
            parts.at[kept++] = parts.at[i];
    }
    for (size_t i = 0; i < kept; i++)
        made = text_format("%s/%s", made, parts.at[i]);
    return kept > 0 ? made : text_copy("/");
}

/* A path, split: what is shown before it, where that is on this machine, and the path itself. */
struct parts {
    char *shown, *base, *path;
};

static char *home_of(const struct file_systems *fs)
{
    return text_format("%s/user/%s", fs->root, path_user());
}

int path_make_above(const char *path)
{
    char *above = text_copy(path);
    for (char *at = strchr(above + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(above, 0777) < 0 && errno != EEXIST)
            return -1;
        *at = '/';
    }
    return 0;
}

void path_make_home(const struct file_systems *fs)
{
    (void)path_make_above(text_format("%s/tmp/", fs->root));
    (void)path_make_above(text_format("%s/", home_of(fs)));
}

/* Behind hdfs: or file: there is an authority, or none. */
static const char *skip_authority(const char *text)
{
    return text_begins(text, "//") ? text + 2 + strcspn(text + 2, "/") : text;
}

static char *relative(const char *text)
{
    char *path = normal(text);
    return text_copy(path + 1);
}

static int take_apart(const struct file_systems *fs, const char *text, struct parts *p,
                      struct mr_error *err)
{
    const char *path = text;
    bool hdfs = text_begins(text, "hdfs:"), local = text_begins(text, "file:");
    size_t scheme = strcspn(text, ":/");
    if (*text == '\0')
        return mr_error_set(err, "a path is empty"), -1;
    if (hdfs || local)
        path = skip_authority(text + strlen("hdfs:"));
    else if (scheme > 0 && text_begins(text + scheme, "://"))
        return mr_error_set(err, "'%s' is in no file system that there is here: hdfs:// and "
                                 "file:// are", text), -1;
    else
        local = fs->local_by_default;
    p->shown = text_part(text, (size_t)(path - text));
    if (*path != '/' && *p->shown == '\0') {
        p->base = local ? text_copy("") : text_format("%s/", home_of(fs));
        p->path = local ? without_slashes(path) : relative(path);
    } else {
        p->base = text_copy(local ? "" : fs->root);
        p->path = normal(path);
    }
    return 0;
}

int path_find(const struct file_systems *fs, const char *text, struct place *place,
              struct mr_error *err)
{
    struct parts p;
    if (take_apart(fs, text, &p, err) < 0)
        return -1;
    place->shown = text_format("%s%s", p.shown, *p.path ? p.path : ".");
    place->local = text_format("%s%s", p.base, p.path);
    return 0;
}

void places_add(struct places *all, struct place place)
{
    if (all->count == all->room) {
        struct place *old = all->at;
        all->room = 2 * all->room + 16;
        all->at = keep(all->room * sizeof *all->at);
        if (all->count > 0)
            memcpy(all->at, old, all->count * sizeof *old);
    }
    all->at[all->count++] = place;
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* What a glob's patterns are in. */
static const char patterns[] = "*?[{\\";

/* Patterns that braces stand for, and their bytes, with all that is written on the way there. */
enum { EXPANDED_MOST = 10000, EXPANDED_MB = 16 };

struct expansion {
    struct list patterns;
    size_t bytes;
};

/* What nothing closes is a character. */
bool path_is_pattern(const char *text)
{
    const char *bracket = strchr(text, '['), *brace = strchr(text, '{');
    return strpbrk(text, "*?\\") != NULL || (bracket && strchr(bracket, ']')) ||
           (brace && strchr(brace, '}'));
}

/* How many first bytes of a path have no pattern: directories, each with its slash. */
static size_t plain_size(const char *path)
{
    size_t size = strcspn(path, patterns);
    while (size > 0 && path[size - 1] != '/')
        size--;
    return size;
}

/* ---- patterns --------------------------------------------------------------------------- */

/* What stands behind a brace's part: a comma, or the brace that closes it; NULL: nothing does. */
static const char *part_end(const char *at)
{
    for (int depth = 0; *at != '\0'; at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        else if (depth == 0 && (*at == ',' || *at == '}'))
            return at;
        else
            depth += (*at == '{') - (*at == '}');
    }
    return NULL;
}

static const char *first_brace(const char *at)
{
    while (*at != '\0' && *at != '{')
        at += *at == '\\' && at[1] != '\0' ? 2 : 1;
    return *at == '{' ? at : NULL;
}

static bool is_too_much(const struct expansion *e)
{
    return e->patterns.count >= EXPANDED_MOST || e->bytes >> 20 >= EXPANDED_MB;
}

/* a{b,c}d to abd and acd; a brace that nothing closes is one. Stops where it is too much. */
/* NOLINTNEXTLINE(misc-no-recursion): once for each brace */
static void expand(const char *pattern, struct expansion *all)
{
    const char *brace = first_brace(pattern), *end = brace, *part, *next;
    while (end != NULL && *end != '}')
        end = part_end(end + 1);
    all->bytes += strlen(pattern);
    if (end == NULL) {
        list_add(&all->patterns, pattern);
        return;
    }
    for (part = brace + 1; part <= end && !is_too_much(all); part = next + 1) {
        next = part_end(part);
        expand(text_format("%.*s%.*s%s", (int)(brace - pattern), pattern, (int)(next - part), part,
                           end + 1), all);
    }
}

struct search {
    const struct parts *parts;
    struct places *places;
};

static void add_found(const struct search *s, const char *local)
{
    places_add(s->places, (struct place){
        text_format("%s%s", s->parts->shown, local + strlen(s->parts->base)), text_copy(local) });
}

/* Adds what a pattern stands for in a directory, whose path ends with a slash or is none. . and ..
 * are no names that one stands for. */
/* NOLINTNEXTLINE(misc-no-recursion): once for each slash */
static void search(const struct search *s, const char *directory, const char *pattern)
{
    struct list names = { 0 };
    size_t size = strcspn(pattern, "/");
    const char *first = text_part(pattern, size);
    bool more = pattern[size] == '/';
    if (!path_is_pattern(first))
        list_add(&names, first);
    else if (path_names(*directory ? directory : ".", &names) < 0)
        return;
    for (size_t i = 0; i < names.count; i++) {
        char *path = text_format("%s%s", directory, names.at[i]);
        if (text_is(names.at[i], ".") || text_is(names.at[i], "..") ||
            fnmatch(first, names.at[i], 0) != 0 || !is_there(path))
            continue;
        if (more)
            search(s, text_format("%s/", path), pattern + size + 1);
        else
            add_found(s, path);
    }
}

/* Leaves out what stands twice behind so many: each of a brace's patterns may have found it. */
static void leave_out_repeated(struct places *places, size_t before)
{
    struct list names = { 0 };
    size_t kept = before;
    for (size_t i = before; i < places->count; i++)
        list_add(&names, places->at[i].local);
    list_sort(&names);
    bool *seen = keep(names.count * sizeof *seen);
    for (size_t i = before; i < places->count; i++) {
        size_t at = list_find(&names, places->at[i].local);
        if (!seen[at])
            places->at[kept++] = places->at[i];
        seen[at] = true;
    }
    places->count = kept;
}

int path_match(const struct file_systems *fs, const char *text, struct places *places,
               struct mr_error *err)
{
    struct parts p;
    struct place place;
    struct expansion all = { 0 };
    const struct search s = { &p, places };
    if (take_apart(fs, text, &p, err) < 0 || path_find(fs, text, &place, err) < 0)
        return -1;
    if (!path_is_pattern(p.path)) {
        if (is_there(place.local))
            places_add(places, place);
        return 0;
    }
    size_t plain = plain_size(p.path), before = places->count;
    expand(p.path + plain, &all);
    if (is_too_much(&all))
        return mr_error_set(err, "braces stand for too many names: fewer than %d are taken, which "
                                 "expand in %d MB: '%s'", EXPANDED_MOST, EXPANDED_MB, text);
    for (size_t i = 0; i < all.patterns.count; i++)
        search(&s, text_format("%s%s", p.base, text_part(p.path, plain)), all.patterns.at[i]);
    leave_out_repeated(places, before);
    return 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The path that a link stands for. */
static char *link_target(const char *link)
{
    char to[4096];
    ssize_t size = readlink(link, to, sizeof to - 1);
    if (size <= 0)
        return text_copy("");
    to[size] = '\0';
    return *to == '/' ? text_copy(to)
                      : text_format("%.*s/%s", (int)(strrchr(link, '/') - link), link, to);
}

/* Whether an absolute path, or one above it, is of the file of st, or is a link to such a path.
 * *links may still be followed: no path has more. */
/* NOLINTNEXTLINE(misc-no-recursion): once for each link */
static bool leads_by(const char *path, const struct stat *st, int *links)
{
    struct stat at;
    for (char *above = text_copy(path); *above != '\0'; *strrchr(above, '/') = '\0') {
        if (lstat(above, &at) < 0)
            continue;
        if (is_same(&at, st))
            return true;
        if (S_ISLNK(at.st_mode) && (*links)-- > 0 && leads_by(link_target(above), st, links))
            return true;
    }
    return false;
}

bool path_has_root(const struct file_systems *fs, const char *local)
{
    struct stat st;
    int links = 40; /* as the kernel has it */
    if (lstat(local, &st) < 0)
        return false;
    return text_is(local, "/") || leads_by(fs->root, &st, &links);
}

char *path_uri(const struct file_systems *fs, const char *local)
{
    size_t size = strlen(fs->root);
    if (strncmp(local, fs->root, size) == 0 && local[size] == '/')
        return text_format("hdfs://%s", local + size);
    if (*local == '/')
        return text_format("file://%s", local);
    char *here = getcwd(NULL, 0);
    char *uri = text_format("file://%s/%s", here ? here : "", local);
    free(here);
    return uri;
}

struct place path_below(const struct place *directory, const char *name)
{
    bool root = text_ends(directory->shown, "/");
    return (struct place){ text_format("%s%s%s", directory->shown, root ? "" : "/", name),
                           text_format("%s/%s", directory->local, name) };
}

int path_names(const char *directory, struct list *names)
{
    const struct dirent *d;
    DIR *dir = opendir(directory);
    if (dir == NULL)
        return -1;
    errno = 0;
    /* cppcheck-suppress readdirCalled ; there is one thread, and one stream of a directory */
    while ((d = readdir(dir)) != NULL)
        if (!text_is(d->d_name, ".") && !text_is(d->d_name, ".."))
            list_add(names, d->d_name);
    int code = errno;
    closedir(dir);
    list_sort(names);
    errno = code;
    return code == 0 ? 0 : -1;
}
