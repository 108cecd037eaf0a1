/* What --version says: the program's version, which scan kernels there are, and the version of each
 * library, as the process has it now. */
#ifndef MR_PROGRAM_VERSION_H
#define MR_PROGRAM_VERSION_H

/* Prints it on standard output. */
void mr_version_print(const char *program);

#endif
