/*
 * Finds the words of a text by ICU's rules for no language, line by line in one thread, as anyone
 * would who calls ICU; prints how many there are.
 *
 *   icu_words FILE
 */
#include <stdio.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

int main(int count, char **words)
{
    UErrorCode code = U_ZERO_ERROR;
    UBreakIterator *iterator = ubrk_open(UBRK_WORD, "", NULL, 0, &code);
    UText *text = NULL;
    FILE *file = count == 2 ? fopen(words[1], "r") : NULL;
    char *line = NULL;
    size_t room = 0, found = 0;
    ssize_t size;

    if (file == NULL || U_FAILURE(code)) {
        fputs("usage: icu_words FILE\n", stderr);
        return 1;
    }
    while ((size = getline(&line, &room, file)) > 0) {
        text = utext_openUTF8(text, line, size, &code);
        ubrk_setUText(iterator, text, &code);
        while (ubrk_next(iterator) != UBRK_DONE)
            found += ubrk_getRuleStatus(iterator) >= UBRK_WORD_NONE_LIMIT;
    }
    printf("%zu\n", found);
    return U_FAILURE(code) || ferror(file);
}
