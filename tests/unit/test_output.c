/* The output: there when it is whole and not before, and what was there stays until then. */
#include "write/output.h"

#include "texts.h"

#include <sys/stat.h>
#include <sys/wait.h>

static struct mr_spool text;
static _Atomic uint64_t progress;

enum { SIZE = 8 };
static const char lines[] = "a\t2\nb\t1\n";

/* A text of two lines in a spool, which is number 0. */
static void begin(void)
{
    make_store();
    write_text(&text, "text", 0, lines, SIZE, SIZE);
}

static void end(void)
{
    mr_spool_drop(&text, store);
    remove_store();
}

TestSuite(output, .init = begin, .fini = end);

static int open_output(struct mr_output *o, const char *file, const char *directory)
{
    struct mr_config config = { .output = file, .output_dir = directory };
    return mr_output_open(o, &config, &err);
}

static void check_content(const char *name, const char *wanted)
{
    size_t size;
    char *got = read_file(scratch(name), &size);
    check_for(strcmp(got, wanted) == 0, "%s has '%s'", name, got);
    free(got);
}

Test(output, a_file_appears_whole_when_committed)
{
    struct mr_output o;
    must(open_output(&o, scratch("out"), NULL));
    must(mr_output_append(&o, 0, &text, store, &progress, &err));
    must(mr_output_append(&o, 0, &text, store, &progress, &err));
    cr_assert_neq(access(scratch("out"), F_OK), 0);
    must(mr_output_commit(&o, &err));
    mr_output_close(&o);
    check_content("out", "a\t2\nb\t1\na\t2\nb\t1\n");
    cr_assert_eq(scratch_files(), 1, "nothing else is left");
    mode_t mask = umask(0);
    struct stat st;
    check(stat(scratch("out"), &st) == 0 && (st.st_mode & 0777) == (0666 & ~mask));
}

Test(output, one_that_is_not_committed_never_was)
{
    struct mr_output o;
    write_file("old", "what was there", 14);
    must(open_output(&o, scratch("old"), NULL));
    must(mr_output_append(&o, 0, &text, store, &progress, &err));
    check_content("old", "what was there");
    mr_output_close(&o);
    check_content("old", "what was there");
    must(open_output(&o, scratch("new"), NULL));
    mr_output_close(&o);
    must(open_output(&o, NULL, scratch("parts")));
    must(mr_output_part(&o, 0, &text, store, &progress, &err));
    mr_output_close(&o);
    mr_output_close(&o);
    cr_assert_eq(scratch_files(), 1);
    cr_assert_neq(access(scratch("new"), F_OK), 0);
    cr_assert_neq(access(scratch("parts"), F_OK), 0);
}

Test(output, a_file_is_replaced_with_its_permissions_and_through_a_link)
{
    struct mr_output o;
    struct stat st;
    write_file("old", "what was there", 14);
    check(chmod(scratch("old"), 0640) == 0 && symlink("old", scratch("link")) == 0);
    must(open_output(&o, scratch("link"), NULL));
    must(mr_output_append(&o, 0, &text, store, &progress, &err));
    must(mr_output_commit(&o, &err));
    mr_output_close(&o);
    check_content("old", "a\t2\nb\t1\n");
    check(lstat(scratch("link"), &st) == 0 && S_ISLNK(st.st_mode));
    check(stat(scratch("old"), &st) == 0 && (st.st_mode & 0777) == 0640);
}

Test(output, a_directory_of_parts_gets_success_last)
{
    struct mr_output o;
    must(open_output(&o, NULL, scratch("parts/")));
    struct mr_spool texts[3];
    for (uint32_t i = 3; i-- > 0;) {
        char name[32];
        snprintf(name, sizeof name, "text-%u", i);
        write_text(&texts[i], name, i, lines, SIZE, SIZE);
        must(mr_output_part(&o, i, &texts[i], store, &progress, &err));
    }
    must(mr_output_part(&o, 1, &texts[1], store, &progress, &err)); /* tried again, it is not doubled */
    must_fail(mr_output_part(&o, 1, &texts[2], store, &progress, &err), "another task's");
    must(mr_output_part(&o, 1, &texts[1], store, &progress, &err));
    for (int i = 0; i < 3; i++)
        mr_spool_drop(&texts[i], store);
    cr_assert_neq(access(scratch("parts"), F_OK), 0);
    must(mr_output_commit(&o, &err));
    mr_output_close(&o);
    for (int i = 0; i < 3; i++) {
        char name[64];
        snprintf(name, sizeof name, "parts/part-r-%05d", i);
        check_content(name, "a\t2\nb\t1\n");
    }
    check_content("parts/_SUCCESS", "");
    cr_assert_eq(scratch_files(), 4);
}

Test(output, what_exists_in_a_directorys_place_is_refused_and_left_alone)
{
    struct mr_output o;
    check(mkdir(scratch("there"), 0700) == 0);
    must_fail(open_output(&o, NULL, scratch("there")), "it exists");
    cr_assert(err.final);
    mr_output_close(&o);
    write_file("file", "x", 1);
    must_fail(open_output(&o, NULL, scratch("file")), "it exists");
    mr_output_close(&o);
    check(symlink("nowhere", scratch("broken")) == 0);
    must_fail(open_output(&o, NULL, scratch("broken")), "it exists");
    mr_output_close(&o);
    check_content("file", "x");
    cr_assert_eq(access(scratch("there"), F_OK), 0);
}

