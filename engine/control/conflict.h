/*
 * Conflicts: an output that is an input, too, or the work directory. They are refused before
 * anything is read, by whatever name or link the two are told; what is compared is the file itself.
 *
 *     wc-mr -o book.txt book.txt             the book would be gone
 *     wc-mr book.txt >>book.txt              ... or be changed while it is read
 *     wc-mr -R logs -O logs/counts           the next run would count the counts
 *     wc-mr -O counts --overwrite counts     what is counted would be gone
 *     wc-mr -O counts --trace=counts/t book  the directory would have what is no part, or lose it
 *     wc-mr --work-dir=x -o x book.txt       only one of the two can have the name
 *
 * A file in an input directory that is empty, as the shell has just made it for the output
 * (wc-mr . >counts), is let be: nothing of it is counted.
 */
#ifndef MR_CONTROL_CONFLICT_H
#define MR_CONTROL_CONFLICT_H

#include "input/source.h"
#include "write/output.h"

/* Returns 0, or -1 for a conflict. */
int mr_conflict_check(const struct mr_sources *sources, const struct mr_output *output,
                      const struct mr_config *config, struct mr_error *err);

/* A file that is written besides is neither the output directory, if there is one, nor in it. */
int mr_conflict_check_parts(const struct mr_output *file, const struct mr_config *config,
                            struct mr_error *err);

/* The same for the side files (mr_config.side_files), none of which is to be the output or the same
 * as another, or as that of the bad records. */
int mr_conflict_check_side_files(const struct mr_sources *sources, const struct mr_output *output,
                                 const struct mr_config *config, struct mr_error *err);

#endif
