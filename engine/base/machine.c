/* The machine: control groups, affinity and limits of the process. */
#include "base/machine.h"

#include "base/buffer.h"
#include "base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define NONE UINT64_MAX

enum {
    SETS = 64,          /* of 1024 CPUs each */
    PIECE = 16 << 10    /* bytes of a file read at a time */
};

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- files of the kernel's -------------------------------------------------------------- */

/* Reads all of a file, NUL-ended, into text, to be freed in either case. */
static bool read_text(const char *root, const char *path, struct mr_buffer *text)
{
    char whole[PATH_MAX];
    if ((size_t)snprintf(whole, sizeof whole, "%s%s", root, path) >= sizeof whole)
        return false;
    int fd = open(whole, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : PIECE;
    while (got == PIECE) {
        unsigned char *to = mr_buffer_reserve(text, PIECE + 1);
        got = to ? mr_read_full(fd, to, PIECE) : -1;
        if (got >= 0) {
            to[got] = '\0';
            text->size += (size_t)got;
        }
    }
    mr_close(&fd);
    return got >= 0;
}

/* Takes the text up to the next of a separator off *at; NULL when there is none left. */
static char *next(char **at, const char *separator)
{
    return *at ? strsep(at, separator) : NULL;
}

/* Whether a comma-separated list has a word. */
static bool lists(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += n)
        if ((at == list || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
            return true;
    return false;
}

/* A number and what follows it, at *end; NONE for "max", -1 and what is no number. */
static uint64_t number(const char *text, char **end)
{
    if (*text < '0' || *text > '9') {
        *end = NULL;
        return NONE;
    }
    return strtoull(text, end, 10);
}

/* ---- where a group is ------------------------------------------------------------------- */

/* A hierarchy of groups: version 2's, or one of version 1's by its controller. */
struct hierarchy {
    const char *type;       /* of its file system */
    const char *controller; /* NULL: version 2 */
};

/* This process's group in the hierarchy, "" when it has none. */
static void find_group(const char *root, struct hierarchy h, char *group)
{
    struct mr_buffer text = MR_BUFFER_INIT;
    *group = '\0';
    char *at = read_text(root, "/proc/self/cgroup", &text) ? (char *)text.at : NULL;
    for (char *line; *group == '\0' && (line = next(&at, "\n")) != NULL;) {
        const char *id = next(&line, ":"), *controllers = next(&line, ":");
        if (line == NULL)
            continue;
        bool mine = h.controller ? lists(controllers, h.controller)
                                 : strcmp(id, "0") == 0 && *controllers == '\0';
        if (mine)
            snprintf(group, PATH_MAX, "%s", line);
    }
    mr_buffer_free(&text);
}

/* Puts the bytes in the place of what stands for them in a mount's path: \040 for a blank. */
static void unescape(char *path)
{
    char *to = path;
    for (const char *from = path; *from; to++) {
        bool octal = from[0] == '\\' && strspn(from + 1, "01234567") >= 3;
        *to = *from;
        if (octal)
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
        from += octal ? 4 : 1;
    }
    *to = '\0';
}

/* What is left of a group's path below a mount's root; NULL when it is not below it. */
static const char *below(const char *group, const char *mounted)
{
    size_t n = strlen(mounted);
    if (n == 1) /* "/" */
        return group;
    bool is_below = strncmp(group, mounted, n) == 0 && (group[n] == '/' || group[n] == '\0');
    return is_below ? group + n : NULL;
}

/* Looks whether a line of mountinfo is a mount of the hierarchy: then *mounted is what of it is
 * mounted, and *place where. */
static bool is_mount(char *line, struct hierarchy h, char **mounted, char **place)
{
    for (int i = 0; i < 3; i++)
        next(&line, " ");
    *mounted = next(&line, " ");
    *place = next(&line, " ");
    char *rest = line ? strstr(line, " - ") : NULL;
    if (rest == NULL)
        return false;
    rest += 3;
    const char *type = next(&rest, " ");
    next(&rest, " "); /* its source */
    const char *options = rest ? rest : "";
    unescape(*mounted);
    unescape(*place);
    return strcmp(type, h.type) == 0 && (!h.controller || lists(options, h.controller));
}

/* Finds the directory of this process's group in the hierarchy: place, then rest. A group that is
 * not below what is mounted (its namespace is another) is taken for the mount's root. */
static bool find_directory(const char *root, struct hierarchy h, char *place, char *rest)
{
    char group[PATH_MAX];
    struct mr_buffer text = MR_BUFFER_INIT;
    bool found = false, exact = false;
    find_group(root, h, group);
    char *at = *group && read_text(root, "/proc/self/mountinfo", &text) ? (char *)text.at : NULL;
    for (char *line; !exact && (line = next(&at, "\n")) != NULL;) {
        char *mounted, *where;
        if (!is_mount(line, h, &mounted, &where))
            continue;
        const char *path = below(group, mounted);
        found = true;
        exact = path != NULL;
        snprintf(place, PATH_MAX, "%s", where);
        snprintf(rest, PATH_MAX, "%s", path && strcmp(path, "/") != 0 ? path : "");
    }
    mr_buffer_free(&text);
    return found;
}

/* ---- limits of a group ------------------------------------------------------------------ */

/* The text of a file of a group in to, "" when there is none. */
static void read_limit(const char *root, const char *directory, const char *name, char *to,
                       size_t room)
{
    char path[2 * PATH_MAX + 64];
    struct mr_buffer text = MR_BUFFER_INIT;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    bool read = read_text(root, path, &text);
    snprintf(to, room, "%s", read ? (const char *)text.at : "");
    mr_buffer_free(&text);
}

static uint64_t read_number(const char *root, const char *directory, const char *name)
{
    char text[64], *end;
    read_limit(root, directory, name, text, sizeof text);
    return number(text, &end);
}

/* CPUs' worth of time in each period. */
static uint64_t cpus_of(uint64_t quota, uint64_t period)
{
    if (quota == NONE || period == NONE || quota == 0 || period == 0)
        return NONE;
    return quota / period + (quota % period > 0);
}

typedef void look(const char *root, const char *directory, struct mr_group_limits *limits);

static void look_at_version_2(const char *root, const char *directory,
                              struct mr_group_limits *limits)
{
    char text[64], *rest;
    limits->memory = lesser(limits->memory, read_number(root, directory, "memory.max"));
    /* Above this a group is slowed until it stands still. */
    limits->memory = lesser(limits->memory, read_number(root, directory, "memory.high"));
    read_limit(root, directory, "cpu.max", text, sizeof text);
    uint64_t quota = number(text, &rest);
    if (quota != NONE && *rest == ' ')
        limits->cpus = lesser(limits->cpus, cpus_of(quota, number(rest + 1, &rest)));
}

static void look_at_memory(const char *root, const char *directory,
                           struct mr_group_limits *limits)
{
    static const char above[] = "hierarchical_memory_limit ";
    char text[4096], *end;
    limits->memory = lesser(limits->memory, read_number(root, directory, "memory.limit_in_bytes"));
    /* In a container groups above may be out of sight. */
    read_limit(root, directory, "memory.stat", text, sizeof text);
    const char *at = strstr(text, above);
    if (at != NULL)
        limits->memory = lesser(limits->memory, number(at + sizeof above - 1, &end));
}

static void look_at_cpus(const char *root, const char *directory, struct mr_group_limits *limits)
{
    uint64_t quota = read_number(root, directory, "cpu.cfs_quota_us");
    uint64_t period = read_number(root, directory, "cpu.cfs_period_us");
    limits->cpus = lesser(limits->cpus, cpus_of(quota, period));
}

struct mr_group_limits mr_group_limits_find(const char *root)
{
    static const struct {
        struct hierarchy hierarchy;
        look *look;
    } kinds[] = {
        { { "cgroup2", NULL }, look_at_version_2 },
        { { "cgroup", "memory" }, look_at_memory },
        { { "cgroup", "cpu" }, look_at_cpus },
    };
    struct mr_group_limits limits = { NONE, NONE };
    char place[PATH_MAX], rest[PATH_MAX], directory[2 * PATH_MAX];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool more = find_directory(root, kinds[i].hierarchy, place, rest);
        while (more) {
            snprintf(directory, sizeof directory, "%s%s", place, rest);
            kinds[i].look(root, directory, &limits);
            char *slash = strrchr(rest, '/');
            more = slash != NULL;
            if (more)
                *slash = '\0';
        }
    }
    return limits;
}

/* ---- all of it -------------------------------------------------------------------------- */

/* The CPUs that this process may run on; NONE when that is not to be learned. */
static uint64_t affinity(void)
{
    cpu_set_t sets[SETS]; /* one after the other, they are one large set */
    int got = sched_getaffinity(0, sizeof sets, sets);
    int cpus = got == 0 ? CPU_COUNT_S(sizeof sets, sets) : 0;
    return cpus > 0 ? (uint64_t)cpus : NONE;
}

/* What a process may map: less than that is for all processes together, so it will do. */
static uint64_t limit_of(int kind)
{
    struct rlimit limit;
    bool limited = getrlimit(kind, &limit) == 0 &&
                   limit.rlim_cur != RLIM_INFINITY;
    return limited ? (uint64_t)limit.rlim_cur : NONE;
}

static void allow_cpus(struct mr_machine *m, uint64_t most, const char *by)
{
    if (most >= m->cpus)
        return;
    m->cpus = (unsigned)most;
    m->cpus_by = by;
}

static void allow_memory(struct mr_machine *m, uint64_t most, const char *by)
{
    if (most >= m->memory)
        return;
    m->memory = most;
    m->memory_by = by;
}

void mr_machine_detect(struct mr_machine *m)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    struct mr_group_limits groups = mr_group_limits_find("");
    *m = (struct mr_machine){ 0 };
    m->cpus = m->cpus_there = cpus > 0 ? (unsigned)cpus : 1;
    m->memory = m->memory_there =
        pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : (uint64_t)1 << 30;
    allow_cpus(m, affinity(), "affinity");
    allow_cpus(m, groups.cpus, "cgroup quota");
    allow_memory(m, groups.memory, "cgroup");
    allow_memory(m, limit_of(RLIMIT_AS), "ulimit -v");
    allow_memory(m, limit_of(RLIMIT_DATA), "ulimit -d");
}
