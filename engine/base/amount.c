/* Amounts of bytes: the largest unit in which they are at least one, and a tenth of it. */
#include "base/amount.h"

#include "base/message.h"

#include <stddef.h>

struct mr_amount mr_amount_of(uint64_t bytes)
{
    static const char *const units[] = { "KB", "MB", "GB", "TB", "PB", "EB" };
    struct mr_amount amount = { "" };
    if (bytes < 1000) {
        mr_message(amount.text, sizeof amount.text, "%u bytes", (unsigned)bytes);
        return amount;
    }
    size_t unit = 0;
    uint64_t tenths = bytes / 100 + (bytes % 100 >= 50);
    for (; tenths >= 10000; unit++)
        tenths = tenths / 1000 + (tenths % 1000 >= 500);
    mr_message(amount.text, sizeof amount.text, "%.1f %s", (double)tenths / 10, units[unit]);
    return amount;
}

struct mr_amount mr_amount_in_parentheses(uint64_t bytes)
{
    struct mr_amount amount = { "" };
    if (bytes >= 1000)
        mr_message(amount.text, sizeof amount.text, " (%s)", mr_amount_of(bytes).text);
    return amount;
}
