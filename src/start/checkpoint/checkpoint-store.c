/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where checkpoints are kept. */
#include "start/checkpoint/checkpoint-store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/mounts.h"
#include "host/record.h"
#include "source/places.h"

char *checkpoint_path(const char *id, const char *name) {
        _cleanup_free_ char *base = path_join(place_path(PLACE_CHECKPOINTS), id);

        return !base || !name ? TAKE_PTR(base) : path_join(base, name);
}

bool checkpoint_sleeps(const char *id) {
        _cleanup_free_ char *path = checkpoint_path(id, CHECKPOINT_WHOLE "/" CHECKPOINT_SLEEPS);

        return path && access(path, F_OK) == 0;
}

static int read_option(const StringList *words, void *userdata) {
        CheckpointOptions *options = userdata;

        options->tcp_established |= streq(words->items[0], "tcp-established");
        options->file_locks |= streq(words->items[0], "file-locks");
        options->keep |= streq(words->items[0], "keep");
        options->ignore_static_ip |= streq(words->items[0], "ignore-static-ip");
        options->or_fresh |= streq(words->items[0], "or-fresh");
        return 0;
}

int checkpoint_open(const char *id, const char *name, Checkpoint *ret) {
        int r;

        ret->path = checkpoint_path(id, name);
        if (!ret->path)
                return -ENOMEM;
        ret->fd = open(ret->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (ret->fd < 0)
                return -errno;
        r = record_read(ret->fd, CHECKPOINT_SLEEPS, false, read_option, &ret->options);
        ret->sleeps = r >= 0;
        return r == -ENOENT ? 0 : r;
}

bool checkpoint_is_or_fresh(const char *id) {
        static const char *const names[] = { CHECKPOINT_WHOLE, CHECKPOINT_WAKING, CHECKPOINT_USED };
        bool or_fresh = false;

        for (size_t i = 0; i < ARRAY_SIZE(names) && !or_fresh; i++) {
                _cleanup_checkpoint_ Checkpoint checkpoint = CHECKPOINT_INIT;

                or_fresh = checkpoint_open(id, names[i], &checkpoint) >= 0 && checkpoint.options.or_fresh;
        }
        return or_fresh;
}

int checkpoint_write_options(int directory_fd, const CheckpointOptions *options) {
        _cleanup_text_ Text text = {};

        record_append(&text, "restore", NULL);
        if (options->tcp_established)
                record_append(&text, "tcp-established", NULL);
        if (options->file_locks)
                record_append(&text, "file-locks", NULL);
        if (options->keep)
                record_append(&text, "keep", NULL);
        if (options->ignore_static_ip)
                record_append(&text, "ignore-static-ip", NULL);
        if (options->or_fresh)
                record_append(&text, "or-fresh", NULL);
        if (text.failed)
                return -ENOMEM;
        return write_file_durable_at(directory_fd, CHECKPOINT_SLEEPS, text.data, text.length, 0600);
}

int checkpoint_write_settings(int directory_fd, bool close_connections) {
        _cleanup_text_ Text text = {};

        /* Its default is iptables-restore(8), which nothing else here needs. A deleted file that is
         * still open is a part of the image, and 1 MiB is not much for one. */
        text_append(&text, "network-lock nftables\nghost-limit 67108864\n");
        if (close_connections)
                text_append(&text, "tcp-close\n");
        /* The root of podman's is 0555 where the image does not say, and ours is 0755. */
        if (checkpoint_is_podmans(directory_fd))
                text_append(&text, "skip-file-rwx-check\n");
        return text.failed ? -ENOMEM
                           : write_file_atomic_at(directory_fd, CHECKPOINT_SETTINGS, text.data, text.length, 0600);
}

bool checkpoint_is_podmans(int directory_fd) {
        return faccessat(directory_fd, CHECKPOINT_PODMANS, F_OK, AT_SYMLINK_NOFOLLOW) >= 0;
}

bool checkpoint_has_inventory(int directory_fd) {
        struct stat st;

        return fstatat(directory_fd, CHECKPOINT_IMAGES "/inventory.img", &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
               S_ISREG(st.st_mode) && st.st_size > 0;
}

bool checkpoint_has_description(int directory_fd) {
        return faccessat(directory_fd, "config.json", F_OK, AT_SYMLINK_NOFOLLOW) >= 0 ||
               checkpoint_is_podmans(directory_fd);
}

int checkpoint_lock(const char *id) {
        _cleanup_free_ char *path = checkpoint_path(id, NULL);
        int r, fd;

        if (!path)
                return -ENOMEM;
        r = make_directories_at(AT_FDCWD, place_path(PLACE_CHECKPOINTS), 0700);
        fd = r < 0 ? r : make_locked_directory(path);
        if (fd < 0)
                return fd;
        /* A CRIU that was killed leaves what it had mounted in its working directory. */
        r = mounts_detach_below(path);
        if (r < 0) {
                fd_close(fd);
                return r;
        }
        return fd;
}

int checkpoint_commit(int lock_fd) {
        bool exchanged = renameat2(lock_fd, CHECKPOINT_NEW, lock_fd, CHECKPOINT_WHOLE, RENAME_EXCHANGE) >= 0;

        if (!exchanged && errno != ENOENT)
                return -errno;
        if (!exchanged && renameat(lock_fd, CHECKPOINT_NEW, lock_fd, CHECKPOINT_WHOLE) < 0)
                return -errno;
        if (fsync(lock_fd) < 0)
                return -errno;
        return exchanged ? remove_tree_at(lock_fd, CHECKPOINT_NEW) : 0;
}

/* What it was is gone first, so that nothing restores half of it. */
int checkpoint_forget(const char *id) {
        _cleanup_free_ char *path = checkpoint_path(id, NULL);
        _cleanup_close_ int fd = -EBADF;
        bool whole;
        int r;

        if (!path)
                return -ENOMEM;
        if (access(path, F_OK) < 0)
                return errno == ENOENT ? 0 : -errno;
        fd = checkpoint_lock(id);
        if (fd < 0)
                return fd;
        r = remove_tree_at(fd, CHECKPOINT_NEW);
        if (r < 0)
                return r;
        whole = renameat(fd, CHECKPOINT_WHOLE, fd, CHECKPOINT_NEW) >= 0;
        if (!whole && errno != ENOENT)
                return -errno;
        if (whole && fsync(fd) < 0)
                return -errno;
        r = remove_tree_at(AT_FDCWD, path);
        return r < 0 ? r : whole;
}

int checkpoints_list(StringList *ret_ids) {
        return directory_list(place_path(PLACE_CHECKPOINTS), ret_ids);
}

bool checkpoint_is_empty(const char *id) {
        _cleanup_free_ char *path = checkpoint_path(id, NULL);
        _cleanup_string_list_ StringList names = {};

        return path && directory_list(path, &names) >= 0 && names.count == 0;
}

void checkpoint_done(Checkpoint *checkpoint) {
        checkpoint->path = x_free(checkpoint->path);
        checkpoint->fd = fd_close(checkpoint->fd);
}
