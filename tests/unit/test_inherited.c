/* Outputs that were open before: a file is written where it stands, and what a failed run wrote is
 * taken back. */
#include "outputs.h"

TestSuite(inherited, .init = make_store, .fini = remove_store);

static int old_output;

/* Has standard output be a scratch file, opened with flags, until restore. */
static void redirect(const char *name, int flags)
{
    fflush(stdout);
    old_output = dup(STDOUT_FILENO);
    int fd = open(scratch(name), O_CREAT | O_RDWR | flags, 0600);
    check(fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0);
    close(fd);
}

static void restore(void)
{
    check(dup2(old_output, STDOUT_FILENO) >= 0);
    close(old_output);
}

static void say(const char *words)
{
    check(write(STDOUT_FILENO, words, strlen(words)) == (ssize_t)strlen(words));
}

static int open_standard(struct mr_output *o, uint64_t top)
{
    struct mr_config config = { .top = top };
    return make_output(o, &config);
}

Test(inherited, a_standard_output_that_is_a_file_is_written_where_it_stands)
{
    struct mr_output o;
    redirect("out", 0);
    say("before\n");
    int opened = open_standard(&o, 0);
    int reserved = mr_output_reserve(&o, 2 * SIZE, &err);
    say("after\n"); /* whoever shares it is not in the way */
    int second = write_lines(&o, SIZE), first = write_lines(&o, 0);
    int committed = mr_output_commit(&o, &err);
    mr_output_close(&o);
    int still_open = fcntl(STDOUT_FILENO, F_GETFD);
    restore();
    must(opened);
    must(reserved);
    must(second);
    must(first);
    must(committed);
    cr_assert_geq(still_open, 0, "it is not ours to close");
    check_content("out", "before\na\t2\nb\t1\na\t2\nb\t1\nafter\n");
}

Test(inherited, one_that_is_appended_to_or_of_unknown_size_is_a_stream)
{
    for (int round = 0; round < 2; round++) {
        struct mr_output o;
        redirect("out", O_TRUNC | (round ? O_APPEND : 0));
        say("before\n");
        int opened = open_standard(&o, round ? 0 : 5);
        bool in_place = mr_output_in_place(&o);
        int first = write_lines(&o, 0), again = write_lines(&o, 0);
        int more = mr_output_write(&o, 0, 4, "b\t1\nc\t1\n", 8, &err);
        int committed = mr_output_commit(&o, &err);
        mr_output_close(&o);
        restore();
        must(opened);
        check(!in_place);
        must(first);
        must(again); /* what another attempt wrote is not written again */
        must(more);
        must(committed);
        check_content("out", "before\na\t2\nb\t1\nc\t1\n");
    }
}

Test(inherited, what_a_failed_run_wrote_to_it_is_taken_back)
{
    struct mr_output o;
    redirect("out", 0);
    say("before\n");
    int opened = open_standard(&o, 0);
    int reserved = mr_output_reserve(&o, 100, &err), second = write_lines(&o, SIZE);
    mr_output_close(&o);
    say("after\n");
    restore();
    must(opened);
    must(reserved);
    must(second);
    check_content("out", "before\nafter\n");
}

Test(inherited, what_others_wrote_to_it_is_never_taken_back)
{
    static const char *const there[] = { "0123456789", "01234567890123456789" };
    for (int round = 0; round < 2; round++) { /* the file goes on behind the output, or not */
        struct mr_output o;
        write_file("out", there[round], strlen(there[round]));
        redirect("out", 0);
        int opened = open_standard(&o, 0);
        int reserved = mr_output_reserve(&o, 10, &err), written = write_lines(&o, 0);
        mr_output_close(&o);
        off_t at = lseek(STDOUT_FILENO, 0, SEEK_CUR);
        restore();
        must(opened);
        must(reserved);
        must(written);
        check(at == 0);
        check_content("out", round ? "a\t2\nb\t1\n890123456789" : "a\t2\nb\t1\n89");
    }
    struct mr_output o;
    redirect("other", 0);
    int opened = open_standard(&o, 0);
    int reserved = mr_output_reserve(&o, SIZE, &err), written = write_lines(&o, 0);
    say("another's\n");
    mr_output_close(&o);
    restore();
    must(opened);
    must(reserved);
    must(written);
    check_content("other", "a\t2\nb\t1\nanother's\n");
}
