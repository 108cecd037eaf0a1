/*
 * The word count on a cluster: wc-mr --cluster=hadoop or spark, with the options of the count.
 *
 *     -i --top=3 --format=csv book.txt
 *      |     |         |         '---- the engine's to find
 *      |     '---------'-------------- what is done at the end, here
 *      '------------------------------ what the processes on the cluster do
 *
 * It runs a shell script (cluster.sh), which ships the program to the cluster, has the engine there
 * run it as mapper, combiner and reducer (role.h), and adds up what came out.
 */
#ifndef CLUSTER_H
#define CLUSTER_H

#include <stdbool.h>

/* Whether the command line asks for a cluster. */
bool cluster_is_asked(int argc, char **argv);

/* All of it. Returns the exit status; if all went well it does not return, but becomes the
 * script. */
int cluster_run(int argc, char **argv);

#endif
