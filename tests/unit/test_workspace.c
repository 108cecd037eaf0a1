/* Workspaces: a run's own goes with it; a kept one is nobody else's, and stays until it is done
 * with. */
#include "control/workspace.h"

#include "control/manifest.h"
#include "support.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

TestSuite(workspace, .init = make_store, .fini = remove_store, .timeout = HANGS);

static struct mr_workspace w;
static struct mr_signals signals; /* not open: none is heard */

static int open_kept(const char *name, bool resume)
{
    char path[sizeof store->directory + 256];
    strcpy(path, scratch(name));
    struct mr_config config = { .work_dir = path, .resume = resume };
    return mr_workspace_open(&w, &config, 1 << 20, &signals, &err);
}

static int open_own(const char *name)
{
    char path[sizeof store->directory + 256];
    strcpy(path, scratch(name));
    struct mr_config config = { .temp_dir = path };
    return mr_workspace_open(&w, &config, 1 << 20, &signals, &err);
}

static bool exists(const char *name)
{
    return access(scratch(name), F_OK) == 0;
}

/* A file of the engine's, of which this is the head. */
static void write_own(const char *name)
{
    write_file(name, "mr-spool rest", 13);
}

/* A work directory as a killed run leaves it. */
static void make_kept(const char *name)
{
    must(open_kept(name, false));
    mr_workspace_close(&w);
}

/* Refused, and whatever stood there still stands. */
static void check_refused(const char *name, bool resume, const char *words, int files)
{
    must_fail(open_kept(name, resume), words);
    check_for(strstr(err.text, name) != NULL, "'%s' does not name it", err.text);
    check(err.final);
    mr_workspace_remove(&w, true); /* what an ending run calls */
    mr_workspace_close(&w);
    check_for(scratch_files() == files, "%d files, not %d", scratch_files(), files);
    check(exists(name));
}

Test(workspace, its_own_is_made_where_asked_for_and_removed_with_all_in_it)
{
    must(open_own(""));
    cr_assert_not(w.store->kept);
    cr_assert_eq(w.store->allowed, 1 << 20);
    struct stat st;
    cr_assert(stat(w.store->directory, &st) == 0 && (st.st_mode & 0777) == 0700);
    cr_assert_eq(strncmp(w.store->directory, store->directory, strlen(store->directory)), 0);
    char name[64];
    snprintf(name, sizeof name, "%s/map-0", w.store->directory + strlen(store->directory) + 1);
    write_own(name);
    mr_workspace_remove(&w, false);
    cr_assert_neq(access(w.store->directory, F_OK), 0);
    mr_workspace_close(&w);
}

Test(workspace, a_kept_one_is_made_and_removed_when_the_run_is_done)
{
    for (int resume = 0; resume < 2; resume++) {
        must(open_kept("kept", resume));
        check(w.store->kept && exists("kept"));
        write_own("kept/map-0");
        write_own("kept/manifest");
        mr_workspace_remove(&w, true);
        mr_workspace_close(&w);
        check(!exists("kept"));
    }
}

Test(workspace, one_without_a_manifest_cannot_be_resumed_and_goes_after_a_failure_too)
{
    must(open_kept("kept", false));
    write_own("kept/map-0.new");
    mr_workspace_remove(&w, false);
    mr_workspace_close(&w);
    cr_assert_not(exists("kept"));
}

Test(workspace, one_with_a_manifest_stays_after_a_failure_and_is_only_resumed)
{
    must(open_kept("kept", false));
    write_own("kept/map-0");
    write_own("kept/manifest");
    mr_workspace_remove(&w, false);
    mr_workspace_close(&w);
    check_refused("kept", false, "--resume", 3);
    must(open_kept("kept", true));
    mr_workspace_remove(&w, false);
    mr_workspace_close(&w);
    cr_assert_eq(scratch_files(), 3);
}

