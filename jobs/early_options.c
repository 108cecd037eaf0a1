/* Looking through a command line. */
#include "early_options.h"

#include <string.h>

/* How many arguments may have options: those before --, which ends them. */
static int count_before_end(int argc, char **argv)
{
    int count = 1;
    while (count < argc && strcmp(argv[count], "--") != 0)
        count++;
    return count;
}

bool early_option_given(int argc, char **argv, bool (*knows)(const char *name, size_t size))
{
    int count = count_before_end(argc, argv);
    for (int i = 1; i < count; i++)
        if (strncmp(argv[i], "--", 2) == 0 && knows(argv[i] + 2, strcspn(argv[i] + 2, "=")))
            return true;
    return false;
}

const char *early_help_subject(int argc, char **argv)
{
    static const char help[] = "--help";
    const size_t size = sizeof help - 1;
    int count = count_before_end(argc, argv);
    for (int i = 1; i < count; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], help) == 0)
            return "";
        if (strncmp(argv[i], help, size) == 0 && argv[i][size] == '=')
            return argv[i] + size + 1 + strspn(argv[i] + size + 1, "-");
    }
    return NULL;
}
