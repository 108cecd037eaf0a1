/* Recurrence: keys that come again are told from those that do not, however far they are apart. */
#include "map/recurrence.h"

#include "support.h"

/* Notes so many records of keys that come in turn, and returns how many answers say they do. */
static uint32_t answers(uint64_t records, uint64_t keys)
{
    static struct mr_recurrence r;
    uint32_t often = 0;
    mr_recurrence_init(&r);
    for (uint64_t i = 0; i < records; i++) /* an odd factor: no two keys have one hash */
        often += mr_recurrence_see(&r, i % keys * UINT64_C(0x9E3779B97F4A7C15));
    return often;
}

enum { FEW = 100000, MANY = 1000000 }; /* records that no answer is from, or two at least */

Test(recurrence, keys_that_come_again_are_found_after_enough_of_them)
{
    check(answers(FEW, 100) == 0);
    check(answers(MANY, 1000) > 0);
    check(answers(MANY, 60000) > 0);
}

Test(recurrence, keys_that_come_once_are_not)
{
    check(answers(MANY, MANY) == 0);
    check(answers(MANY, MANY / 2) == 0);
}
