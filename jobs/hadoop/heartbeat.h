/* Heartbeats, by which wc-mr knows that a task is not hung. */
#ifndef HADOOP_HEARTBEAT_H
#define HADOOP_HEARTBEAT_H

#include <stdint.h>

/* Sends one to wc-mr, by standard error, unless one was sent in this tenth of a second, which *sent
 * remembers (0 at first): a second is the least time that a program may be silent for. */
void heartbeat_send(int64_t *sent);

#endif
