/* The output: there when it is whole and not before, and what was there stays until then. */
#include "write/output.h"

#include "base/io.h"
#include "outputs.h"
#include "support.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

TestSuite(output, .init = make_store, .fini = remove_store);

/* Writes the two lines as a whole part. */
static int write_part(struct mr_output *o, uint32_t part)
{
    if (mr_output_write(o, part, 0, lines, SIZE, &err) < 0)
        return -1;
    return mr_output_end(o, part, 0, SIZE, &err);
}

static int open_output(struct mr_output *o, const char *file, const char *directory)
{
    struct mr_config config = { .output = file, .output_dir = directory };
    return make_output(o, &config);
}

Test(output, a_file_appears_whole_when_committed)
{
    struct mr_output o;
    must(open_output(&o, scratch("out"), NULL));
    must(write_lines(&o, SIZE)); /* ranges come as they are ready */
    must(write_lines(&o, 0));
    must(mr_output_end(&o, 0, SIZE, SIZE, &err));
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
    must(write_lines(&o, 0));
    check_content("old", "what was there");
    mr_output_close(&o);
    check_content("old", "what was there");
    must(open_output(&o, scratch("new"), NULL));
    mr_output_close(&o);
    must(open_output(&o, NULL, scratch("parts")));
    must(write_part(&o, 0));
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
    must(write_lines(&o, 0));
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
    for (uint32_t i = 3; i-- > 0;)
        must(write_part(&o, i));
    must(mr_output_write(&o, 1, 0, "of an attempt that died", 23, &err));
    must(write_part(&o, 1)); /* tried again, it is written anew */
    must(mr_output_write(&o, 2, SIZE, lines, SIZE, &err));
    must(mr_output_end(&o, 3, 0, 0, &err));
    cr_assert_neq(access(scratch("parts"), F_OK), 0);
    must(mr_output_commit(&o, &err));
    mr_output_close(&o);
    for (int i = 0; i < 3; i++) {
        char name[64];
        snprintf(name, sizeof name, "parts/part-r-%05d", i);
        check_content(name, i == 2 ? "a\t2\nb\t1\na\t2\nb\t1\n" : "a\t2\nb\t1\n");
    }
    check_content("parts/part-r-00003", "");
    check_content("parts/_SUCCESS", "");
    cr_assert_eq(scratch_files(), 5);
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
    must(write_part(&o, 0));
    check(mkdir(scratch("parts"), 0700) == 0);
    must_fail(mr_output_commit(&o, &err), "parts': it exists, and did not when the run began; "
                                          "remove it or choose another name");
    mr_output_close(&o);
    cr_assert_eq(scratch_files(), 0);
}

static int open_over(struct mr_output *o)
{
    struct mr_config config = { .output_dir = scratch("parts"), .overwrite = true };
    return make_output(o, &config);
}

Test(output, a_directory_takes_the_place_of_another_when_committed)
{
    struct mr_output o;
    must(open_output(&o, NULL, scratch("parts")));
    must(write_part(&o, 7));
    must(mr_output_commit(&o, &err));
    mr_output_close(&o);
    must(open_over(&o));
    must(write_part(&o, 0));
    mr_output_close(&o);
    check_content("parts/part-r-00007", "a\t2\nb\t1\n"); /* it was not committed */
    must(open_over(&o));
    must(write_part(&o, 0));
    must(mr_output_commit(&o, &err));
    mr_output_close(&o);
    check_content("parts/part-r-00000", "a\t2\nb\t1\n");
    cr_assert_neq(access(scratch("parts/part-r-00007"), F_OK), 0);
    write_file("parts/more", "x", 1);
    must_fail(open_over(&o), "cannot replace");
    mr_output_close(&o);
    check_content("parts/more", "x");
    cr_assert_eq(scratch_files(), 3, "%d files", scratch_files());
}

