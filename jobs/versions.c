/* What wc-mr's --version says besides the engine's own: what it was built from, and the libraries
 * of its jobs. */
#include "mapreduce.h"
#include "package/commit.h"
#include "text/unicode_words.h"

#include <stdio.h>
#include <string.h>

#ifdef WCMR_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif

static const char *commit(void)
{
    return build_commit;
}

#ifdef WCMR_PCRE2
/* "10.42 2022-12-11" */
static const char *pcre2(void)
{
    static char text[64];
    return pcre2_config(PCRE2_CONFIG_VERSION, NULL) <= (int)sizeof text &&
                   pcre2_config(PCRE2_CONFIG_VERSION, text) > 0
               ? text : NULL;
}
#endif

/* Of the ICU that is found now: it is loaded when it is asked for. */
static const char *icu(void)
{
    static char text[64];
    struct mr_error err;
    struct unicode_words *u = unicode_words_open(&err);
    if (u == NULL)
        return NULL;
    const char *version = unicode_words_version(u);
    snprintf(text, sizeof text, "%s", version + strcspn(version, "0123456789"));
    unicode_words_close(u);
    return text;
}

const struct mr_version_line mr_version_lines[] = {
    { "commit", commit },
#ifdef WCMR_PCRE2
    { "PCRE2", pcre2 },
#endif
    { "ICU", icu },
    { NULL, NULL },
};
