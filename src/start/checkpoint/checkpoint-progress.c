/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stop that writes a checkpoint: how far that is. */
#include "start/checkpoint/checkpoint-progress.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "basic/disk-usage.h"
#include "basic/files.h"
#include "basic/process.h"
#include "host/notify.h"

#define USEC_PER_SEC UINT64_C(1000000)

enum { LOOK_MSEC = 1000, LOOKS = 60, EXTENSION_SEC = 90 };

static uint64_t measure(const char *path) {
        uint64_t bytes = 0;

        (void) disk_usage_at(AT_FDCWD, path, &bytes);
        return bytes;
}

/* CRIU is a child of the runtime's, and becomes this process's when that is gone. What is killed
 * here lets go of the container's processes. */
static void kill_all(pid_t pid) {
        (void) kill(pid, SIGKILL);
        for (;;) {
                _cleanup_free_ char *children = NULL;

                if (read_virtual_file("/proc/thread-self/children", &children) >= 0)
                        for (char *rest = children, *word; (word = strsep(&rest, " "));)
                                if (strtol(word, NULL, 10) > 1)
                                        (void) kill((pid_t) strtol(word, NULL, 10), SIGKILL);
                if (waitpid(-1, NULL, 0) < 0 && errno != EINTR)
                        return;
        }
}

int progress_wait(pid_t pid, const char *path) {
        _cleanup_close_ int pidfd = pidfd_open(pid, 0);
        uint64_t written = 0;

        if (pidfd < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
                return -errno;
        for (int looks = 0; looks < LOOKS; looks++) {
                uint64_t now;

                /* By hand there is nobody to ask. */
                (void) notify_extend_timeout(EXTENSION_SEC * USEC_PER_SEC);
                if (poll(&(struct pollfd) { .fd = pidfd, .events = POLLIN }, 1, LOOK_MSEC) > 0)
                        return process_wait(pid);
                now = measure(path);
                if (now != written)
                        looks = -1;
                written = now;
        }
        kill_all(pid);
        return -ETIMEDOUT;
}

void progress_expect_sync(const char *path) {
        const uint64_t slowest = 4 * 1024 * 1024; /* bytes a second */

        (void) notify_extend_timeout((EXTENSION_SEC + measure(path) / slowest) * USEC_PER_SEC);
}
