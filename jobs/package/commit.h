/* The commit that the program was built from, as git names it, with -dirty where files had changed
 * since; empty where nothing tells. A file that commit.cmake writes at each build has it. */
#ifndef COMMIT_H
#define COMMIT_H

extern const char build_commit[];

#endif
