/* Files that are replaced: without a name until they are whole, then in their place. */
#include "write/file.h"

#include "base/file_name.h"
#include "support.h"

#include <sys/stat.h>

TestSuite(file, .init = make_store, .fini = remove_store);

static struct mr_target target;
static struct mr_file file;

static int make(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s", scratch(name));
    must(mr_target_find(&target, path, &err));
    return mr_file_make(&file, &target, path, &err);
}

static void end(void)
{
    mr_file_close(&file);
    mr_target_free(&target);
}

static void check_content(const char *name, const char *wanted)
{
    size_t size;
    char *got = read_file(scratch(name), &size);
    check_for(strcmp(got, wanted) == 0, "%s has '%s'", name, got);
    free(got);
}

/* Has the file take the way of file systems that have no files without a name. */
static void give_hidden_name(void)
{
    check(file.named || mr_name_file(file.fd, target.directory, file.hidden) == 0);
    file.named = true;
}

Test(file, a_new_one_and_one_that_is_replaced)
{
    for (int round = 0; round < 4; round++) { /* the others have a hidden name meanwhile */
        bool replaces = round % 2 == 1;
        must(make("out"));
        if (round >= 2)
            give_hidden_name();
        check(scratch_files() == replaces + file.named);
        must(mr_file_write(&file, 2, "cd", 2, &err));
        must(mr_file_write(&file, 0, "ab", 2, &err));
        mr_file_end(&file, 0, 4);
        must(mr_file_commit(&file, &err));
        check(scratch_files() == 1);
        end();
        check_content("out", "abcd");
        if (replaces)
            check(unlink(scratch("out")) == 0);
    }
    check(scratch_files() == 0);
}

Test(file, one_that_is_not_committed_leaves_nothing)
{
    write_file("out", "old", 3);
    for (int round = 0; round < 2; round++) {
        must(make("out"));
        if (round == 1)
            give_hidden_name();
        must(mr_file_write(&file, 0, "new", 3, &err));
        end();
        check(scratch_files() == 1);
        check_content("out", "old");
    }
}

Test(file, what_was_made_in_its_place_meanwhile_is_replaced_if_it_is_a_file)
{
    must(make("out"));
    write_file("out", "meanwhile", 9);
    must(mr_file_write(&file, 0, "new", 3, &err));
    must(mr_file_commit(&file, &err));
    end();
    check_content("out", "new");
    must(make("other"));
    check(mkdir(scratch("other"), 0700) == 0);
    must_fail(mr_file_commit(&file, &err), "cannot write");
    end();
    check(scratch_files() == 1);
}

Test(file, to_ask_whether_it_can_be_replaced_removes_nothing)
{
    write_file("out", "old", 3);
    must(mr_target_find(&target, scratch("out"), &err));
    check(unlink(scratch("out")) == 0 && mkdir(scratch("out"), 0700) == 0);
    (void)mr_file_make(&file, &target, "out", &err);
    cr_assert_eq(access(scratch("out"), F_OK), 0, "an empty directory, which was put there meanwhile");
    end();
    check(access(scratch("out"), F_OK) == 0);
}

Test(file, another_file_under_the_hidden_name_is_not_taken_for_it)
{
    char hidden[64];
    write_file("out", "old", 3);
    must(make("out"));
    give_hidden_name();
    snprintf(hidden, sizeof hidden, "%s", file.hidden);
    must(mr_file_write(&file, 0, "new", 3, &err));
    check(unlink(scratch(hidden)) == 0);
    write_file(hidden, "another's", 9);
    must_fail(mr_file_commit(&file, &err), "was taken away");
    check(err.final);
    end();
    check_content("out", "old");
    check_content(hidden, "another's");
}

Test(file, permissions_stay_and_set_id_bits_go)
{
    static const mode_t modes[] = { 0600, 0640, 0664, 0755, 04755, 02775, 0606 };
    write_file("out", "old", 3);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct stat st;
        check(chmod(scratch("out"), modes[i]) == 0);
        must(make("out"));
        must(mr_file_commit(&file, &err));
        end();
        check(stat(scratch("out"), &st) == 0);
        check_for((st.st_mode & 07777) == (modes[i] & 0777), "%o of %o", st.st_mode & 07777,
                  modes[i]);
    }
}
