/*
 * Messages for a program that calls mr_run itself.
 *
 * The engine's messages call what a user can change by the option of wc-mr and of every program of
 * mr_main; a program that fills in a struct mr_config is told the field instead:
 *
 *     cannot make 9000 partitions (--reducers): ...   ->   (mr_config.reducers): ...
 */
#ifndef MR_CONTROL_CONFIG_FIELDS_H
#define MR_CONTROL_CONFIG_FIELDS_H

#include <stddef.h>

/* Replaces options by fields in a message, but not inside its quotes, where names stand. */
void mr_config_fields_name(char *text, size_t room);

#endif