Test(output, places_that_cannot_be_written_are_errors_that_name_them)
{
    struct mr_output o;
    must_fail(open_output(&o, scratch("no/such/place"), NULL), "no/such/place");
    mr_output_close(&o);
    must_fail(open_output(&o, NULL, scratch("no/such/place")), "no/such/place");
    mr_output_close(&o);
    must_fail(open_output(&o, store->directory, NULL), "Is a directory; name a file");
    mr_output_close(&o);
    must(open_output(&o, "/dev/full", NULL));
    must_fail(write_lines(&o, 0), "cannot write '/dev/full'");
    cr_assert(err.final);
    mr_output_close(&o);
    struct stat st;
    check(stat("/dev/full", &st) == 0 && S_ISCHR(st.st_mode));
}

/* Whether the reader of a pipe sees its end while another process, which has let go of it, lives. */
static bool is_detached(const char *name, int reading)
{
    char byte;
    struct mr_output o;
    must(open_output(&o, name, NULL));
    pid_t janitor = fork();
    if (janitor == 0) {
        mr_output_detach(&o);
        kill(getppid(), SIGUSR1);
        for (;;)
            pause();
    }
    sigset_t told;
    int number;
    sigemptyset(&told);
    sigaddset(&told, SIGUSR1);
    sigwait(&told, &number);
    int given = o.target.descriptor;
    mr_output_close(&o);
    mr_close(&given);
    bool ended = read(reading, &byte, 1) == 0;
    kill(janitor, SIGKILL);
    waitpid(janitor, NULL, 0);
    return ended;
}

Test(output, who_only_cleans_up_lets_go_of_a_pipe)
{
    sigset_t told;
    int ends[2];
    char name[32];
    sigemptyset(&told);
    sigaddset(&told, SIGUSR1);
    check(sigprocmask(SIG_BLOCK, &told, NULL) == 0 && mkfifo(scratch("pipe"), 0600) == 0);
    int reading = open(scratch("pipe"), O_RDONLY | O_NONBLOCK);
    cr_assert(is_detached(scratch("pipe"), reading));
    check(pipe2(ends, O_NONBLOCK) == 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    cr_assert(is_detached(name, ends[0]));
}

/* ---- dead runs -------------------------------------------------------------------------- */

/* Begins an output in a process of its own, which ends without committing or closing it. */
static void abandon(const char *file, const char *directory)
{
    pid_t child = fork();
    if (child == 0) {
        struct mr_output o;
        if (open_output(&o, file, directory) < 0)
            _exit(1);
        _exit(directory && write_part(&o, 0) < 0);
    }
    int status;
    waitpid(child, &status, 0);
    check(status == 0);
}

Test(output, what_dead_runs_left_beside_it_is_swept_and_what_living_ones_make_not)
{
    struct mr_output living, parts, o;
    abandon(scratch("out"), NULL);
    cr_assert_eq(scratch_files(), 0, "a file has no name before it is whole");
    abandon(NULL, scratch("parts"));
    cr_assert_eq(scratch_files(), 2, "a part and a marker");
    write_file(".wc-mr-note", "x", 1);
    write_file(".wc-mr-1234567", "x", 1);
    must(open_output(&living, scratch("out"), NULL));
    must(open_output(&parts, NULL, scratch("parts")));
    must(write_part(&parts, 0));
    must(open_output(&o, scratch("out"), NULL));
    mr_output_sweep(&parts);
    cr_assert_eq(scratch_files(), 2 + 2);
    must(write_lines(&living, 0));
    must(mr_output_commit(&living, &err));
    mr_output_close(&living);
    must(mr_output_commit(&parts, &err));
    mr_output_sweep(&parts);
    mr_output_close(&parts);
    mr_output_close(&o);
    check_content("out", "a\t2\nb\t1\n");
    check_content("parts/part-r-00000", "a\t2\nb\t1\n");
    check_content("parts/_SUCCESS", "");
    cr_assert_eq(scratch_files(), 5);
}

Test(output, a_file_sweeps_nothing)
{
    struct mr_output o;
    abandon(NULL, scratch("parts"));
    write_file(".wc-mr-config", "x", 1);
    for (int round = 0; round < 2; round++) {
        must(open_output(&o, round ? "/dev/null" : scratch("out"), NULL));
        mr_output_sweep(&o);
        mr_output_close(&o);
        cr_assert_eq(scratch_files(), 3, "a part, its marker, and a note");
    }
}
