/* Standard descriptors. */
#include "base/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int mr_fill_standard_descriptors(struct mr_error *err)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            /* cppcheck-suppress leakReturnValNotUsed ; it is to stay open */
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return mr_error_set(err, "cannot put '/dev/null' in the place of a closed standard "
                                     "descriptor: %s", strerror(errno));
    return 0;
}
