/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Named volumes on this machine. */
#include "volume/volumes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/disk-usage.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/string-list.h"
#include "basic/text.h"
#include "host/relabel.h"

#define DATA "_data"
#define NEW_DATA ".new"  /* a DATA that is being made */
#define FILLING ".berth-filling" /* what is being copied */
#define FILLED ".berth-filled"   /* a whole copy that is being moved into place */
#define REMOVED ".removed"       /* beside the volumes: one that is on its way out */
#define OWNED "owned"
#define COPIED "copied"

char *volume_data_path(const char *directory, const char *name) {
        return text_format("%s/%s/" DATA, directory, name);
}

static int open_directory_at(int directory_fd, const char *path) {
        int fd = openat(directory_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* Opens and locks the directory. Returns the fd, -EAGAIN when it was removed while this waited, or
 * another -errno. */
static int lock_directory(const char *path) {
        _cleanup_close_ int fd = open_directory_at(AT_FDCWD, path);
        struct stat locked, there;

        if (fd < 0)
                return fd;
        while (flock(fd, LOCK_EX) < 0)
                if (errno != EINTR)
                        return -errno;
        if (fstat(fd, &locked) < 0)
                return -errno;
        if (lstat(path, &there) < 0)
                return errno == ENOENT ? -EAGAIN : -errno;
        if (locked.st_dev != there.st_dev || locked.st_ino != there.st_ino)
                return -EAGAIN;
        return TAKE_FD(fd);
}

static int make_and_lock(const char *directory, const char *path, bool create) {
        int r;

        for (;;) {
                if (create) {
                        r = make_directories_at(AT_FDCWD, directory, 0711);
                        if (r < 0)
                                return r;
                        /* A set-user-ID program in a volume is not for the machine's users to
                         * run. */
                        if (mkdir(path, 0700) < 0 && errno != EEXIST)
                                return -errno;
                }
                r = lock_directory(path);
                if (r != -EAGAIN && !(create && r == -ENOENT))
                        return r;
        }
}

int volume_lock(const char *directory, const char *name, bool create, LockedVolume *ret) {
        _cleanup_free_ char *path = NULL, *data_path = NULL;
        int fd;

        if (!file_name_is_valid(name) || name[0] == '.')
                return -EINVAL;
        path = path_join(directory, name);
        data_path = volume_data_path(directory, name);
        if (!path || !data_path)
                return -ENOMEM;
        fd = make_and_lock(directory, path, create);
        if (fd < 0)
                return fd;
        *ret = (LockedVolume) { .fd = fd, .data_path = TAKE_PTR(data_path) };
        return 0;
}

/* What is known about a volume: empty files, which are there or not. */

static bool has_mark(const LockedVolume *volume, const char *mark) {
        return faccessat(volume->fd, mark, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int set_mark(const LockedVolume *volume, const char *mark) {
        _cleanup_close_ int fd = openat(volume->fd, mark, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

        return fd < 0 || fsync(volume->fd) < 0 ? -errno : 0;
}

int volume_forget(const LockedVolume *volume) {
        static const char *const marks[] = { OWNED, COPIED };

        for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
                if (unlinkat(volume->fd, marks[i], 0) < 0 && errno != ENOENT)
                        return -errno;
        return 0;
}

/* Where SELinux is on, every container may use a named volume, unless one has it labelled for
 * itself ("Z"). */
static int label_data(int data_fd) {
        int r = relabel_named_volume(data_fd);

        return r == -ENOTSUP ? 0 : r;
}

static int label_directory(int directory_fd, const char *name) {
        _cleanup_close_ int fd = open_directory_at(directory_fd, name);

        return fd < 0 ? fd : label_data(fd);
}

int volume_make(const LockedVolume *volume, const VolumeOwner *owner) {
        struct stat st;
        int r;

        if (fstatat(volume->fd, DATA, &st, AT_SYMLINK_NOFOLLOW) >= 0)
                return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
        if (errno != ENOENT)
                return -errno;
        r = remove_tree_at(volume->fd, NEW_DATA);
        if (r < 0)
                return r;
        if (mkdirat(volume->fd, NEW_DATA, 0755) < 0 || fchmodat(volume->fd, NEW_DATA, 0755, 0) < 0)
                return -errno;
        if (owner) {
                if (fchownat(volume->fd, NEW_DATA, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) < 0)
                        return -errno;
                r = set_mark(volume, OWNED);
                if (r < 0)
                        return r;
        }
        r = label_directory(volume->fd, NEW_DATA);
        if (r < 0)
                return r;
        if (renameat(volume->fd, NEW_DATA, volume->fd, DATA) < 0 || fsync(volume->fd) < 0)
                return -errno;
        return 1;
}

int volume_remove(const char *directory, const char *name, const LockedVolume *volume) {
        _cleanup_free_ char *path = path_join(directory, name),
                            *aside = text_format("%s/" REMOVED "%ld", directory, (long) getpid());
        _cleanup_closedir_ DIR *volumes = NULL;
        const struct dirent *entry;
        int r;

        if (!path || !aside)
                return -ENOMEM;
        r = volume_is_mounted(volume);
        if (r > 0)
                return -EBUSY;
        if (rename(path, aside) < 0)
                return -errno;
        r = remove_tree_at(AT_FDCWD, aside);
        /* What others that were killed have left, as far as it is to be seen. */
        if (directory_open(directory, &volumes) < 0)
                return r;
        while (directory_next(volumes, &entry) > 0)
                if (startswith(entry->d_name, REMOVED))
                        (void) remove_tree_at(dirfd(volumes), entry->d_name);
        return r;
}

/* Who makes or fills a volume has its lock. */
int volume_sweep(const char *directory, const char *entry, bool remove) {
        _cleanup_free_ char *path = path_join(directory, entry);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!path)
                return -ENOMEM;
        if (startswith(entry, REMOVED)) {
                r = remove ? remove_tree_at(AT_FDCWD, path) : 0;
                return r < 0 ? r : 2;
        }
        fd = open_directory_at(AT_FDCWD, path);
        if (fd < 0)
                return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK ? 0 : -errno;
        if (faccessat(fd, NEW_DATA, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        r = remove ? remove_tree_at(fd, NEW_DATA) : 0;
        return r < 0 ? r : 1;
}

int volume_open_data(const LockedVolume *volume) {
        return open_directory_at(volume->fd, DATA);
}

static int is_mount_point(int directory_fd) {
        struct statx stx;

        if (statx(directory_fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, 0, &stx) < 0)
                return -errno;
        return (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

int volume_is_mounted(const LockedVolume *volume) {
        _cleanup_close_ int fd = volume_open_data(volume);
        return fd < 0 ? fd : is_mount_point(fd);
}

/* The names in a directory, without those of ours and what a new file system has by itself. */
static int list_entries(int directory_fd, StringList *ret) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open_at(directory_fd, ".", O_NOFOLLOW, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                static const char *const ignored[] = { "lost+found", FILLING, FILLED };
                bool counts = true;

                for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
                        counts &= !streq(entry->d_name, ignored[i]);
                r = counts ? string_list_add(ret, entry->d_name) : 0;
                if (r < 0)
                        return r;
        }
        return r;
}

static int is_empty(int directory_fd) {
        _cleanup_string_list_ StringList names = {};
        int r = list_entries(directory_fd, &names);

        return r < 0 ? r : names.count == 0;
}

int volume_is_new(const LockedVolume *volume) {
        _cleanup_close_ int data_fd = volume_open_data(volume);

        if (data_fd < 0)
                return data_fd;
        return has_mark(volume, COPIED) ? 0 : is_empty(data_fd);
}

int volume_is_empty(const LockedVolume *volume) {
        _cleanup_close_ int data_fd = volume_open_data(volume);

        return data_fd < 0 ? data_fd : is_empty(data_fd);
}

/* Replacing */

int volume_give_up(const LockedVolume *volume) {
        return remove_tree_at(volume->fd, NEW_DATA);
}

int volume_begin(const LockedVolume *volume) {
        _cleanup_close_ int data_fd = volume_open_data(volume), fd = -EBADF;
        int r = volume_give_up(volume);

        if (r < 0 || (data_fd < 0 && data_fd != -ENOENT))
                return r < 0 ? r : data_fd;
        if (mkdirat(volume->fd, NEW_DATA, 0755) < 0 || fchmodat(volume->fd, NEW_DATA, 0755, 0) < 0)
                return -errno;
        fd = open_directory_at(volume->fd, NEW_DATA);
        if (fd < 0)
                return fd;
        r = data_fd < 0 ? 0 : copy_attributes(data_fd, fd);
        return r < 0 ? r : TAKE_FD(fd);
}

/* Once it has its name nothing of it must be lost. What is known of the volume is written last: one
 * with something in it is neither filled nor given away without. */
int volume_replace(const LockedVolume *volume) {
        _cleanup_close_ int fd = open_directory_at(volume->fd, NEW_DATA);
        bool is_first;
        int r = fd < 0 ? fd : label_data(fd);

        if (r < 0)
                return r;
        if (syncfs(fd) < 0)
                return -errno;
        is_first = faccessat(volume->fd, DATA, F_OK, AT_SYMLINK_NOFOLLOW) < 0;
        if (renameat2(volume->fd, NEW_DATA, volume->fd, DATA, is_first ? RENAME_NOREPLACE : RENAME_EXCHANGE) < 0 ||
            fsync(volume->fd) < 0)
                return -errno;
        r = set_mark(volume, OWNED);
        if (r >= 0)
                r = set_mark(volume, COPIED);
        return r < 0 ? r : volume_give_up(volume);
}

/* Filling: the source is copied beside the content and moved into place when it is whole and on the
 * disk. FILLED, once it has this name, is what a later call goes on with. Where something is
 * mounted on the content's directory, "beside" is inside, on the same file system. */

static int copy_beside(int parent_fd, const VolumeFirstUse *use) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (mkdirat(parent_fd, FILLING, 0700) < 0)
                return -errno;
        fd = open_directory_at(parent_fd, FILLING);
        if (fd < 0)
                return fd;
        r = copy_tree(use->source_fd, fd, use->owners);
        if (r < 0)
                return r;
        return syncfs(fd) < 0 || renameat(parent_fd, FILLING, parent_fd, FILLED) < 0 ? -errno : 0;
}

static int move_into_place(int filled_fd, int data_fd) {
        _cleanup_string_list_ StringList names = {};
        int r;

        r = list_entries(filled_fd, &names);
        for (size_t i = 0; r >= 0 && i < names.count; i++)
                /* Somebody may have made a thing of this name in a volume that was empty; then it
                 * stays. */
                if (renameat2(filled_fd, names.items[i], data_fd, names.items[i], RENAME_NOREPLACE) < 0 &&
                    errno != EEXIST)
                        r = -errno;
        return r;
}

static int finish_filling(const LockedVolume *volume, int parent_fd, int data_fd, bool keep_owner) {
        _cleanup_close_ int filled_fd = open_directory_at(parent_fd, FILLED);
        struct stat st;
        int r;

        if (filled_fd < 0)
                return filled_fd;
        if (fstat(data_fd, &st) < 0)
                return -errno;
        r = label_directory(parent_fd, FILLED);
        if (r < 0)
                return r;
        r = move_into_place(filled_fd, data_fd);
        if (r >= 0)
                r = label_data(data_fd);
        if (r >= 0)
                r = copy_attributes(filled_fd, data_fd);
        if (r >= 0 && keep_owner && fchown(data_fd, st.st_uid, st.st_gid) < 0)
                r = -errno;
        if (r >= 0 && fsync(data_fd) < 0)
                r = -errno;
        if (r >= 0)
                r = set_mark(volume, OWNED);
        if (r >= 0)
                r = set_mark(volume, COPIED);
        return r < 0 ? r : remove_tree_at(parent_fd, FILLED);
}

/* Returns 1 when the volume is filled now or was before, 0 when it is not to be, or -errno. */
static int fill(const LockedVolume *volume, int data_fd, const VolumeFirstUse *use) {
        int parent_fd, r;

        if (has_mark(volume, COPIED))
                return 1;
        r = is_mount_point(data_fd);
        if (r < 0)
                return r;
        parent_fd = r > 0 ? data_fd : volume->fd;
        if (faccessat(parent_fd, FILLED, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
                r = remove_tree_at(parent_fd, FILLING);
                if (r >= 0)
                        r = is_empty(data_fd);
                if (r <= 0)
                        return r;
                if (!use->copy || use->source_fd < 0)
                        return 0;
                r = is_empty(use->source_fd);
                if (r != 0)
                        return r < 0 ? r : 0;
                r = copy_beside(parent_fd, use);
                if (r < 0) {
                        (void) remove_tree_at(parent_fd, FILLING);
                        return r;
                }
        }
        r = finish_filling(volume, parent_fd, data_fd, use->keep_owner);
        return r < 0 ? r : 1;
}

static int own(const LockedVolume *volume, int data_fd, const VolumeFirstUse *use) {
        struct stat st;
        int r;

        r = is_empty(data_fd);
        if (r > 0 && use->source_fd >= 0) {
                if (fstat(use->source_fd, &st) < 0)
                        return -errno;
                if (use->owners)
                        use->owners->translate(use->owners->userdata, &st.st_uid, &st.st_gid);
                if (fchown(data_fd, st.st_uid, st.st_gid) < 0 || fchmod(data_fd, st.st_mode & 07777) < 0)
                        r = -errno;
        } else if (r > 0 && fchown(data_fd, use->process.uid, use->process.gid) < 0)
                r = -errno;
        return r < 0 ? r : set_mark(volume, OWNED);
}

int volume_use(const LockedVolume *volume, const VolumeFirstUse *use) {
        _cleanup_close_ int data_fd = volume_open_data(volume);
        int r;

        if (data_fd < 0)
                return data_fd;
        r = fill(volume, data_fd, use);
        if (r < 0 || r > 0 || has_mark(volume, OWNED))
                return r < 0 ? r : 0;
        /* A new file system may be mounted there. */
        r = is_empty(data_fd);
        if (r > 0)
                r = label_data(data_fd);
        if (r < 0)
                return r;
        return use->keep_owner ? set_mark(volume, OWNED) : own(volume, data_fd, use);
}

int volume_look(const char *directory, const char *name, bool *ret_mounted) {
        _cleanup_free_ char *path = volume_data_path(directory, name);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!path)
                return -ENOMEM;
        fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = is_mount_point(fd);
        if (r < 0)
                return r;
        *ret_mounted = r > 0;
        return 0;
}

int volume_measure(const char *directory, const char *name, uint64_t *ret_bytes) {
        _cleanup_free_ char *path = volume_data_path(directory, name);

        return path ? disk_usage_at(AT_FDCWD, path, ret_bytes) : -ENOMEM;
}

void locked_volume_done(LockedVolume *volume) {
        volume->fd = fd_close(volume->fd);
        volume->data_path = x_free(volume->data_path);
}
