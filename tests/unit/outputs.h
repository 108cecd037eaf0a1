/* What tests of outputs share: one that is open to be written. */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "support.h"
#include "write/output.h"

/* Finds, opens and makes the output that config asks for, as a run does. */
HELPER int make_output(struct mr_output *o, const struct mr_config *config)
{
    if (mr_output_find(o, config, &err) < 0 || mr_output_open(o, &err) < 0)
        return -1;
    return mr_output_make(o, &err);
}

enum { SIZE = 8 };
HELPER const char lines[] = "a\t2\nb\t1\n";

/* Writes the two lines at a place. */
HELPER int write_lines(struct mr_output *o, uint64_t at)
{
    return mr_output_write(o, 0, at, lines, SIZE, &err);
}

/* Checks what a scratch file has. */
HELPER void check_content(const char *name, const char *wanted)
{
    size_t size;
    char *got = read_file(scratch(name), &size);
    check_for(strcmp(got, wanted) == 0, "%s has '%s'", name, got);
    free(got);
}

#endif
