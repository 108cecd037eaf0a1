/* Sources: which files the operands stand for, and that they are what they were. */
#include "input/source.h"

#include "support.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const struct mr_records lines = { { { ['\n'] = 1 } } };
static const struct mr_records commas = { { { ['\n'] = 1, [','] = 1 } } };

static const struct mr_records *records(const void *state, const char *path)
{
    (void)state;
    return path && strstr(path, ".csv") ? &commas : &lines;
}

static const struct mr_job job = { .name = "test", .records = records };
static struct mr_sources sources;

/* A tree of files, visible and hidden, of as many bytes as their names' first figure says. */
static void make_tree(void)
{
    make_store();
    static const char *const directories[] = { "d", "d/sub", "d/sub/deep", "d/.hidden", "d/_logs",
                                               "empty" };
    static const char *const files[] = { "d/2b", "d/1a.csv", "d/.3hidden", "d/_4SUCCESS",
                                         "d/sub/5", "d/sub/deep/6", "d/.hidden/7", "d/_logs/8",
                                         "9alone" };
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        check(mkdir(scratch(directories[i]), 0700) == 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_file(files[i], "123456789", strpbrk(files[i], "123456789")[0] - '0');
    check(symlink("sub", scratch("d/link-to-directory")) == 0);
    check(symlink("../9alone", scratch("d/link-to-file")) == 0);
    check(mkfifo(scratch("d/pipe"), 0600) == 0);
}

static void remove_tree(void)
{
    mr_sources_free(&sources);
    remove_store();
}

TestSuite(source, .init = make_tree, .fini = remove_tree);

/* What was said last. */
static char said[sizeof err.text];
static enum mr_level said_as;

static void hear(void *arg, const struct mr_event *event)
{
    (void)arg;
    cr_assert_eq(event->type, MR_EVENT_MESSAGE);
    said_as = event->level;
    snprintf(said, sizeof said, "%s", event->text);
}

static struct mr_config asked = { .listen = hear };

static int find(bool recursive, const char *a, const char *b)
{
    const char *inputs[] = { a, b };
    asked.inputs = inputs;
    asked.input_count = b ? 2 : 1;
    asked.recursive = recursive;
    said[0] = '\0';
    mr_sources_free(&sources);
    return mr_sources_find(&sources, &job, NULL, &asked, &err);
}

static void check_passed(uint64_t hidden, uint64_t directories, uint64_t no_files, uint64_t own)
{
    const struct mr_passed_over *p = &sources.passed_over;
    check_for(p->hidden == hidden && p->directories == directories && p->no_files == no_files &&
                  p->own == own,
              "%zu hidden, %zu directories, %zu no files, %zu own", (size_t)p->hidden,
              (size_t)p->directories, (size_t)p->no_files, (size_t)p->own);
}

/* The sources are the files of these names, in this order. */
static void check_found(const char *const *names, size_t count)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count && i < sources.count; i++) {
        const struct mr_source *s = &sources.at[i];
        check_for(strcmp(s->path, scratch(names[i])) == 0, "%s, not %s", s->path, names[i]);
        check_for(!s->stream && s->records == (strstr(names[i], ".csv") ? &commas : &lines), "%s",
                  names[i]);
        bytes += s->size;
    }
    check_for(sources.count == count, "%zu sources", sources.count);
    check(sources.bytes == bytes && !sources.streams);
}

Test(source, a_file_is_itself_with_its_size_and_its_own_records)
{
    static const char *const names[] = { "d/1a.csv", "9alone" };
    must(find(false, scratch("d/1a.csv"), scratch("9alone")));
    check_found(names, 2);
    cr_assert_eq(sources.bytes, 10);
}

Test(source, a_job_may_take_so_many_files_and_no_others)
{
    const struct mr_job two = { .name = "two", .records = records, .files = 2 };
    const char *inputs[] = { scratch("9alone"), scratch("d/1a.csv"), scratch("9alone") };
    asked.inputs = inputs;
    for (size_t count = 1; count <= 3; count++) {
        asked.input_count = count;
        mr_sources_free(&sources);
        int result = mr_sources_find(&sources, &two, NULL, &asked, &err);
        cr_assert_eq(result, count == 2 ? 0 : -1);
        cr_assert(count == 2 || (err.final && strstr(err.text, "'two' takes 2 files")));
    }
    cr_assert(strstr(err.text, "given 3: from"), "%s", err.text);
    mr_sources_free(&sources);
    /* A directory stands for its files. */
    cr_assert_eq(mr_sources_find(&sources, &two, NULL, &(struct mr_config){
        .inputs = (const char *[]){ scratch("empty") }, .input_count = 1 }, &err), -1);
}

Test(source, a_directory_is_its_visible_files_in_order_of_their_names)
{
    static const char *const names[] = { "d/1a.csv", "d/2b", "d/link-to-file" };
    must(find(false, scratch("d"), NULL));
    check_found(names, 3);
    check_passed(4, 1, 2, 0);
    cr_assert(said_as == MR_NOTE && strstr(said, "d'; passed over: names that begin with _ or . 4 "
                                                 "(--all takes them), directories 1 (--recursive"), "%s",
              said);
}

