/* Text in HTML. */
#include "program/html.h"

#include "base/message.h"

void mr_html_text(FILE *f, const char *text)
{
    char line[4096];
    mr_message(line, sizeof line, "%s", text);
    for (const char *at = line; *at; at++)
        switch (*at) {
        case '&': fputs("&amp;", f); break;
        case '<': fputs("&lt;", f); break;
        case '>': fputs("&gt;", f); break;
        case '"': fputs("&quot;", f); break;
        case '\'': fputs("&#39;", f); break;
        default: fputc(*at, f);
        }
}

void mr_html_cell(FILE *f, const char *text)
{
    fputs("<td class=w>", f);
    mr_html_text(f, text);
    fputs("</td>", f);
}

void mr_html_row(FILE *f, const char *what, const char *text)
{
    fputs("<tr><th scope=row>", f);
    mr_html_text(f, what);
    fputs("</th>", f);
    mr_html_cell(f, text);
    fputs("</tr>\n", f);
}
