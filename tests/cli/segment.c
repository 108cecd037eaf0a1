/*
 * ICU called plainly: the words of all of standard input, each with an LF behind it (no word has
 * one in it), for tests of --words=unicode.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

static void cut(UBreakIterator *words, const char *text, size_t size, FILE *to)
{
    UErrorCode code = U_ZERO_ERROR;
    UText *opened = utext_openUTF8(NULL, text, (int64_t)size, &code);
    ubrk_setUText(words, opened, &code);
    if (U_FAILURE(code))
        abort();
    for (int32_t start = 0, end; (end = ubrk_next(words)) != UBRK_DONE; start = end)
        if (to && ubrk_getRuleStatus(words) >= UBRK_WORD_NONE_LIMIT)
            fprintf(to, "%.*s\n", (int)(end - start), text + start);
    utext_close(opened);
}

int main(void)
{
    static const char scripts[] = "漢字 ひら カナ 한글 ไทย ລາວ ខ្មែរ မြန် ー゛";
    static char text[16 << 20];
    UErrorCode code = U_ZERO_ERROR;
    UBreakIterator *words = ubrk_open(UBRK_WORD, "", NULL, 0, &code);
    if (U_FAILURE(code))
        return 1;
    cut(words, scripts, strlen(scripts), NULL);
    cut(words, text, fread(text, 1, sizeof text, stdin), stdout);
    ubrk_close(words);
    return 0;
}
