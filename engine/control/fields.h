/*
 * Messages for a program that calls mr_run itself.
 *
 * The engine's messages call what a user can change by the option of wc-mr and of every program of
 * mr_main; a program that fills in a struct mr_config is told the field instead:
 *
 *     cannot make 9000 partitions (--reducers): ...   ->   (mr_config.reducers): ...
 */
#ifndef MR_CONTROL_FIELDS_H
#define MR_CONTROL_FIELDS_H

#include <stddef.h>

/* Puts fields in the place of options in a message, but not in what it quotes, which are names. */
void mr_fields_name(char *text, size_t room);

#endif
