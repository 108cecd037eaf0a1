/* The file that a page about a run goes to. */
#ifndef MR_PROGRAM_PAGE_FILE_H
#define MR_PROGRAM_PAGE_FILE_H

#include "program/page.h"

/* Writes the page to the file at path, or for "-" to standard output, if its run has begun to work.
 * A pipe's reader is waited for. False: it is not whole, and line, of that room, warns of it. */
bool mr_page_file_write(const char *path, const struct mr_page *page, char *line, size_t room);

#endif
