/* The verbs that read files: cat, text, tail, head. Programs of the system do it. */
#include "fs.h"
#include "run.h"

/* Whether it is a file; says what it is otherwise. */
static bool is_file(const struct fs_call *c, const struct place *p)
{
    if (fs_is_directory(p))
        (void)fs_fail(c, p->shown, "Is a directory");
    return !fs_is_directory(p);
}

static int cat(const struct fs_call *c, const struct place *p)
{
    return is_file(c, p) && RUN("cat", "--", p->local) == 0 ? 0 : 1;
}

int fs_cat(const struct fs_call *c)
{
    return fs_each(c, cat);
}

/* What is compressed, by its name, is decoded. */
static int text(const struct fs_call *c, const struct place *p)
{
    static const char *const decoders[][2] = {
        { ".gz", "gzip" }, { ".bz2", "bzip2" }, { ".zst", "zstd" }, { ".xz", "xz" }
    };
    if (!is_file(c, p))
        return 1;
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++)
        if (text_ends(p->local, decoders[i][0])) {
            int status = RUN(decoders[i][1], "-dc", "--", p->local);
            return status == 0 ? 0
                               : fs_fail(c, p->shown, text_format("%s -dc ended with status %d",
                                                                  decoders[i][1], status));
        }
    return cat(c, p);
}

int fs_text(const struct fs_call *c)
{
    return fs_each(c, text);
}

static int tail(const struct fs_call *c, const struct place *p)
{
    const char *follow = fs_has(c, "-f") ? "-f" : "-q"; /* of one file, -q changes nothing */
    return is_file(c, p) && RUN("tail", follow, "-c", "1024", "--", p->local) == 0 ? 0 : 1;
}

int fs_tail(const struct fs_call *c)
{
    return fs_each(c, tail);
}

static int head(const struct fs_call *c, const struct place *p)
{
    return is_file(c, p) && RUN("head", "-c", "1024", "--", p->local) == 0 ? 0 : 1;
}

int fs_head(const struct fs_call *c)
{
    return fs_each(c, head);
}
