/* Conflicts: an output that is an input, too, or the work directory. */
#include "control/conflict.h"

#include "base/error.h"
#include "base/file_name.h"
#include "base/io.h"
#include "base/memory.h"
#include "control/workspace.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ------------------------------------------------------------------------------ */

/* Whether the command's operands name it, rather than a directory that it is in. */
static bool is_named(const struct mr_source *s, const struct mr_config *config)
{
    if (s->path == NULL)
        return true;
    for (size_t i = 0; i < config->input_count; i++)
        if (strcmp(config->inputs[i], s->path) == 0)
            return true;
    return false;
}

static int refuse(const struct mr_output *output, const char *input, struct mr_error *err)
{
    mr_error_set(err, "cannot write '%s': it is the input '%s', too; let the output go elsewhere",
                 output->name, input);
    return mr_error_final(err);
}

static int check_files(const struct mr_sources *sources, const struct mr_output *output,
                       const struct mr_config *config, struct mr_error *err)
{
    const struct stat *out = mr_output_about(output);
    for (size_t i = 0; out != NULL && i < sources->count; i++) {
        const struct mr_source *s = &sources->at[i];
        if (s->inode == out->st_ino && s->device == out->st_dev &&
            (s->stream || s->size > 0 || is_named(s, config)))
            return refuse(output, mr_source_name(s), err);
    }
    return 0;
}

/* Checks a file that was read besides the inputs; NULL: there is none. */
static int check_read(const struct mr_output *output, const char *path, struct mr_error *err)
{
    const struct stat *out = mr_output_about(output);
    struct stat st;
    if (out == NULL || path == NULL)
        return 0;
    bool standard = strcmp(path, "-") == 0;
    if ((standard ? fstat(STDIN_FILENO, &st) : stat(path, &st)) == 0 &&
        st.st_ino == out->st_ino && st.st_dev == out->st_dev)
        return refuse(output, standard ? "standard input" : path, err);
    return 0;
}

static int check_all_read(const struct mr_output *output, const struct mr_config *config,
                          struct mr_error *err)
{
    if (check_read(output, config->input_list, err) < 0 ||
        check_read(output, config->job_file, err) < 0)
        return -1;
    for (size_t i = 0; i < config->read_file_count; i++)
        if (check_read(output, config->read_files[i], err) < 0)
            return -1;
    return 0;
}

/* ---- a file in the output directory ----------------------------------------------------- */

/* Whether a target is what a path names, or in the directory that it names. */
static bool is_there(const struct mr_target *t, const char *path)
{
    char name[MR_NAME_SIZE];
    int parent = mr_open_parent(path, name);
    bool is = parent >= 0 && t->directory >= 0 &&
              ((strcmp(name, t->name) == 0 && mr_same_file(t->directory, parent, ".") > 0) ||
               mr_same_file(t->directory, parent, name) > 0);
    mr_close(&parent);
    return is;
}

int mr_conflict_check_parts(const struct mr_output *file, const struct mr_config *config,
                            struct mr_error *err)
{
    if (config->output_dir == NULL || !is_there(&file->target, config->output_dir))
        return 0;
    mr_error_set(err, "cannot write '%s': the output directory '%s' is to be there, and has only "
                      "parts; choose another name", file->name, config->output_dir);
    return mr_error_final(err);
}

/* ---- the work directory ----------------------------------------------------------------- */

/* Whether the output's place is the work directory's: the same name in the same directory, by
 * whatever way that is told. */
static bool is_work_dir(const struct mr_output *output, const struct mr_config *config)
{
    char name[MR_NAME_SIZE], made[MR_NAME_SIZE];
    int work = mr_open_parent(config->work_dir, name);
    int parts = config->output_dir ? mr_open_parent(config->output_dir, made) : -1;
    int place = config->output_dir ? parts : output->target.directory;
    const char *other = config->output_dir ? made : output->target.name;
    bool same = work >= 0 && place >= 0 && strcmp(name, other) == 0 &&
                mr_same_file(work, place, ".") > 0;
    mr_close(&work);
    mr_close(&parts);
    return same;
}

