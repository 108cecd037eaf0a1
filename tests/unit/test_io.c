/* Full reads and writes: through pipes that give and take little at a time, and signals. */
#include "base/io.h"

#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

TestSuite(io, .init = make_store, .fini = remove_store);

static void nothing(int signal)
{
    (void)signal;
}

/* Signals in quick succession interrupt the system calls. */
static void disturb(void)
{
    struct sigaction action = { .sa_handler = nothing };
    struct itimerval often = { { 0, 500 }, { 0, 500 } };
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

static void calm(void)
{
    struct itimerval never = { { 0, 0 }, { 0, 0 } };
    setitimer(ITIMER_REAL, &never, NULL);
}

Test(io, a_read_is_whole_though_the_pipe_gives_a_few_bytes_at_a_time)
{
    int ends[2];
    check(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 100; i++) {
            char bytes[7];
            memset(bytes, 'a' + i % 26, sizeof bytes);
            if (write(ends[1], bytes, sizeof bytes) != sizeof bytes)
                _exit(1);
            usleep(200);
        }
        _exit(0);
    }
    close(ends[1]);
    disturb();
    char got[701];
    cr_assert_eq(mr_read_full(ends[0], got, 300), 300);
    cr_assert_eq(mr_read_full(ends[0], got + 300, sizeof got - 300), 400, "fewer only at the end");
    cr_assert_eq(mr_read_full(ends[0], got, 0), 0);
    calm();
    for (int i = 0; i < 700; i++)
        check(got[i] == 'a' + i / 7 % 26);
    close(ends[0]);
    waitpid(child, NULL, 0);
}

Test(io, a_write_is_whole_though_the_reader_is_slow)
{
    enum { SIZE = 300000 };
    int ends[2];
    check(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        size_t all = 0;
        unsigned char bytes[4096];
        for (ssize_t got; (got = read(ends[0], bytes, sizeof bytes)) > 0;) {
            for (ssize_t i = 0; i < got; i++, all++)
                if (bytes[i] != (unsigned char)(all * 7))
                    _exit(2);
            usleep(300);
        }
        _exit(all == SIZE ? 0 : 3);
    }
    close(ends[0]);
    unsigned char *bytes = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (unsigned char)(i * 7);
    disturb();
    cr_assert_eq(mr_write_full(ends[1], bytes, SIZE), 0);
    calm();
    close(ends[1]);
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    free(bytes);
}

Test(io, positions_are_obeyed_and_the_files_own_is_left_alone)
{
    int fd = open(scratch("file"), O_CREAT | O_RDWR, 0600);
    cr_assert_eq(mr_pwrite_full(fd, "world", 5, 6), 0);
    cr_assert_eq(mr_pwrite_full(fd, "hello ", 6, 0), 0);
    cr_assert_eq(lseek(fd, 0, SEEK_CUR), 0);
    cr_assert_eq(lseek(fd, 0, SEEK_CUR), 0);
    char got[20];
    cr_assert_eq(mr_pread_full(fd, got, 5, 6), 5);
    cr_assert_arr_eq(got, "world", 5);
    cr_assert_eq(mr_pread_full(fd, got, sizeof got, 8), 3, "fewer at the end of the file");
    cr_assert_eq(mr_pread_full(fd, got, sizeof got, 100), 0);
    close(fd);
}

Test(io, errors_come_back_with_errno)
{
    char byte = 0;
    cr_assert_eq(mr_read_full(-1, &byte, 1), -1);
    cr_assert_eq(errno, EBADF);
    int full = open("/dev/full", O_WRONLY);
    cr_assert_eq(mr_write_full(full, &byte, 1), -1);
    cr_assert_eq(errno, ENOSPC);
    errno = 0;
    cr_assert_eq(mr_pwrite_full(full, &byte, 1, 100), -1);
    cr_assert_eq(errno, ENOSPC);
    close(full);
}

Test(io, a_copy_is_exact_from_any_place)
{
    enum { SIZE = 200001 };
    unsigned char *bytes = malloc(SIZE);
    draw_bytes(bytes, SIZE, NULL);
    int in = open(write_file("in", bytes, SIZE), O_RDONLY);
    int out = open(scratch("out"), O_CREAT | O_WRONLY, 0600);
    check(write(out, "x", 1) == 1);
    cr_assert_eq(mr_copy_full(out, in, 3, SIZE - 3), 0);
    close(out);
    close(in);
    size_t size;
    char *got = read_file(scratch("out"), &size);
    cr_assert_eq(size, SIZE - 2);
    cr_assert_eq(got[0], 'x');
    cr_assert_eq(memcmp(got + 1, bytes + 3, SIZE - 3), 0);
    free(got);
    free(bytes);
}

Test(io, a_copy_fails_where_either_side_does)
{
    int in = open(write_file("in", "12345", 5), O_RDONLY);
    int out = open(scratch("out"), O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(mr_copy_full(out, in, 0, 6), -1, "the file has only 5 bytes");
    int full = open("/dev/full", O_WRONLY);
    cr_assert_eq(mr_copy_full(full, in, 0, 5), -1);
    cr_assert_eq(errno, ENOSPC);
    close(in);
    close(out);
    close(full);
}

Test(io, closing_twice_closes_once)
{
    int fd = open("/dev/null", O_RDONLY), old = fd;
    cr_assert_eq(mr_close(&fd), 0);
    cr_assert_eq(fd, -1);
    cr_assert_eq(fcntl(old, F_GETFD), -1);
    cr_assert_eq(mr_close(&fd), 0);
}
