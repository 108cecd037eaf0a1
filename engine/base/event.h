/* Telling a listener what happens in a run (struct mr_event). */
#ifndef MR_BASE_EVENT_H
#define MR_BASE_EVENT_H

#include "mapreduce.h"

/* Tells an event; where nobody listens, nothing is done. */
void mr_event_tell(const struct mr_config *config, const struct mr_event *event);

/* Tells a message, as printf would write it, in one printable line. */
void mr_event_say(const struct mr_config *config, enum mr_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a person is told of how an attempt ended: "done", "tried again". */
const char *mr_end_name(enum mr_end end);

#endif