/* Where nothing is yet, both would be made, and the output not be put in its place in the end. */
static int check_work_dir(const struct mr_output *output, const struct mr_config *config,
                          struct mr_error *err)
{
    if (config->work_dir == NULL || !is_work_dir(output, config))
        return 0;
    mr_error_set(err, "cannot write '%s': it is to be the work directory, too; choose another "
                      "name for one of them", output->name);
    return mr_error_final(err);
}

/* ---- what is replaced ------------------------------------------------------------------- */

/* Looks for an input among what a directory has. */
struct search {
    const struct mr_sources *sources;
    const struct mr_source *found;
};

static void look_at(void *arg, int directory, const char *name)
{
    struct search *s = arg;
    struct stat st;
    if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    for (size_t i = 0; i < s->sources->count; i++)
        if (s->sources->at[i].inode == st.st_ino && s->sources->at[i].device == st.st_dev)
            s->found = &s->sources->at[i];
}

/* An output directory that is to be replaced, if there is one, holds no input. */
static int check_replaced(const struct mr_sources *sources, const struct mr_config *config,
                          struct mr_error *err)
{
    struct search s = { sources, NULL };
    if (!config->overwrite || config->output_dir == NULL)
        return 0;
    int fd = open(config->output_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 ? 0 : mr_directory_each(fd, look_at, &s);
    if (result < 0)
        (void)mr_error_system(err, "cannot read the directory '%s'", config->output_dir);
    mr_close(&fd);
    if (result < 0 || s.found == NULL)
        return result;
    mr_error_set(err, "cannot replace output directory '%s': the input '%s' is in it; let the "
                      "output go elsewhere", config->output_dir, mr_source_name(s.found));
    return mr_error_final(err);
}

/* ---- directories ------------------------------------------------------------------------ */

/* A directory, and all that it is in. */
struct ancestors {
    struct directory {
        dev_t device;
        ino_t inode;
    } *at;
    size_t count, capacity;
};

static bool has(const struct ancestors *a, const struct stat *st)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->at[i].inode == st->st_ino && a->at[i].device == st->st_dev)
            return true;
    return false;
}

static int add(struct ancestors *a, const struct stat *st, struct mr_error *err)
{
    struct directory *at = mr_memory_grow(a->at, &a->capacity, a->count, sizeof *at,
                                          "the output's directories", err);
    if (at == NULL)
        return -1;
    a->at = at;
    a->at[a->count++] = (struct directory){ st->st_dev, st->st_ino };
    return 0;
}

/* Goes up from the directory that path is in to the root, which is its own parent; to where that is
 * not allowed. */
static int find_ancestors(struct ancestors *a, const char *path, struct mr_error *err)
{
    char name[MR_NAME_SIZE];
    struct stat st;
    int result = 0, fd = mr_open_parent(path, name);
    while (result == 0 && fd >= 0 && fstat(fd, &st) == 0 && !has(a, &st)) {
        result = add(a, &st, err);
        int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = up;
    }
    mr_close(&fd);
    return result;
}

static int check_operands(const struct ancestors *a, const struct mr_config *config,
                          struct mr_error *err)
{
    struct stat st;
    for (size_t i = 0; i < config->input_count; i++) {
        const char *input = config->inputs[i];
        if (strcmp(input, "-") == 0 || stat(input, &st) < 0 || !S_ISDIR(st.st_mode) ||
            !has(a, &st))
            continue;
        mr_error_set(err, "cannot make output directory '%s': it would be in the input directory "
                          "'%s'; choose a place outside of that", config->output_dir, input);
        return mr_error_final(err);
    }
    return 0;
}

static int check_directories(const struct mr_config *config, struct mr_error *err)
{
    struct ancestors a = { NULL, 0, 0 };
    if (config->output_dir == NULL)
        return 0;
    int result = find_ancestors(&a, config->output_dir, err);
    if (result == 0)
        result = check_operands(&a, config, err);
    free(a.at);
    return result;
}

