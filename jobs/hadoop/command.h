/*
 * Splitting a command into words as Hadoop Streaming does, which is not as a shell does:
 *
 *     python3 m -x 'a b'"c"  d'e f'g    ->    python3|m|-x|a b|c|d|e f|g
 *
 * Words end at spaces, and at each quote, which is no part of them; what stands in quotes is a word
 * of its own, whatever is in it; empty ones vanish. There are no escapes, no variables, no pipes.
 *
 * mrjob quotes for a shell, though, and has '\'' for a quote: where that stands in a command, it is
 * split as a shell does, without expansions.
 */
#ifndef HADOOP_COMMAND_H
#define HADOOP_COMMAND_H

#include "text.h"

/* Adds the command's words. */
void command_split(const char *command, struct list *words);

#endif
