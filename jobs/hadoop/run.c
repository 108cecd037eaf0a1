/* fork, exec and wait. */
#include "run.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int run_status(int waited)
{
    return WIFSIGNALED(waited) ? 128 + WTERMSIG(waited) : WEXITSTATUS(waited);
}

static _Noreturn void become(int output, const struct list *words)
{
    if (words->count > 0 && (output < 0 || dup2(output, STDOUT_FILENO) >= 0))
        execvp(words->at[0], words->at);
    _exit(127);
}

int run_to(int output, const struct list *words)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        become(output, words);
    if (child < 0)
        return 127;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return 127;
    return run_status(status);
}

int run_words(const char *const *words, size_t count)
{
    struct list all = { 0 };
    for (size_t i = 0; i < count; i++)
        list_add(&all, words[i]);
    return run_to(-1, &all);
}