Test(workspace, one_that_is_not_empty_and_no_job_is_refused_and_left_alone)
{
    check(mkdir(scratch("kept"), 0700) == 0);
    write_file("kept/letter", "x", 1);
    check_refused("kept", false, "not empty", 1);
    check_refused("kept", true, "not empty", 1);
    write_file("kept/map-1", "x", 1);
    check_refused("kept", false, "not empty", 2);
}

Test(workspace, one_without_a_marker_is_refused_whatever_else_it_has)
{
    static const char *const names[] = { "kept/manifest", "kept/manifest.new", "kept/map-0" };
    check(mkdir(scratch("kept"), 0700) == 0);
    for (int i = 0; i < 3; i++) {
        write_own(names[i]);
        check_refused("kept", true, "wc-mr-marker", i + 1);
    }
}

Test(workspace, one_with_a_marker_is_taken_whatever_else_it_has)
{
    make_kept("kept");
    write_file("kept/letter", "x", 1);
    write_own("kept/map-3");
    must(open_kept("kept", false));
    mr_workspace_remove(&w, true);
    mr_workspace_close(&w);
    cr_assert(exists("kept/letter") && scratch_files() == 1);
}

Test(workspace, one_that_others_can_write_to_is_refused)
{
    static const mode_t open_to[] = { 0720, 0702, 0777, 01777 };
    check(mkdir(scratch("kept"), 0700) == 0);
    for (size_t i = 0; i < sizeof open_to / sizeof *open_to; i++) {
        check(chmod(scratch("kept"), open_to[i]) == 0);
        check_refused("kept", true, "others can write", 0);
    }
    check(chmod(scratch("kept"), 0755) == 0);
    must(open_kept("kept", true));
    mr_workspace_close(&w);
}

Test(workspace, another_users_is_refused)
{
    if (geteuid() != 0)
        cr_skip_test("only root can make directories of other users");
    check(mkdir(scratch("kept"), 0700) == 0 && chown(scratch("kept"), 54321, 54321) == 0);
    check_refused("kept", true, "others can write", 0);
}

Test(workspace, one_that_another_process_has_is_refused_until_it_is_gone)
{
    int ready[2], leave[2];
    char byte = 0;
    check(pipe(ready) == 0 && pipe(leave) == 0);
    pid_t child = fork();
    if (child == 0) {
        close(leave[1]);
        if (open_kept("kept", false) < 0 || write(ready[1], &byte, 1) != 1)
            _exit(1);
        _exit(read(leave[0], &byte, 1) != 0);
    }
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    check_refused("kept", true, "another run has it", 1);
    close(leave[1]);
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    must(open_kept("kept", true));
    mr_workspace_close(&w);
}

Test(workspace, a_place_that_cannot_be_is_an_error_that_names_it)
{
    write_file("file", "x", 1);
    must_fail(open_kept("file", false), "file");
    mr_workspace_close(&w);
    must_fail(open_kept("none/kept", false), "none/kept");
    mr_workspace_close(&w);
    must_fail(open_own("none"), "none");
    mr_workspace_remove(&w, false);
    mr_workspace_close(&w);
    cr_assert_eq(scratch_files(), 1);
    char far[sizeof store->directory + 100];
    memset(far, 'x', sizeof far - 1);
    far[sizeof far - 1] = '\0';
    struct mr_config config = { .work_dir = far };
    must_fail(mr_workspace_open(&w, &config, 0, &signals, &err), "cannot use work directory 'xxx");
    cr_assert_eq(err.code, ENAMETOOLONG);
    mr_workspace_close(&w);
    config = (struct mr_config){ .temp_dir = far };
    must_fail(mr_workspace_open(&w, &config, 0, &signals, &err), "temporary files in 'xxx");
    cr_assert_eq(err.code, ENAMETOOLONG);
    mr_workspace_close(&w);
}

static bool is_wanted(void *arg, const char *name)
{
    return strcmp(name, arg) == 0;
}

