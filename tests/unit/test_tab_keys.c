/* Keys with tabs are known by where their lines are. */
#include "programs/tab_keys.h"

#include <criterion/criterion.h>
#include <string.h>

static void begin(struct tab_keys *k, uint64_t offset, const char *key, size_t most)
{
    tab_keys_begin(k, offset, strchr(key, '\t') != NULL, strlen(key), most);
}

/* Of a line at a byte; -1: it cannot be known. */
static long size_at(const struct tab_keys *k, uint64_t offset, const char *line)
{
    size_t size;
    return tab_keys_size(k, offset, (const unsigned char *)line, strlen(line), &size) ? (long)size
                                                                                      : -1;
}

Test(tab_keys, sizes)
{
    struct tab_keys k = { 0 };
    begin(&k, 0, "a", 64);
    begin(&k, 4, "b\tc", 64);
    begin(&k, 16, "d", 64);
    begin(&k, 20, "\t\t", 64);
    cr_expect_eq(size_at(&k, 0, "a\t1"), 1);
    cr_expect_eq(size_at(&k, 4, "b\tc\t2"), 3);
    cr_expect_eq(size_at(&k, 10, "b\tc\t3"), 3); /* another line of that key */
    cr_expect_eq(size_at(&k, 16, "d\t3\t4"), 1);
    cr_expect_eq(size_at(&k, 20, "\t\t\t1"), 2);
    cr_expect_eq(size_at(&k, 99, "\t\t\t2"), 2); /* of the last */
    tab_keys_free(&k);
}

Test(tab_keys, the_oldest_are_forgotten)
{
    struct tab_keys k = { 0 };
    for (uint64_t i = 0; i < 1000; i++)
        begin(&k, 10 * i, i % 2 ? "a\tb" : "c", 100);
    for (uint64_t i = 0; i < 1000; i++) {
        long size = size_at(&k, 10 * i, i % 2 ? "a\tb\t1" : "c\t1\t2");
        cr_expect(size == (i % 2 ? 3 : 1) || (i < 900 && size == -1), "%d: %ld", (int)i, size);
        cr_expect(i % 2 || size_at(&k, 10 * i, "c\t1") == 1); /* there is one tab */
    }
    tab_keys_free(&k);
}
