/*
 * Roles: the word count as a part of what a larger engine runs, such as Hadoop or Spark.
 *
 *     "b a\nb\n"  --as=mapper  a<TAB>1 b<TAB>2   several times a word, where there are many
 *     records of several mappers, sorted by that engine:
 *     a 1, a 5, b 2, b 2  --as=combiner  a<TAB>6 b<TAB>4        records again
 *                         --as=reducer   a<TAB>6 b<TAB>4        lines of --format
 *
 * Records are a word, escaped (escape.h), a tab and a count. A role is one process that needs no
 * files, no variables and a bounded memory: it reads standard input once, to its end.
 */
#ifndef ROLE_H
#define ROLE_H

enum role { ROLE_ALL, ROLE_MAPPER, ROLE_COMBINER, ROLE_REDUCER };

/* The role of a name; ROLE_ALL, the whole count, where there is none. */
enum role role_find(const char *name);

/* The name of a role but ROLE_ALL. */
const char *role_name(enum role role);

#endif
