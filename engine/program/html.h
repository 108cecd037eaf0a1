/* Text in HTML. All that is not a page's own words goes through here, and nowhere else: it becomes
 * printable, and nothing in it means anything to HTML, in an element or in an attribute. */
#ifndef MR_PROGRAM_HTML_H
#define MR_PROGRAM_HTML_H

#include <stdio.h>

void mr_html_text(FILE *f, const char *text);

/* A cell of a table, and a row that has a name and one. */
void mr_html_cell(FILE *f, const char *text);
void mr_html_row(FILE *f, const char *what, const char *text);

#endif
