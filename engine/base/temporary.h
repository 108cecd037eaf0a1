/*
 * Files and directories under made-up names, which are to go when the run ends.
 *
 * Whoever makes one holds a lock on it for as long as a process of the run lives. So what
 * carries such a name and is locked by nobody was abandoned (by kill -9, by a power cut), and a
 * later run of the same user may remove it:
 *
 *     run 1: makes and locks wc-mr.a1B2c3; the machine goes down
 *     run 2: makes and locks wc-mr.d4E5f6; finds wc-mr.a1B2c3, gets its lock, removes it
 *     run 3: finds wc-mr.d4E5f6, does not get its lock, lets it be
 */
#ifndef MR_BASE_TEMPORARY_H
#define MR_BASE_TEMPORARY_H

#include <stdbool.h>

/* What a template for a name ends in. */
#define MR_TEMPORARY_END "XXXXXX"

/* Makes and locks a file (0600) or directory (0700) at path, whose end is replaced. Returns its
 * descriptor, whose closing in all processes is the end of the lock, or -1 (errno). */
int mr_temporary_make(char *path, bool directory);

/* Locks the directory that fd is open on. False with errno EWOULDBLOCK: another run has it. */
bool mr_temporary_lock(int fd);

/* Removes from the directory parent what this user's runs abandoned under names that are
 * prefix and six characters. */
void mr_temporary_sweep(const char *parent, const char *prefix);

#endif
