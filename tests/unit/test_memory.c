/* Large memory: zeroed, and shared with children only where that was asked for. */
#include "base/memory.h"

#include "support.h"

#include <sys/wait.h>

static int value_after_child_wrote(int *at)
{
    pid_t child = fork();
    if (child == 0) {
        *at = 7;
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return *at;
}

Test(memory, it_is_zeroed_and_can_be_used_whole)
{
    size_t size = 5000001;
    unsigned char *at = mr_memory_get(size);
    cr_assert_not_null(at);
    for (size_t i = 0; i < size; i++)
        check(at[i] == 0);
    memset(at, 1, size);
    mr_memory_release(at, size);
    mr_memory_release(NULL, 5);
}

Test(memory, so_is_what_may_stand_on_huge_pages)
{
    size_t size = 5 << 20;
    unsigned char *at = mr_memory_get_huge(size), *little = mr_memory_get_huge(1);
    check(at != NULL && little != NULL && *little == 0);
    for (size_t i = 0; i < size; i++)
        check(at[i] == 0);
    memset(at, 1, size);
    mr_memory_release(at, size);
    mr_memory_release(little, 1);
}

Test(memory, only_shared_memory_shows_what_a_child_wrote)
{
    int *own = mr_memory_get(sizeof *own), *shared = mr_memory_get_shared(sizeof *shared);
    cr_assert_eq(value_after_child_wrote(own), 0);
    cr_assert_eq(value_after_child_wrote(shared), 7);
    mr_memory_release(own, sizeof *own);
    mr_memory_release(shared, sizeof *shared);
}

#ifndef SANITIZED
Test(memory, what_cannot_be_had_is_null)
{
    cr_assert_null(mr_memory_get((size_t)1 << 62));
    cr_assert_null(mr_memory_get_shared((size_t)1 << 62));
}
#endif
