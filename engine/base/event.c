/* Events: handed to the listener, and written as lines for a person. */
#include "base/event.h"

#include "base/message.h"

#include <stdarg.h>

void mr_event_tell(const struct mr_config *config, const struct mr_event *event)
{
    if (config->listen)
        config->listen(config->listen_arg, event);
}

void mr_event_say(const struct mr_config *config, enum mr_level level, const char *format, ...)
{
    char line[sizeof ((struct mr_error *)NULL)->text + 256];
    va_list args;
    if (config->listen == NULL)
        return;
    va_start(args, format);
    mr_message_list(line, sizeof line, format, args);
    va_end(args);
    mr_event_tell(config, &(struct mr_event){ .type = MR_EVENT_MESSAGE, .level = level,
                                              .text = line });
}

const char *mr_end_name(enum mr_end end)
{
    static const char *const names[] = {
        [MR_END_DONE] = "done", [MR_END_RETRIED] = "tried again", [MR_END_PUT_BACK] = "put back",
        [MR_END_FAILED] = "failed", [MR_END_STOPPED] = "stopped"
    };
    return names[end];
}

bool mr_event_line(const struct mr_event *e, char *line, size_t size)
{
    if (e->type == MR_EVENT_MESSAGE)
        mr_message(line, size, "%s", e->text);
    else if (e->type == MR_EVENT_END && e->end == MR_END_DONE)
        mr_message(line, size, "%s: done in %.3f s (%zu of %zu tasks), attempt %u", e->about,
                   e->took, e->done, e->tasks, e->attempt);
    else if (e->type == MR_EVENT_END && e->end != MR_END_STOPPED)
        mr_message(line, size, "%s: attempt %u failed: %s", e->about, e->attempt, e->text);
    else
        return false;
    return true;
}
