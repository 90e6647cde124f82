/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process ID that can be named though its process is gone: the ID of a process group whose leader
 * has ended stays taken while the group has a member. The member lives for as long as it takes to
 * send a message. */
#include "relay/ghost.h"

#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basic/alloc.h"

static _Noreturn void lead(void) {
        pid_t member;

        if (setpgid(0, 0) < 0)
                _exit(1);
        member = fork();
        if (member == 0)
                for (;;)
                        pause();
        _exit(member < 0);
}

static int await(pid_t pid) {
        int status;

        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EAGAIN;
}

int ghost_raise(Ghost *ret) {
        _cleanup_close_ int pidfd = -EBADF;
        pid_t leader = fork();

        if (leader < 0)
                return -errno;
        if (leader == 0)
                lead();
        /* Its ID is not to be that of the container's process: journald may just be about to ask
         * whose the lines before are, and would find the leader. From Linux 6.16 on only a process
         * that a pidfd was made of can be named after its end. */
        pidfd = pidfd_open(leader, 0);
        if (await(leader) < 0)
                return -EAGAIN;
        *ret = (Ghost) { .pid = leader };
        return 0;
}

void ghost_done(Ghost *ghost) {
        if (ghost->pid <= 0)
                return;
        (void) kill(-ghost->pid, SIGKILL);
        (void) waitpid(-ghost->pid, NULL, 0);
        ghost->pid = 0;
}
