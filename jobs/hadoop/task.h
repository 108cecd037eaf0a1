/*
 * hadoop task map|combine|reduce: what wc-mr starts as mapper, combiner and reducer. It stands
 * between wc-mr and the job's program, and gives both what Hadoop Streaming would:
 *
 *     wc-mr ──▶ feeder (struct framing) ──▶ program ──▶ struct framing ──▶ wc-mr
 *                                              └──▶ struct stderr_lines ──▶ the attempt's log
 *
 * The feeder is a process of its own, so that the program may read and write in any order.
 */
#ifndef HADOOP_TASK_H
#define HADOOP_TASK_H

/* Returns the program's exit status; 128 and its signal's number. */
int task_main(char **words);

#endif
