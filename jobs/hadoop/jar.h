/* hadoop jar: a streaming job, from its command line to its output. */
#ifndef HADOOP_JAR_H
#define HADOOP_JAR_H

#include "path.h"

/* Runs what stands behind the jar's name. Returns the exit status (job.h). */
int jar_main(struct file_systems *fs, char **words);

#endif
