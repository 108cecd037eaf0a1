/* Rows with quotes, byte by byte. */
#include "quoted.h"

#include "cutter.h"

bool quoted_next(struct quoted *q, struct field *field)
{
    unsigned char *const value = q->to;
    enum quoting quoting = NOT_BEGUN;
    int end = '\n'; /* as behind the last byte */
    while (q->at < q->size) {
        unsigned char byte = q->bytes[q->at++];
        if (byte == '"' && quoting != UNQUOTED) {
            if (quoting == CLOSED)
                *q->to++ = '"';
            quoting = quoting == QUOTED ? CLOSED : QUOTED;
            continue;
        }
        if (quoting != QUOTED && (byte == q->separator || byte == '\n' || byte == '\r')) {
            end = byte;
            break;
        }
        *q->to++ = byte;
        quoting = quoting == QUOTED ? QUOTED : UNQUOTED;
    }
    *field = (struct field){ value, (size_t)(q->to - value) };
    if (end == '\r' && q->at < q->size && q->bytes[q->at] == '\n')
        q->at++;
    return end != '\n' && end != '\r';
}
