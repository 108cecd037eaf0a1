/* Memory files: parts beside each other, each written and freed by itself. */
#include "store/memory_file.h"

#include "base/io.h"
#include "support.h"

#include <sys/stat.h>

enum { LIMIT = 1 << 10, PAGE = 4096 };

static struct mr_memory_files files;

static void close_files(void)
{
    mr_memory_files_close(&files);
}

TestSuite(memory_file, .fini = close_files);

static unsigned long long held(const struct mr_memory_file *file)
{
    struct stat st;
    check(fstat(file->fd, &st) == 0);
    return (unsigned long long)st.st_blocks * 512;
}

/* Writes a part of a file that is taken; returns where it begins. */
static unsigned long long write_part(struct mr_memory_file *file, char byte, size_t size)
{
    char bytes[3 * PAGE];
    memset(bytes, byte, size);
    check(mr_pwrite_full(file->fd, bytes, size, (off_t)file->end) == 0);
    return file->end;
}

static void check_part(const struct mr_memory_file *file, unsigned long long at, char byte,
                       size_t size)
{
    char bytes[3 * PAGE];
    check(mr_pread_full(file->fd, bytes, size, (off_t)at) == (ssize_t)size);
    for (size_t i = 0; i < size; i++)
        check(bytes[i] == byte);
}

Test(memory_file, many_parts_share_as_many_files_as_are_written_at_once)
{
    files.full = 1 << 20;
    for (int i = 0; i < 200; i++) {
        struct mr_memory_file *a = mr_memory_file_take(&files, LIMIT);
        struct mr_memory_file *b = mr_memory_file_take(&files, LIMIT);
        check(a != NULL && b != NULL && a != b);
        mr_memory_file_give(a, PAGE + 1);
        mr_memory_file_give(b, 1);
    }
    cr_assert_eq(files.count, 4, "%u files", files.count); /* two of them grew full */
}

Test(memory_file, a_part_is_freed_by_itself_and_its_neighbours_stay)
{
    unsigned long long at[3];
    struct mr_memory_file *file = NULL;
    files.full = 1 << 20;
    for (int i = 0; i < 3; i++) {
        file = mr_memory_file_take(&files, LIMIT);
        at[i] = write_part(file, (char)('a' + i), PAGE + 100);
        mr_memory_file_give(file, PAGE + 100);
    }
    cr_assert_eq(files.count, 1);
    cr_assert_eq(held(file), 6 * PAGE);
    mr_memory_file_drop(file, at[1], PAGE + 100);
    cr_assert_eq(held(file), 4 * PAGE);
    check_part(file, at[0], 'a', PAGE + 100);
    check_part(file, at[1], 0, PAGE + 100);
    check_part(file, at[2], 'c', PAGE + 100);
    mr_memory_file_drop(file, at[0], PAGE + 100);
    mr_memory_file_drop(file, at[2], PAGE + 100);
    cr_assert_eq(held(file), 0);
    cr_assert_eq(mr_memory_file_take(&files, LIMIT), file, "an empty file is taken again");
    cr_assert_eq(file->end, 0);
}

Test(memory_file, a_discarded_part_is_gone_and_the_next_begins_where_it_did)
{
    files.full = 1 << 20;
    struct mr_memory_file *file = mr_memory_file_take(&files, LIMIT);
    write_part(file, 'a', 10);
    mr_memory_file_give(file, 10);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(mr_memory_file_take(&files, LIMIT), file);
        cr_assert_eq(write_part(file, 'x', 2 * PAGE), PAGE);
        mr_memory_file_discard(file);
        cr_assert_eq(held(file), PAGE);
    }
    cr_assert_eq(mr_memory_file_take(&files, LIMIT), file);
    unsigned long long at = write_part(file, 'b', 10);
    mr_memory_file_give(file, 10);
    check_part(file, 0, 'a', 10);
    check_part(file, at, 'b', 10);
    cr_assert_eq(files.count, 1);
}

Test(memory_file, where_files_are_not_shared_each_part_has_its_own)
{
    files.full = 0;
    for (unsigned i = 0; i < 10; i++) {
        struct mr_memory_file *file = mr_memory_file_take(&files, LIMIT);
        cr_assert_eq(file->end, 0);
        mr_memory_file_give(file, 1);
        cr_assert_eq(files.count, i + 1);
    }
    mr_memory_file_drop(&files.at[4], 0, 1);
    cr_assert_eq(mr_memory_file_take(&files, LIMIT), &files.at[4]);
}

Test(memory_file, no_more_are_opened_than_the_limit_allows)
{
    int before = open_descriptors();
    cr_assert_null(mr_memory_file_take(&files, 0));
    cr_assert_eq(open_descriptors(), before);
    unsigned count = 0;
    while (mr_memory_file_take(&files, before + 20) != NULL)
        count++;
    cr_assert(count >= 15 && count <= 20, "%u", count);
    cr_assert_eq(open_descriptors(), before + (int)count);
}