Test(source, recursively_it_is_also_what_is_below_but_not_behind_links)
{
    static const char *const names[] = { "d/1a.csv", "d/2b", "d/link-to-file", "d/sub/5",
                                         "d/sub/deep/6" };
    must(find(true, scratch("d"), NULL));
    check_found(names, 5);
    check_passed(4, 0, 2, 0);
    must(find(true, scratch("d"), scratch("d")));
    check_passed(8, 0, 4, 0);
}

Test(source, all_of_it_is_also_what_is_hidden)
{
    static const char *const names[] = { "d/.3hidden", "d/.hidden/7", "d/1a.csv", "d/2b",
                                         "d/_4SUCCESS", "d/_logs/8", "d/link-to-file", "d/sub/5",
                                         "d/sub/deep/6" };
    asked.all = true;
    must(find(true, scratch("d"), NULL));
    check_found(names, 9);
    check_passed(0, 0, 2, 0);
    must(find(false, scratch("d"), NULL));
    cr_assert_eq(sources.count, 5);
    check_passed(0, 3, 2, 0);
    must(find(false, scratch("empty"), NULL));
    check_passed(0, 0, 0, 0); /* not . and .. */
}

Test(source, the_work_directory_is_left_out_by_whatever_name)
{
    static const char *const names[] = { "d/1a.csv", "d/2b", "d/link-to-file" };
    asked.work_dir = scratch("not/there");
    must(find(true, scratch("d"), NULL));
    cr_assert_eq(sources.count, 5);
    char work[5000];
    snprintf(work, sizeof work, "%s", scratch("work"));
    check(symlink("d/sub", work) == 0);
    asked.work_dir = work;
    must(find(true, scratch("d"), NULL));
    check_found(names, 3);
    check_passed(4, 0, 2, 1);
    must_fail(find(true, scratch("d/sub"), NULL), "d/sub': it is the work directory");
    cr_assert(err.final);
    asked.work_dir = NULL;
}

Test(source, a_slash_behind_a_directory_is_not_doubled)
{
    must(find(false, scratch("d/"), NULL));
    cr_assert_str_eq(sources.at[0].path, scratch("d/1a.csv"));
}

Test(source, a_hidden_file_that_is_named_is_read)
{
    static const char *const names[] = { "d/.3hidden", "d/_4SUCCESS" };
    must(find(false, scratch("d/.3hidden"), scratch("d/_4SUCCESS")));
    check_found(names, 2);
}

Test(source, an_empty_directory_has_none)
{
    must(find(true, scratch("empty"), NULL));
    cr_assert_eq(sources.count, 0);
    cr_assert(said_as == MR_WARNING && strstr(said, "empty' gives no file to count"), "%s", said);
    check(mkdir(scratch("empty/sub"), 0700) == 0);
    must(find(false, scratch("empty"), NULL));
    cr_assert(said_as == MR_WARNING && strstr(said, "no file to count; passed over: directories 1"),
              "%s", said);
    check_passed(0, 1, 0, 0);
    must(find(false, scratch("9alone"), NULL));
    cr_assert_str_eq(said, "");
}

Test(source, what_is_missing_or_not_to_be_read_is_an_error_that_names_it)
{
    must_fail(find(false, scratch("9alone"), scratch("not-there")), "not-there");
    cr_assert(err.final);
    check(chmod(scratch("9alone"), 0) == 0 && chmod(scratch("d/1a.csv"), 0) == 0);
    /* Root may read everything; asked for is what the real user may. */
    check(chmod(store->directory, 0755) == 0 && chmod(scratch("d"), 0755) == 0);
    check(geteuid() != 0 || setresuid(65534, 0, 0) == 0);
    must_fail(find(false, scratch("9alone"), NULL), "9alone': Permission denied");
    must_fail(find(false, scratch("d"), NULL), "1a.csv': Permission denied");
    check(geteuid() != 0 || setresuid(0, 0, 0) == 0);
    check(symlink("not-there", scratch("empty/broken")) == 0);
    must_fail(find(false, scratch("empty"), NULL), "broken': No such file or directory; it is a "
                                                   "link that leads nowhere: remove it");
    must_fail(find(false, scratch("empty/broken"), NULL), "a link that leads nowhere");
    check(err.final && unlink(scratch("empty/broken")) == 0);
    must_fail(find(false, scratch("empty/broken"), NULL), "No such file or directory");
    check(!strstr(err.text, "link") && symlink("round", scratch("empty/round")) == 0);
    must_fail(find(true, scratch("empty"), NULL), "a link that leads nowhere");
}

Test(source, a_named_pipe_is_a_stream)
{
    must(find(false, scratch("d/pipe"), NULL));
    cr_assert_eq(sources.count, 1);
    cr_assert(sources.streams && sources.at[0].stream);
    cr_assert_eq(sources.bytes, 0);
}

