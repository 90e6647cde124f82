/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking batches out of the containers' pipes. */
#include "relay/pipes.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "basic/alloc.h"
#include "host/log/log-relay.h"

static int make_pipe(int fds[2]) {
        if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        /* As many buffers as the containers' have. */
        return fcntl(fds[1], F_SETPIPE_SZ, LOG_RELAY_PIPE_SIZE) < 0 ? -errno : 0;
}

int pipes_init(Pipes *pipes) {
        pipes->null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (pipes->null_fd < 0)
                return -errno;
        pipes->batch = malloc(BATCH_MOST);
        return pipes->batch ? make_pipe(pipes->look_fds) : -ENOMEM;
}

int pipes_make_spent(Pipes *pipes) {
        return make_pipe(pipes->spent_fds);
}

bool pipe_has_ended(int fd) {
        struct pollfd ended = { .fd = fd };

        return poll(&ended, 1, 0) > 0 && (ended.revents & POLLHUP);
}

static bool has_room(int fd) {
        struct pollfd room = { .fd = fd, .events = POLLOUT };

        return poll(&room, 1, 0) > 0 && (room.revents & POLLOUT);
}

/* Empties the second view. With O_DIRECT, which a writer may have set, each of its writes is read
 * alone. */
static int read_view(Pipes *pipes, size_t size) {
        for (size_t done = 0; done < size;) {
                ssize_t n = read(pipes->look_fds[0], pipes->batch + done, size - done);

                if (n <= 0 && !(n < 0 && errno == EINTR))
                        return n < 0 ? -errno : -EIO;
                done += n > 0 ? (size_t) n : 0;
        }
        return (int) size;
}

int pipes_look(Pipes *pipes, int fd, bool *ret_full) {
        ssize_t n = tee(fd, pipes->look_fds[1], BATCH_MOST, SPLICE_F_NONBLOCK);

        if (n < 0)
                return errno == EAGAIN ? 0 : -errno;
        /* A writer that wants its pipe small, or each of its writes in a buffer of its own, cannot
         * make us wait for a line that it has no room for. */
        *ret_full = n > 0 && !has_room(pipes->look_fds[1]);
        return read_view(pipes, (size_t) n);
}

int pipes_spent(const Pipes *pipes) {
        int n;

        return ioctl(pipes->spent_fds[0], FIONREAD, &n) < 0 ? -errno : n;
}

int pipes_spend(Pipes *pipes, int fd, size_t size) {
        int r = pipes_spent(pipes);

        for (size_t spent = r < 0 ? 0 : (size_t) r; r >= 0 && spent < size;) {
                ssize_t n = splice(fd, NULL, pipes->spent_fds[1], NULL, size - spent, SPLICE_F_NONBLOCK);

                /* A container can read its own pipe; what it has taken need not be spent. */
                if (n == 0 || (n < 0 && errno == EAGAIN))
                        return 0;
                if (n < 0 && errno != EINTR)
                        return -errno;
                spent += n > 0 ? (size_t) n : 0;
        }
        return r < 0 ? r : 0;
}

int pipes_forget(Pipes *pipes) {
        for (;;) {
                ssize_t n = splice(pipes->spent_fds[0], NULL, pipes->null_fd, NULL, LOG_RELAY_PIPE_SIZE,
                                   SPLICE_F_NONBLOCK);

                if (n == 0 || (n < 0 && errno == EAGAIN))
                        return 0;
                if (n < 0 && errno != EINTR)
                        return -errno;
        }
}

void pipes_done(Pipes *pipes) {
        for (int i = 0; i < 2; i++) {
                pipes->look_fds[i] = fd_close(pipes->look_fds[i]);
                pipes->spent_fds[i] = fd_close(pipes->spent_fds[i]);
        }
        pipes->null_fd = fd_close(pipes->null_fd);
        pipes->batch = x_free(pipes->batch);
}
