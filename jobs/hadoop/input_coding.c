/* What compressed files begin with. */
#include "input_coding.h"

#include "text.h"

#include <stdio.h>

bool input_is_compressed(const char *path)
{
    static const char *const beginnings[] = { "\x1f\x8b", "BZh", "\x28\xb5\x2f\xfd", "\xfd\x37zXZ",
                                              "\x04\x22\x4d\x18" };
    char head[8] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    (void)!fread(head, 1, sizeof head - 1, file);
    fclose(file);
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (text_begins(head, beginnings[i]))
            return true;
    return false;
}