Test(output, a_directory_made_meanwhile_is_not_replaced)
{
    struct mr_output o;
    must(open_output(&o, NULL, scratch("parts")));
    must(mr_output_part(&o, 0, &text, store, &progress, &err));
    check(mkdir(scratch("parts"), 0700) == 0);
    must_fail(mr_output_commit(&o, &err), "parts");
    mr_output_close(&o);
    cr_assert_eq(scratch_files(), 0);
}

Test(output, places_that_cannot_be_written_are_errors_that_name_them)
{
    struct mr_output o;
    must_fail(open_output(&o, scratch("no/such/place"), NULL), "no/such/place");
    mr_output_close(&o);
    must_fail(open_output(&o, NULL, scratch("no/such/place")), "no/such/place");
    mr_output_close(&o);
    must_fail(open_output(&o, store->directory, NULL), "Is a directory");
    mr_output_close(&o);
    must(open_output(&o, "/dev/full", NULL));
    must_fail(mr_output_append(&o, 0, &text, store, &progress, &err), "cannot write '/dev/full'");
    cr_assert(err.final);
    mr_output_close(&o);
    struct stat st;
    check(stat("/dev/full", &st) == 0 && S_ISCHR(st.st_mode));
}

Test(output, standard_output_is_written_in_place)
{
    struct mr_output o;
    fflush(stdout);
    int old = dup(STDOUT_FILENO), fd = open(scratch("out"), O_CREAT | O_WRONLY, 0600);
    dup2(fd, STDOUT_FILENO);
    int opened = open_output(&o, NULL, NULL);
    int appended = mr_output_append(&o, 0, &text, store, &progress, &err);
    int committed = mr_output_commit(&o, &err);
    mr_output_close(&o);
    int still_open = fcntl(STDOUT_FILENO, F_GETFD);
    dup2(old, STDOUT_FILENO);
    close(old);
    close(fd);
    must(opened);
    must(appended);
    must(committed);
    cr_assert_geq(still_open, 0, "it is not ours to close");
    check_content("out", "a\t2\nb\t1\n");
}

Test(output, what_a_dead_worker_wrote_does_not_stay)
{
    struct mr_output o;
    must(open_output(&o, scratch("out"), NULL));
    must(mr_output_rewind(&o, &err));
    must(mr_output_append(&o, 0, &text, store, &progress, &err));
    o.written += SIZE;
    must(mr_output_rewind(&o, &err));
    check(write(o.fd, "half of a te", 12) == 12); /* and then it died */
    must(mr_output_rewind(&o, &err));
    must(mr_output_append(&o, 0, &text, store, &progress, &err));
    o.written += SIZE;
    must(mr_output_commit(&o, &err));
    mr_output_close(&o);
    check_content("out", "a\t2\nb\t1\na\t2\nb\t1\n");
}

Test(output, what_cannot_be_cut_back_is_left_as_it_is)
{
    struct mr_output o;
    must(open_output(&o, "/dev/null", NULL));
    must(mr_output_rewind(&o, &err));
    mr_output_close(&o);
    must(open_output(&o, NULL, scratch("parts")));
    must(mr_output_part(&o, 0, &text, store, &progress, &err));
    must(mr_output_rewind(&o, &err));
    must(mr_output_commit(&o, &err));
    mr_output_close(&o);
    check_content("parts/part-r-00000", "a\t2\nb\t1\n");
}

/* Begins an output in a process of its own, which ends without committing or closing it. */
static void abandon(const char *file, const char *directory)
{
    pid_t child = fork();
    if (child == 0) {
        struct mr_output o;
        if (open_output(&o, file, directory) < 0)
            _exit(1);
        _exit(directory && mr_output_part(&o, 0, &text, store, &progress, &err) < 0);
    }
    int status;
    waitpid(child, &status, 0);
    check(status == 0);
}

Test(output, what_dead_runs_left_beside_it_is_swept_and_what_living_ones_make_not)
{
    struct mr_output living, parts, o;
    abandon(scratch("out"), NULL);
    abandon(NULL, scratch("parts"));
    cr_assert_eq(scratch_files(), 2);
    write_file(".wc-mr-note", "x", 1);
    write_file(".wc-mr-1234567", "x", 1);
    must(open_output(&living, scratch("out"), NULL));
    must(open_output(&parts, NULL, scratch("parts")));
    must(mr_output_part(&parts, 0, &text, store, &progress, &err));
    must(open_output(&o, scratch("out"), NULL));
    mr_output_sweep(&o);
    cr_assert_eq(scratch_files(), 3 + 2);
    must(mr_output_append(&living, 0, &text, store, &progress, &err));
    must(mr_output_commit(&living, &err));
    mr_output_close(&living);
    must(mr_output_commit(&parts, &err));
    mr_output_sweep(&o);
    mr_output_close(&parts);
    mr_output_close(&o);
    check_content("out", "a\t2\nb\t1\n");
    check_content("parts/part-r-00000", "a\t2\nb\t1\n");
    check_content("parts/_SUCCESS", "");
    cr_assert_eq(scratch_files(), 5);
}

Test(output, one_that_is_made_elsewhere_sweeps_nothing)
{
    struct mr_output o;
    abandon(scratch("out"), NULL);
    must(open_output(&o, "/dev/null", NULL));
    mr_output_sweep(&o);
    mr_output_close(&o);
    cr_assert_eq(scratch_files(), 1);
}
