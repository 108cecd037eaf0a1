/* Conflicts: an output that is an input is found, by whatever names; others are let be. */
#include "control/conflict.h"

#include "support.h"

#include <sys/stat.h>

TestSuite(conflict, .init = make_store, .fini = remove_store);

static const struct mr_records *any(const void *state, const char *path)
{
    static const struct mr_records records;
    (void)state, (void)path;
    return &records;
}

static const struct mr_job job = { .name = "any", .records = any };

/* Whether these inputs and outputs are refused: -1, or 0. */
static int compare(const char *const *inputs, size_t count, struct mr_config config)
{
    struct mr_sources sources;
    struct mr_output output;
    config.inputs = inputs;
    config.input_count = count;
    check(chdir(store->directory) == 0);
    must(mr_sources_find(&sources, &job, NULL, &config, &err));
    must(mr_output_find(&output, &config, &err));
    int result = mr_conflict_check(&sources, &output, &config, &err);
    if (result == 0)
        result = mr_conflict_check_side_files(&sources, &output, &config, &err);
    mr_output_close(&output);
    mr_sources_free(&sources);
    return result;
}

static int one(const char *input, struct mr_config config)
{
    return compare(&input, 1, config);
}

static void make_tree(void)
{
    check(chdir(store->directory) == 0 && mkdir("in", 0700) == 0 && mkdir("in/deep", 0700) == 0);
    write_file("book", "words", 5);
    write_file("in/f", "words", 5);
    write_file("in/deep/f", "words", 5);
    write_file("in/empty", "", 0);
    check(link("book", "hard") == 0 && symlink("book", "soft") == 0);
    check(symlink("in/deep", "way") == 0);
}

Test(conflict, files_by_any_name)
{
    static const char *const names[] = { "book", "./book", "hard", "soft", "in/../book" };
    make_tree();
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++) {
            struct mr_config config = { .output = names[k] };
            must_fail(one(names[i], config), "it is the input");
            check(err.final && strstr(err.text, names[i]) && strstr(err.text, names[k]));
        }
    must(one("book", (struct mr_config){ .output = "new" }));
    must(one("book", (struct mr_config){ .output = "in/f" }));
    must(one("book", (struct mr_config){ .output = "/dev/null" }));
}

Test(conflict, files_in_directories)
{
    struct mr_config config = { .output = "in/f" };
    make_tree();
    must_fail(one("in", config), "it is the input 'in/f'");
    config.output = "in/deep/f";
    must(one("in", config));
    config.recursive = true;
    must_fail(one("in", config), "it is the input 'in/deep/f'");
    config.output = "in/new";
    must(one("in", config));
    config.output = "in/empty"; /* nothing of it is counted */
    must(one("in", config));
    must_fail(one("in/empty", config), "it is the input 'in/empty'");
}

Test(conflict, the_list_of_inputs)
{
    make_tree();
    struct mr_config config = { .output = "hard", .input_list = "book" };
    must_fail(one("in/f", config), "it is the input 'book'");
    config.output = "in/empty";
    must(one("in/f", config));
}

Test(conflict, directories_below_an_input)
{
    static const char *const inside[] = { "in/out", "in/deep/out", "way/out", "in/deep/../out/",
                                          "./in//out" };
    const char *const inputs[] = { "book", "in" };
    make_tree();
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        struct mr_config config = { .output_dir = inside[i] };
        must_fail(compare(inputs, 2, config), "it would be in the input directory 'in'");
        check(err.final && strstr(err.text, inside[i]));
    }
    must(compare(inputs, 2, (struct mr_config){ .output_dir = "out" }));
    must(one("in/deep", (struct mr_config){ .output_dir = "in/out" }));
    must(one("in/f", (struct mr_config){ .output_dir = "in/out" }));
    must_fail(one(".", (struct mr_config){ .output_dir = "out" }), "input directory '.'");
}

Test(conflict, the_work_directory)
{
    static const char *const ways[] = { "new", "./new", "in/../new", "new/" };
    make_tree();
    for (size_t i = 0; i < 4; i++) {
        struct mr_config config = { .work_dir = ways[i], .output_dir = "new" };
        must_fail(one("book", config), "cannot write 'new': it is to be the work directory, too");
        check(err.final);
        config = (struct mr_config){ .work_dir = ways[i], .output = "new" };
        must_fail(one("book", config), "it is to be the work directory, too");
    }
    check(symlink("in/kept", "far") == 0);
    must_fail(one("book", (struct mr_config){ .work_dir = "way/../kept", .output = "far" }),
              "it is to be the work directory, too");
    must(one("book", (struct mr_config){ .work_dir = "new", .output = "in/new" }));
    must(one("book", (struct mr_config){ .work_dir = "new", .output_dir = "newer" }));
    must(one("book", (struct mr_config){ .work_dir = "new", .output = "/dev/null" }));
    must(one("book", (struct mr_config){ .work_dir = "new" }));
}

Test(conflict, nothing_stays_open)
{
    make_tree();
    int before = open_descriptors();
    must_fail(one("in", (struct mr_config){ .output_dir = "in/deep/out" }), "input directory");
    must(one("in", (struct mr_config){ .output_dir = "out" }));
    must_fail(one("book", (struct mr_config){ .output = "soft" }), "it is the input");
    must_fail(one("book", (struct mr_config){ .work_dir = "x", .output_dir = "x" }), "too");
    check(open_descriptors() == before);
}

Test(conflict, side_files)
{
    static const struct {
        const char *side_files[2], *why; /* NULL: they are let be */
    } rows[] = {
        { { "trace", "report" }, NULL },
        { { "/dev/null", "/dev/null" }, NULL },
        { { "trace", "hard" }, "it is the input" },
        { { "soft", "report" }, "it is the input" },
        { { "in/../out", "report" }, "two things" },
        { { "there", "report" }, "two things" },
        { { "trace", "./trace" }, "two things" },
        { { "none/trace", "report" }, "No such file" },
    };
    make_tree();
    check(link(write_file("old", "x", 1), "there") == 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mr_config config = { .output = i == 5 ? "old" : "out",
                                    .side_files = rows[i].side_files,
                                    .side_file_count = 2 };
        if (rows[i].why == NULL)
            must(one("book", config));
        else
            must_fail(one("book", config), rows[i].why);
    }
}
