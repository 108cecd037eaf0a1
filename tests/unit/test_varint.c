/* Numbers of variable length: every boundary there and back, and what is no number refused. */
#include "base/varint.h"

#include "support.h"

/* There and back, with a byte behind that must not matter. */
static void check_round_trip(uint64_t value)
{
    unsigned char bytes[MR_VARINT_MAX + 1];
    memset(bytes, 0xFF, sizeof bytes);
    unsigned char *end = mr_varint_put(bytes, value);
    size_t size = (size_t)(end - bytes);
    int bits = value ? 64 - __builtin_clzll(value) : 1;
    check_for(size == (size_t)(bits + 6) / 7, "%llx has %zu bytes", (unsigned long long)value,
              size);
    uint64_t back = ~value;
    check_for(mr_varint_get(bytes, bytes + sizeof bytes, &back) == end && back == value,
              "%llx comes back as %llx", (unsigned long long)value, (unsigned long long)back);
    for (size_t cut = 0; cut < size; cut++)
        check_for(mr_varint_get(bytes, bytes + cut, &back) == NULL,
                  "%llx is read from %zu of %zu bytes", (unsigned long long)value, cut, size);
}

Test(varint, every_boundary_goes_there_and_back_and_never_cut_short)
{
    for (unsigned shift = 0; shift < 64; shift++)
        for (int near = -2; near <= 2; near++)
            check_round_trip((UINT64_C(1) << shift) + (uint64_t)near);
    check_round_trip(0);
    check_round_trip(UINT64_MAX);
}

Test(varint, random_numbers_go_there_and_back)
{
    for (int i = 0; i < 20000; i++)
        check_round_trip(draw() >> draw_below(64));
}

Test(varint, the_bytes_are_those_of_the_layout)
{
    unsigned char bytes[MR_VARINT_MAX];
    cr_assert_eq(mr_varint_put(bytes, 300) - bytes, 2);
    cr_assert_arr_eq(bytes, "\xAC\x02", 2);
}

Test(varint, numbers_of_more_than_64_bits_are_refused)
{
    uint64_t value;
    unsigned char bytes[12];
    memset(bytes, 0xFF, sizeof bytes);
    bytes[9] = 0x01;
    cr_assert_not_null(mr_varint_get(bytes, bytes + 10, &value));
    cr_assert_eq(value, UINT64_MAX);
    for (unsigned last = 2; last < 256; last++) {
        bytes[9] = (unsigned char)last;
        bytes[10] = 0;
        check_for(mr_varint_get(bytes, bytes + 12, &value) == NULL, "last byte %02x", last);
    }
    memset(bytes, 0x80, sizeof bytes);
    bytes[10] = 0;
    cr_assert_null(mr_varint_get(bytes, bytes + 12, &value), "eleven bytes");
}
