/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading, writing and removing files of this machine. */
#pragma once

#include <sys/types.h>

#include "basic/string-list.h"

/* The kernel's own name for what a descriptor stands for, also one by O_PATH, and a symlink: for
 * system calls that take no descriptor. */
typedef struct FdPath {
        char text[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
} FdPath;

FdPath fd_path(int fd);

/* Reads the rest of `fd`, which must be a regular file of at most `max` bytes. The result is
 * NUL-terminated; it may hold NULs of its own. Returns 0, -EISDIR, -EINVAL when it is no regular
 * file (nothing is read from a device or FIFO), -EFBIG, or another -errno. Caller frees `ret`. */
int read_fd(int fd, size_t max, char **ret, size_t *ret_size);

/* The same for a path below `directory_fd` (AT_FDCWD: as usual). Does not block on a FIFO. -ENOENT
 * when it is missing. */
int read_file_at(int directory_fd, const char *path, size_t max, char **ret, size_t *ret_size);

/* Reads a file of /proc or /sys, which have no size, up to 64 KiB; a trailing newline is cut.
 * Caller frees `ret`. */
int read_virtual_file(const char *path, char **ret);

/* Replaces `path` as a whole: written under a temporary name in the same directory and renamed, so
 * that readers see the old or the new text and two writers do no harm. The directory must exist.
 * `mode` is subject to the umask. Not synced. Returns 0 or -errno. */
int write_file_atomic_at(int directory_fd, const char *path, const char *data, size_t size, mode_t mode);

/* The same, and it stays so after a power loss: the file and its directory are synced. */
int write_file_durable_at(int directory_fd, const char *path, const char *data, size_t size, mode_t mode);

/* As write_file_durable_at(), but whatever has the name stays, whoever makes it meanwhile:
 * -EEXIST. */
int write_new_file_durable_at(int directory_fd, const char *path, const char *data, size_t size, mode_t mode);

/* Syncs the directory that `path` is in: names that were made or changed there are there after a
 * power loss. Returns 0 or -errno. */
int sync_parent_at(int directory_fd, const char *path);

/* Removes the temporary files of the functions above and of symlink_atomic_at() from a directory:
 * those that writers have left who were killed or lost power. Who is writing just now begins again,
 * so no lock is needed. For directories that outlast a boot, where nothing else would remove them.
 * Missing is fine. Returns 0 or -errno. */
int sweep_temporary_files(const char *path);

/* Writes all of it. Returns 0 or -errno. */
int write_all(int fd, const char *data, size_t size);

/* Writes to an existing file, such as cgroup.procs, in one write. Returns 0 or -errno. */
int write_virtual_file_at(int directory_fd, const char *path, const char *value);

/* Makes a symlink, replacing whatever symlink or file has the name. Returns 0 or -errno. */
int symlink_atomic_at(const char *target, int directory_fd, const char *path);

/* Makes a directory and its missing parents (mode 0755, the last with `mode`). Returns 0 or -errno;
 * -ENOTDIR when something else is in the way. */
int make_directories_at(int directory_fd, const char *path, mode_t mode);

/* Removes `path` and everything below it, however deep, without following symlinks or leaving its
 * file system. Missing is fine. Returns 0 or -errno of the first failure; goes on with the rest.
 * Not by the walk of tree.h, which has to come back to what it has left: here nothing is left, and
 * what lies too deep is moved up first. */
int remove_tree_at(int directory_fd, const char *path);

/* Makes a directory that nobody else can open, narrowing one that is there, and locks it for this
 * process alone: whoever can open a file can hold its lock. Waits. Returns an fd whose closing ends
 * the lock, owned by the caller, or -errno. */
int make_locked_directory(const char *path);
