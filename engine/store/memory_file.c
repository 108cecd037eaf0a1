/* Memory files: taken, given back, and emptied part by part. */
#include "store/memory_file.h"

#include "base/io.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

static unsigned long long in_pages(unsigned long long size)
{
    return (size + PAGE - 1) / PAGE * PAGE;
}

static struct mr_memory_file *add_file(struct mr_memory_files *files, int fd_limit)
{
    if (files->count == MR_MEMORY_FILES)
        return NULL;
    struct mr_memory_file *file = &files->at[files->count];
    file->fd = memfd_create("wc-mr", MFD_CLOEXEC);
    if (file->fd >= fd_limit)
        mr_close(&file->fd);
    if (file->fd < 0)
        return NULL;
    file->end = 0;
    files->count++;
    return file;
}

struct mr_memory_file *mr_memory_file_take(struct mr_memory_files *files, int fd_limit)
{
    struct mr_memory_file *file = NULL;
    for (unsigned i = 0; i < files->count && file == NULL; i++)
        if (!files->at[i].taken && (files->at[i].end == 0 || files->at[i].end < files->full))
            file = &files->at[i];
    if (file == NULL)
        file = add_file(files, fd_limit);
    if (file == NULL)
        return NULL;
    file->taken = true;
    atomic_fetch_add(&file->parts, 1);
    return file;
}

/* One part less. The last one's end empties the file. */
static bool is_empty_now(struct mr_memory_file *file)
{
    if (atomic_fetch_sub(&file->parts, 1) > 1)
        return false;
    file->end = 0;
    return ftruncate(file->fd, 0) == 0;
}

void mr_memory_file_give(struct mr_memory_file *file, unsigned long long size)
{
    file->end += in_pages(size);
    file->taken = false;
}

void mr_memory_file_discard(struct mr_memory_file *file)
{
    file->taken = false;
    /* Where it cannot be cut, what stays is written over. */
    if (!is_empty_now(file))
        (void)!ftruncate(file->fd, (off_t)file->end);
}

void mr_memory_file_drop(struct mr_memory_file *file, unsigned long long begin,
                         unsigned long long size)
{
    if (is_empty_now(file) || size == 0)
        return;
    /* It cannot fail in memory; if it did, the bytes would stay until the run's end. */
    (void)fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)begin,
                    (off_t)in_pages(size));
}

void mr_memory_files_close(struct mr_memory_files *files)
{
    for (unsigned i = 0; i < files->count; i++)
        mr_close(&files->at[i].fd);
    files->count = 0;
}
