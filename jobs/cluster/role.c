/* Roles by their names. */
#include "role.h"

#include <string.h>

static const char *const names[] = { [ROLE_MAPPER] = "mapper", [ROLE_COMBINER] = "combiner",
                                     [ROLE_REDUCER] = "reducer" };

enum role role_find(const char *name)
{
    for (int role = ROLE_MAPPER; role <= ROLE_REDUCER; role++)
        if (strcmp(name, names[role]) == 0)
            return (enum role)role;
    return ROLE_ALL;
}

const char *role_name(enum role role)
{
    return names[role];
}
