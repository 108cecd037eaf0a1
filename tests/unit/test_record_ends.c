/* The first end of a record: found where a plain loop finds it, whatever ends records. */
#include "input/record_ends.h"

#include "support.h"

enum { SIZE = 300 };

static size_t plain_first(const struct mr_byteset *set, const unsigned char *bytes, size_t n,
                          size_t from)
{
    while (from < n && !set->has[bytes[from]])
        from++;
    return from;
}

Test(record_ends, are_found_at_every_place_whether_they_are_few_or_many)
{
    for (int round = 0; round < 2000; round++) {
        struct mr_byteset set = { { 0 } };
        struct mr_record_ends ends;
        unsigned char *bytes = malloc(SIZE); /* of its own, so that reading beyond is seen */
        size_t count = draw_below(MR_RECORD_ENDS_FEW * 2 + 2), usual = draw_below(40);
        for (size_t i = 0; i < count; i++)
            set.has[draw_below(256)] = 1;
        draw_bytes(bytes, SIZE, NULL);
        for (size_t i = 0; i < SIZE && usual > 0; i++)
            if (set.has[bytes[i]] && draw_below(usual) > 0)
                for (bytes[i] = 0; set.has[bytes[i]] && bytes[i] < 255;)
                    bytes[i]++;
        mr_record_ends_init(&ends, &set);
        for (int looks = 0; looks < 20; looks++) {
            size_t from = draw_below(SIZE + 1);
            check(mr_record_ends_first(&ends, bytes, SIZE, from) ==
                  plain_first(&set, bytes, SIZE, from));
        }
        free(bytes);
    }
}

Test(record_ends, as_many_as_are_compared_and_one_more_are_all_found)
{
    for (size_t count = 0; count <= MR_RECORD_ENDS_FEW + 1; count++) {
        struct mr_byteset set = { { 0 } };
        struct mr_record_ends ends;
        unsigned char bytes[SIZE];
        for (size_t i = 0; i < count; i++)
            set.has[255 - 7 * i] = 1;
        mr_record_ends_init(&ends, &set);
        check((ends.count > 0) == (count > 0 && count <= MR_RECORD_ENDS_FEW));
        for (size_t i = 0; i < count; i++)
            for (size_t at = 0; at < SIZE; at++) {
                memset(bytes, 'a', sizeof bytes);
                bytes[at] = (unsigned char)(255 - 7 * i);
                check(mr_record_ends_first(&ends, bytes, SIZE, 0) == at);
                check(mr_record_ends_first(&ends, bytes, SIZE, at) == at);
                check(mr_record_ends_first(&ends, bytes, SIZE, at + 1) == SIZE);
                check(mr_record_ends_first(&ends, bytes, at, 0) == at);
            }
    }
}
