/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interfaces between a user's bridges and a container. */
#include "start/user/bridge-agent.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "network/user-networks.h"
#include "start/user-mode/user-mode-start.h"

/* The order of what is sent along with a request. */
enum { NAMESPACE_FD, BUNDLE_FD, _FD_COUNT };

typedef struct Answer {
        int result;
        size_t failed; /* the attachment whose network has no interface any more */
} Answer;

static int agent_fd = -EBADF;
static pid_t agent_pid;

typedef union Control {
        struct cmsghdr header;
        char space[CMSG_SPACE(_FD_COUNT * sizeof(int))];
} Control;

/* The end of the socket without a request is that of the start. */
static int receive(int fd, int ret_fds[static _FD_COUNT]) {
        Control control = {};
        char byte;
        struct iovec data = { .iov_base = &byte, .iov_len = 1 };
        struct msghdr message = {
                .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };

        if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) != 1)
                return -ECONNRESET;
        if (message.msg_controllen < sizeof(control) || control.header.cmsg_type != SCM_RIGHTS ||
            control.header.cmsg_len != CMSG_LEN(_FD_COUNT * sizeof(int)))
                return -EBADMSG;
        memcpy(ret_fds, CMSG_DATA(&control.header), _FD_COUNT * sizeof(int));
        return 0;
}

static Answer attach(const int fds[static _FD_COUNT]) {
        const Bundle bundle = { .fd = fds[BUNDLE_FD] };
        _cleanup_attachments_ Attachments attachments = {};
        const NetworkState *network = NULL;
        Answer answer = {};

        answer.result = attachments_read(&bundle, &attachments);
        for (size_t i = 0; i < attachments.count; i++)
                attachments.items[i].network.no_default_route |= user_mode_is_prepared(&bundle);
        if (answer.result >= 0)
                answer.result = attachments_apply(&attachments, fds[NAMESPACE_FD], &network);
        while (network && &attachments.items[answer.failed].network != network)
                answer.failed++;
        return answer;
}

/* In the process. */
static int serve(int fd) {
        int fds[_FD_COUNT];
        Answer answer = {};
        int r;

        r = prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? -errno : user_networks_enter();
        answer.result = r;
        if (r >= 0)
                r = receive(fd, fds);
        if (r >= 0)
                answer = attach(fds);
        return r != -ECONNRESET && write(fd, &answer, sizeof(answer)) < 0 ? -errno : 0;
}

int bridge_agent_start(void) {
        int ends[2];
        pid_t pid;

        if (agent_fd >= 0)
                return 0;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        pid = fork();
        if (pid == 0) {
                fd_close(ends[0]);
                _exit(serve(ends[1]) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        fd_close(ends[1]);
        if (pid < 0) {
                int r = -errno;

                fd_close(ends[0]);
                return r;
        }
        agent_fd = ends[0];
        agent_pid = pid;
        return 0;
}

static int ask(const int fds[static _FD_COUNT], Answer *ret) {
        Control control = { .header = { .cmsg_level = SOL_SOCKET,
                                        .cmsg_type = SCM_RIGHTS,
                                        .cmsg_len = CMSG_LEN(_FD_COUNT * sizeof(int)) } };
        char byte = 0;
        struct iovec data = { .iov_base = &byte, .iov_len = 1 };
        const struct msghdr message = {
                .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };

        memcpy(CMSG_DATA(&control.header), fds, _FD_COUNT * sizeof(int));
        /* One that could not enter has said so already, and is gone. */
        if (sendmsg(agent_fd, &message, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
                return -errno;
        return read(agent_fd, ret, sizeof(*ret)) == (ssize_t) sizeof(*ret) ? 0 : -EIO;
}

int bridge_agent_attach(const Bundle *bundle, const Attachments *attachments, int namespace_fd,
                        const NetworkState **ret_network) {
        Answer answer = {};
        int r;

        if (agent_fd < 0)
                return -ENOTCONN;
        r = ask((const int[]) { [NAMESPACE_FD] = namespace_fd, [BUNDLE_FD] = bundle->fd }, &answer);
        bridge_agent_end();
        if (r < 0)
                return r;
        if (answer.result == -ENODEV && answer.failed < attachments->count)
                *ret_network = &attachments->items[answer.failed].network;
        return answer.result;
}

void bridge_agent_end(void) {
        if (agent_fd < 0)
                return;
        agent_fd = fd_close(agent_fd);
        while (waitpid(agent_pid, NULL, 0) < 0 && errno == EINTR)
                ;
}
