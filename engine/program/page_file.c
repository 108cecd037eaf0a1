/* The file that a page about a run goes to. */
#include "program/page_file.h"

#include "base/message.h"
#include "program/side_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Returns 0, or the error. */
static int put(const char *path, const struct mr_buffer *text)
{
    struct mr_side_file file = MR_SIDE_FILE_NONE;
    if (strcmp(path, "-") == 0)
        return fwrite(text->at, 1, text->size, stdout) == text->size ? 0 : EIO;
    if (mr_side_file_open(&file, path) == 0) {
        mr_side_file_wait(&file);
        mr_side_file_put(&file, text->at, text->size);
    }
    mr_side_file_close(&file);
    return file.error ? file.error : file.lost ? EAGAIN : 0;
}

bool mr_page_file_write(const char *path, const struct mr_page *page, char *line, size_t room)
{
    struct mr_buffer text = MR_BUFFER_INIT;
    int error = 0;
    if (page->history == NULL)
        error = ENOMEM;
    else if (page->history->begun)
        error = mr_page_write(page, &text) < 0 ? ENOMEM : put(path, &text);
    mr_buffer_free(&text);
    if (error != 0)
        mr_message(line, room, "warning: the report is not whole: cannot write '%s': %s", path,
                   strerror(error));
    return error == 0;
}
