/* What a count on a cluster was asked for: which options go to which step of the script. */
#ifndef CLUSTER_OPTIONS_H
#define CLUSTER_OPTIONS_H

#include "cluster/shell_text.h"
#include "mapreduce.h"

struct cluster {
    const char *engine, *jar, *ship, *reducers;
    const char *result, *result_option; /* where it goes, by --output or by --output-dir */
    const char *to; /* the same, if that is on the cluster; NULL: it stays here */
    bool dry, all_counts, lines, overwrite;
    struct shell_text roles, counts, end, extra; /* counts: options that may be for either */
};

/* Takes the command line; c starts as zeros. optind is then at the first input. Returns 0, or -1
 * where an option cannot go together with --cluster; release it in either case. */
int cluster_options_take(struct cluster *c, int argc, char **argv, struct mr_error *err);

void cluster_options_release(struct cluster *c);

#endif