Test(source, standard_input_from_a_file_counts_from_where_it_stands)
{
    int fd = open(scratch("9alone"), O_RDONLY);
    check(dup2(fd, STDIN_FILENO) == STDIN_FILENO && lseek(STDIN_FILENO, 4, SEEK_SET) == 4);
    must(find(false, "-", NULL));
    cr_assert_null(sources.at[0].path);
    cr_assert_not(sources.at[0].stream);
    cr_assert_eq(sources.at[0].size, 5);
    cr_assert_eq(sources.at[0].base, 4);
    bool close_it = true;
    cr_assert_eq(mr_source_open(&sources.at[0], &close_it, &err), STDIN_FILENO);
    cr_assert_not(close_it);
    cr_assert_str_eq(mr_source_name(&sources.at[0]), "standard input");
    cr_assert_eq(lseek(STDIN_FILENO, 0, SEEK_CUR), 4, "it is as it was until all is counted");
    mr_sources_end(&sources);
    cr_assert_eq(lseek(STDIN_FILENO, 0, SEEK_CUR), 9);
    close(fd);
}

Test(source, standard_input_from_a_pipe_is_a_stream)
{
    int ends[2];
    check(pipe(ends) == 0 && dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    must(find(false, "-", NULL));
    cr_assert(sources.at[0].stream);
}

Test(source, a_file_that_changed_since_it_was_found_is_not_opened)
{
    bool close_it;
    must(find(false, scratch("9alone"), NULL));
    int fd = mr_source_open(&sources.at[0], &close_it, &err);
    cr_assert(fd >= 0 && close_it);
    close(fd);

    write_file("9alone", "12345678", 8);
    must_fail(mr_source_open(&sources.at[0], &close_it, &err), "9alone' was changed");
    cr_assert(err.final);

    must(find(false, scratch("9alone"), NULL));
    struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
    check(utimensat(AT_FDCWD, scratch("9alone"), times, 0) == 0);
    must_fail(mr_source_open(&sources.at[0], &close_it, &err), "was changed");

    must(find(false, scratch("9alone"), NULL));
    check(rename(scratch("d/2b"), scratch("9alone")) == 0);
    must_fail(mr_source_open(&sources.at[0], &close_it, &err), "was changed");

    must(find(false, scratch("9alone"), NULL));
    sources.at[0].device++; /* another file with the same number, size and date */
    must_fail(mr_source_open(&sources.at[0], &close_it, &err), "was changed");

    unlink(scratch("9alone"));
    must_fail(mr_source_open(&sources.at[0], &close_it, &err), "cannot read");
    cr_assert(err.final);
}

Test(source, an_empty_file_that_has_grown_is_not_opened)
{
    bool close_it;
    must(find(false, write_file("none", "", 0), NULL));
    cr_assert_not(sources.at[0].made_up);
    int fd = mr_source_open(&sources.at[0], &close_it, &err);
    cr_assert_geq(fd, 0);
    must(mr_source_check(&sources.at[0], fd, &err));
    write_file("none", "a word", 6);
    must_fail(mr_source_check(&sources.at[0], fd, &err), "none' was changed");
    must_fail(mr_source_open(&sources.at[0], &close_it, &err), "none' was changed");
    cr_assert(err.final);
    close(fd);
}

Test(source, standard_input_behind_the_end_of_a_file_is_empty_and_checked)
{
    int fd = open(scratch("9alone"), O_RDONLY);
    check(dup2(fd, STDIN_FILENO) == STDIN_FILENO && lseek(STDIN_FILENO, 20, SEEK_SET) == 20);
    must(find(false, "-", NULL));
    cr_assert_eq(sources.at[0].size, 0);
    must(mr_source_check(&sources.at[0], fd, &err));
    write_file("9alone", "123456789012345678901", 21);
    must_fail(mr_source_check(&sources.at[0], fd, &err), "was changed");
    close(fd);
}

Test(source, only_of_files_that_the_kernel_makes_up_nothing_is_known)
{
    static const char *const made_up[] = { "/proc/self/status", "/proc/meminfo",
                                           "/sys/kernel/mm/transparent_hugepage/enabled" };
    for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++) {
        if (access(made_up[i], R_OK) < 0)
            continue;
        must(find(false, made_up[i], NULL));
        check_for(sources.at[0].made_up && sources.at[0].size == 0, "%s", made_up[i]);
    }
    /* As large as theirs, and without a block. */
    check(truncate(write_file("sparse", "", 0), 4096) == 0);
    must(find(false, scratch("sparse"), NULL));
    cr_assert_not(sources.at[0].made_up);
    cr_assert_eq(sources.at[0].size, 4096);
}

Test(source, a_file_not_opened_for_lack_of_descriptors_may_be_the_next_time)
{
    bool close_it;
    struct rlimit limit, none;
    must(find(false, scratch("9alone"), NULL));
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    none = (struct rlimit){ 0, limit.rlim_max };
    check(setrlimit(RLIMIT_NOFILE, &none) == 0);
    int fd = mr_source_open(&sources.at[0], &close_it, &err);
    /* Criterion wants its descriptors back. */
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    cr_assert_lt(fd, 0);
    cr_assert_eq(err.code, EMFILE);
    cr_assert_not(err.final);
}
