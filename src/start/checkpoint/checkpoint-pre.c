/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory that was written down while a container runs. */
#include "start/checkpoint/checkpoint-pre.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "start/checkpoint/checkpoint-store.h"

/* In that directory: of which process it is. */
#define OF_FILE "of"

enum { OF_LONGEST = 256 };

/* "BOOT PID TIME": no other process, of any time, is that one. */
static int say_process(pid_t pid, char **ret) {
        enum { START_TIME = 20 }; /* which word behind the name, see proc_pid_stat(5) */
        _cleanup_free_ char *path = text_format("/proc/%d/stat", (int) pid), *stat = NULL, *boot = NULL;
        char *word = NULL, *rest;
        int r = path ? read_virtual_file(path, &stat) : -ENOMEM;

        if (r >= 0)
                r = read_virtual_file("/proc/sys/kernel/random/boot_id", &boot);
        if (r < 0)
                return r;
        rest = strrchr(stat, ')');
        rest = rest && rest[1] ? rest + 2 : NULL;
        for (int i = 0; i < START_TIME && rest; i++)
                word = strsep(&rest, " ");
        if (!rest)
                return -EBADMSG;
        *ret = text_format("%.36s %d %s\n", boot, (int) pid, word);
        return *ret ? 0 : -ENOMEM;
}

static bool is_of(int lock_fd, pid_t pid) {
        _cleanup_free_ char *expected = NULL, *text = NULL;

        return say_process(pid, &expected) >= 0 &&
               read_file_at(lock_fd, CHECKPOINT_PRE "/" OF_FILE, OF_LONGEST, &text, NULL) >= 0 &&
               streq(text, expected);
}

/* Returns how many there are, one after the other. */
static int count(int directory_fd) {
        int n = 0;

        for (; n < CHECKPOINT_PRE_MOST; n++) {
                char path[sizeof(CHECKPOINT_PRE "/1/inventory.img") + 10];

                (void) snprintf(path, sizeof(path), CHECKPOINT_PRE "/%d/inventory.img", n + 1);
                if (faccessat(directory_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                        return errno == ENOENT ? n : -errno;
        }
        return n;
}

int checkpoint_pre_take(int lock_fd, int new_fd, pid_t pid) {
        if (!is_of(lock_fd, pid))
                return remove_tree_at(lock_fd, CHECKPOINT_PRE);
        if (renameat(lock_fd, CHECKPOINT_PRE, new_fd, CHECKPOINT_PRE) < 0)
                return -errno;
        return count(new_fd);
}

int checkpoint_pre_commit(int lock_fd, int new_fd, pid_t pid) {
        _cleanup_free_ char *text = NULL;
        int r = say_process(pid, &text);

        if (r >= 0)
                r = write_file_atomic_at(new_fd, CHECKPOINT_PRE "/" OF_FILE, text, strlen(text), 0600);
        if (r < 0)
                return r;
        if (renameat(new_fd, CHECKPOINT_PRE, lock_fd, CHECKPOINT_PRE) < 0)
                return -errno;
        return remove_tree_at(lock_fd, CHECKPOINT_NEW);
}

static bool is_there(const char *id, const char *name) {
        _cleanup_free_ char *path = checkpoint_path(id, name);

        return path && access(path, F_OK) >= 0;
}

int checkpoint_pre_forget(const char *id) {
        _cleanup_close_ int lock_fd = -EBADF;
        int r;

        if (!is_there(id, CHECKPOINT_PRE) && !is_there(id, CHECKPOINT_NEW))
                return 0;
        lock_fd = checkpoint_lock(id);
        if (lock_fd < 0)
                return lock_fd;
        r = remove_tree_at(lock_fd, CHECKPOINT_PRE);
        /* Whoever wrote that was killed, or would hold the lock. */
        return r < 0 ? r : remove_tree_at(lock_fd, CHECKPOINT_NEW);
}

static int link_one(int checkpoint_fd, int n) {
        char path[sizeof(CHECKPOINT_PRE "/1/parent") + 10], target[16];

        (void) snprintf(path, sizeof(path), CHECKPOINT_PRE "/%d/parent", n + 1);
        (void) snprintf(target, sizeof(target), "../%d", n);
        return symlinkat(target, checkpoint_fd, path) < 0 ? -errno : 0;
}

int checkpoint_pre_link(int checkpoint_fd) {
        char target[sizeof("../" CHECKPOINT_PRE "/1") + 10];
        int n = count(checkpoint_fd), r = 0;

        if (n <= 0)
                return n < 0 ? n : -EBADMSG;
        for (int i = 1; i < n && r >= 0; i++)
                r = link_one(checkpoint_fd, i);
        if (r < 0)
                return r;
        (void) snprintf(target, sizeof(target), "../" CHECKPOINT_PRE "/%d", n);
        return symlinkat(target, checkpoint_fd, CHECKPOINT_IMAGES "/parent") < 0 ? -errno : 0;
}
