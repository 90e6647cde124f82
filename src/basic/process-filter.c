/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running another program on a text. Its input is a file in memory, so that nothing here waits for
 * it to read; its output is read as it comes, and its end is told by a pidfd: what it has left
 * running may hold the output open for ever. */
#include "basic/process-filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

typedef struct Output {
        char *data;
        size_t size, allocated, max;
} Output;

static uint64_t now_usec(void) {
        struct timespec now = {};

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

static int make_input(const ProcessFilter *filter) {
        _cleanup_close_ int fd = memfd_create("input", MFD_CLOEXEC);
        size_t done = 0;

        if (fd < 0)
                return -errno;
        while (done < filter->input_size) {
                ssize_t n = write(fd, filter->input + done, filter->input_size - done);

                if (n < 0)
                        return -errno;
                done += (size_t) n;
        }
        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static int spawn(const ProcessFilter *filter, int input_fd, int output_fd, pid_t *ret) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        int r;

        r = posix_spawnattr_init(&attributes);
        if (r != 0)
                return -r;
        r = posix_spawn_file_actions_init(&actions);
        if (r == 0) {
                if ((r = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP)) == 0 &&
                    (r = posix_spawn_file_actions_adddup2(&actions, input_fd, STDIN_FILENO)) == 0 &&
                    (r = posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO)) == 0 &&
                    (r = posix_spawn_file_actions_addchdir_np(&actions, filter->directory)) == 0)
                        r = posix_spawn(ret, filter->path, &actions, &attributes, (char *const *) filter->argv,
                                        filter->environment);
                posix_spawn_file_actions_destroy(&actions);
        }
        posix_spawnattr_destroy(&attributes);
        return -r;
}

/* Returns 1 when there may be more, 0 when there is nothing for now, or -errno. */
static int read_output(int fd, Output *output) {
        ssize_t n;

        if (ARRAY_RESERVE(output->data, output->allocated, output->size + CHUNK + 1) < 0)
                return -ENOMEM;
        n = read(fd, output->data + output->size, CHUNK);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        output->size += (size_t) n;
        output->data[output->size] = '\0';
        return output->size > output->max ? -EFBIG : n > 0;
}

/* Reads until the process has ended, and then what is there. */
static int follow(int pidfd, int output_fd, uint64_t timeout_usec, Output *output) {
        struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN }, { .fd = output_fd, .events = POLLIN } };
        uint64_t end = now_usec() + timeout_usec;
        int r;

        for (;;) {
                uint64_t now = now_usec();

                if (now >= end)
                        return -ETIMEDOUT;
                r = poll(fds, ARRAY_SIZE(fds),
                         (int) ((end - now) / 1000 < INT32_MAX ? (end - now) / 1000 + 1 : INT32_MAX));
                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r <= 0)
                        continue;
                if (fds[1].revents) {
                        r = read_output(output_fd, output);
                        if (r < 0)
                                return r;
                        /* Closed, though it still runs: only its end is waited for. */
                        if (r == 0 && (fds[1].revents & POLLHUP))
                                fds[1].fd = -1;
                } else if (fds[0].revents)
                        return 0;
        }
}

int process_filter(const ProcessFilter *filter, char **ret, size_t *ret_size) {
        _cleanup_close_ int input_fd = make_input(filter), read_fd = -EBADF, write_fd = -EBADF, pidfd = -EBADF;
        Output output = { .max = filter->output_max };
        int status, r;
        pid_t pid;

        if (input_fd < 0)
                return input_fd;
        r = pipe_open(&read_fd, &write_fd);
        if (r < 0)
                return r;
        /* Of the end that is read alone: programs do not expect an output that is not blocking. */
        if (fcntl(read_fd, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        r = spawn(filter, input_fd, write_fd, &pid);
        if (r < 0)
                return r;
        write_fd = fd_close(write_fd);
        pidfd = pidfd_open(pid, 0);
        r = pidfd < 0 ? -errno : follow(pidfd, read_fd, filter->timeout_usec, &output);
        if (r < 0)
                (void) kill(-pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR) {
                        r = -errno;
                        break;
                }
        if (r == 0)
                r = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        if (r == 0 && !output.data)
                r = read_output(read_fd, &output);
        if (r != 0) {
                free(output.data);
                return r;
        }
        *ret = output.data;
        *ret_size = output.size;
        return 0;
}