/* What the run makes for itself is not to be in a directory that its output replaces: that would no
 * longer have parts alone when its time comes. */
static int check_inside(const char *path, const char *what, const struct mr_config *config,
                        struct mr_error *err)
{
    struct ancestors a = { NULL, 0, 0 };
    struct stat replaced, own;
    if (!config->overwrite || config->output_dir == NULL ||
        stat(config->output_dir, &replaced) < 0)
        return 0;
    int result = find_ancestors(&a, path, err);
    if (result == 0 && stat(path, &own) == 0)
        result = add(&a, &own, err);
    if (result == 0 && has(&a, &replaced)) {
        mr_error_set(err, "cannot replace output directory '%s': the %s directory '%s' is in it; "
                          "choose another for one of them", config->output_dir, what, path);
        result = mr_error_final(err);
    }
    free(a.at);
    return result;
}

static int check_own(const struct mr_config *config, struct mr_error *err)
{
    if (config->work_dir)
        return check_inside(config->work_dir, "work", config, err);
    return check_inside(mr_workspace_place(config->temp_dir), "temporary", config, err);
}

int mr_conflict_check(const struct mr_sources *sources, const struct mr_output *output,
                      const struct mr_config *config, struct mr_error *err)
{
    if (check_files(sources, output, config, err) < 0 || check_all_read(output, config, err) < 0 ||
        check_work_dir(output, config, err) < 0 || check_replaced(sources, config, err) < 0 ||
        check_own(config, err) < 0)
        return -1;
    return check_directories(config, err);
}

/* ---- other files that are written ------------------------------------------------------- */

/* Whether what is written to the one would be in the other, too. Devices are let be. */
static bool are_one(const struct mr_target *file, const struct mr_target *other)
{
    if (file->kind == MR_TARGET_DEVICE)
        return false;
    if (mr_target_is_same(file, other))
        return true;
    return file->kind != MR_TARGET_NEW && other->kind != MR_TARGET_NEW &&
           S_ISREG(file->about.st_mode) && file->about.st_ino == other->about.st_ino &&
           file->about.st_dev == other->about.st_dev;
}

/* Checks a file, and one of all others that it is not to be. */
static int check_side_file(const struct mr_sources *sources, const struct mr_output *other,
                           const struct mr_config *config, const char *path, struct mr_error *err)
{
    struct mr_config own = *config;
    struct mr_output file = MR_OUTPUT_INIT;
    own.output = path;
    own.output_dir = NULL;
    int result = mr_output_find(&file, &own, err);
    if (result == 0)
        result = mr_conflict_check(sources, &file, &own, err);
    if (result == 0)
        result = mr_conflict_check_parts(&file, config, err);
    if (result == 0 && are_one(&file.target, &other->target)) {
        mr_error_set(err, "cannot write '%s': it is to have two things that the run writes; choose "
                          "another name for one of them", path);
        result = mr_error_final(err);
    }
    mr_output_close(&file);
    return result;
}

/* The same where the other is a file of this name. */
static int check_named(const struct mr_sources *sources, const char *name,
                       const struct mr_config *config, const char *path, struct mr_error *err)
{
    struct mr_config own = *config;
    struct mr_output other = MR_OUTPUT_INIT;
    own.output = name;
    own.output_dir = NULL;
    int result = mr_output_find(&other, &own, err);
    if (result == 0)
        result = check_side_file(sources, &other, config, path, err);
    mr_output_close(&other);
    return result;
}

int mr_conflict_check_side_files(const struct mr_sources *sources, const struct mr_output *output,
                                 const struct mr_config *config, struct mr_error *err)
{
    for (size_t i = 0; i < config->side_file_count; i++) {
        const char *path = config->side_files[i];
        if (check_side_file(sources, output, config, path, err) < 0 ||
            (config->bad_records &&
             check_named(sources, config->bad_records, config, path, err) < 0))
            return -1;
        for (size_t j = 0; j < i; j++)
            if (check_named(sources, config->side_files[j], config, path, err) < 0)
                return -1;
    }
    return 0;
}
