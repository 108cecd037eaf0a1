/* Variables of the environment. */
#include "task_environment.h"

#include <stdio.h>
#include <stdlib.h>

/* The same value under several names, ended by NULL. */
static int set(const char *const *names, const char *value)
{
    for (; *names; names++)
        if (setenv(*names, value, 1) < 0)
            return -1;
    return 0;
}

static int set_number(const char *const *names, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return set(names, text);
}

static int set_input(const struct mr_chunk *chunk)
{
    static const char *const file[] = { "mapreduce_map_input_file", "map_input_file", "WC_MR_FILE",
                                        NULL };
    static const char *const start[] = { "mapreduce_map_input_start", "map_input_start",
                                         "WC_MR_OFFSET", NULL };
    return set(file, chunk->file) < 0 ? -1 : set_number(start, chunk->offset);
}

int task_environment_set(const struct mr_chunk *chunk, struct mr_context *context)
{
    static const char *const number[] = { "mapreduce_task_partition", "mapred_task_partition",
                                          "WC_MR_TASK", NULL };
    static const char *const side[] = { "mapreduce_task_ismap", "mapred_task_is_map", NULL };
    if (set_number(number, mr_task_number(context)) < 0 ||
        set(side, chunk ? "true" : "false") < 0 || (chunk && set_input(chunk) < 0))
        return mr_fail(context, "there is no memory for a program's environment");
    return 0;
}