Test(workspace, clearing_removes_the_tasks_files_and_no_others)
{
    static const char *const tasks[] = { "map-0", "map-12.new", "reduce-3", "reduce-3.new",
                                         "record-5",
                                         "manifest.new" };
    static const char *const others[] = { "map", "maps-1", "map-1x", "map-1.new.new", "map-1.old",
                                          "Map-1", "xmap-1", "text-3", "map-3-0", "manifest", "letter",
                                          "map-1 " };
    char name[64], wanted[] = "map-7";
    must(open_kept("kept", false));
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        snprintf(name, sizeof name, "kept/%s", tasks[i]);
        write_own(name);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        snprintf(name, sizeof name, "kept/%s", others[i]);
        write_own(name);
    }
    write_own("kept/map-7");
    check(mkdir(scratch("kept/map-9"), 0700) == 0);
    mr_workspace_clear(&w, is_wanted, wanted);
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        snprintf(name, sizeof name, "kept/%s", tasks[i]);
        check_for(!exists(name), "%s is still there", name);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        snprintf(name, sizeof name, "kept/%s", others[i]);
        check_for(exists(name), "%s is gone", name);
    }
    cr_assert(exists("kept/map-7") && exists("kept/map-9"));
    mr_workspace_remove(&w, true);
    mr_workspace_close(&w);
    cr_assert(exists("kept/letter"), "what others put there meanwhile stays");
    cr_assert_not(exists("kept/map-7"));
    cr_assert_not(exists("kept/manifest"));
    cr_assert_not(exists("kept/wc-mr-marker"));
}

enum { NEVER, NOT_WHOLE, ALWAYS }; /* own */

/* With whole, no file has a name before it is whole and on the disk. */
static void check_removal(bool whole)
{
    static const struct {
        const char *bytes;
        size_t size;
        int own;
    } files[] = {
        { "mr-spool", 8, ALWAYS }, { "mr-spool\4\0\0\0 and on", 19, ALWAYS },
        { "", 0, NOT_WHOLE },      { "mr-", 3, NOT_WHOLE }, /* killed while it wrote */
        { "\0\0\0\0\0\0\0\0", 8, NOT_WHOLE },           /* the machine went down */
        { "letter", 6, NEVER },    { "mr-spoon of sugar", 17, NEVER },
        { "Mr-spool", 8, NEVER },  { "\0\0\0\0\0\0\0x", 8, NEVER },
        { " mr-spool", 9, NEVER }, { "x", 1, NEVER },
    };
    const size_t count = sizeof files / sizeof *files;
    char name[64];
    must(open_kept("kept", false));
    w.marked.nameless = whole;
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "kept/map-%zu", i);
        write_file(name, files[i].bytes, files[i].size);
    }
    write_own("aim");
    check(symlink("../aim", scratch("kept/map-90")) == 0 && mkfifo(scratch("kept/map-91"), 0600) == 0);
    mr_workspace_remove(&w, true);
    mr_workspace_close(&w);
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "kept/map-%zu", i);
        check_for(exists(name) == (files[i].own <= (whole ? NOT_WHOLE : NEVER)), "'%s'",
                  files[i].bytes);
    }
    cr_assert(exists("kept/map-90") && exists("kept/map-91") && exists("aim"));
}

Test(workspace, a_file_goes_by_its_name_only_with_the_head_of_one_that_was_made_here)
{
    check_removal(true);
}

Test(workspace, where_files_have_names_from_the_start_one_without_a_whole_head_goes_too)
{
    check_removal(false);
}

Test(workspace, directories_of_dead_runs_are_swept_and_those_of_living_ones_not)
{
    pid_t child = fork();
    if (child == 0)
        _exit(open_own("") < 0); /* without removing it */
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    struct mr_workspace living;
    must(open_own(""));
    living = w;
    must(open_own(""));
    mr_workspace_sweep(&w);
    cr_assert_eq(access(living.store->directory, F_OK), 0);
    cr_assert_eq(access(w.store->directory, F_OK), 0);
    mr_workspace_remove(&living, true);
    mr_workspace_close(&living);
    mr_workspace_remove(&w, true);
    mr_workspace_close(&w);
    cr_assert_eq(rmdir(store->directory), 0, "nothing is left");
    check(mkdir(store->directory, 0700) == 0);
}
