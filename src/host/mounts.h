/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounting: the only user of libmount, and of a mount namespace of our own. */
#pragma once

#include <stddef.h>

#include "basic/alloc.h"

/* Enters a new mount namespace in which what is mounted at or below `directory` stays unseen by the
 * rest of the machine: the mount that holds the directory becomes a slave (mount_namespaces(7));
 * every other one keeps its propagation, so that shared volumes stay shared. What is mounted here
 * goes away with the last process that is here: there is nothing to undo, and PID 1 never has to
 * look at it. A later call does nothing. Returns 0 or -errno. */
int mounts_unshare(const char *directory);

/* Gives this process a mount namespace whose mounts and those of all others do not concern each
 * other. Returns 0 or -errno. */
int mounts_leave_shared(void);

/* Opens this process's mount namespace, if mounts_unshare() has given it one. Returns the
 * descriptor, owned by the caller, -ENOENT when there is none, or another -errno. */
int mounts_open_namespace(void);

/* Enters a mount namespace that another process has opened like that. Returns 0 or -errno. */
int mounts_enter_namespace(int fd);

/* Unmounts all that is mounted below the directory, whose path has nothing that mountinfo escapes
 * (proc_pid_mountinfo(5)). Returns 0 or -errno. */
int mounts_detach_below(const char *directory);

/* Goes back to the one that this process had before it entered or made another. Returns 0 or
 * -errno. */
int mounts_go_back(int fd);

/* Goes into a mount namespace, has `visit` do something there, and comes back. The namespace is one
 * of ours, and this process has one thread. Returns what `visit` does, or -errno. */
int mounts_visit(int namespace_fd, int (*visit)(void *userdata), void *userdata);

typedef struct OverlayMount {
        const int *lower_fds; /* the topmost first */
        size_t lower_count;
        /* NULL: without an upper directory, and so read-only; there must be two lower ones then */
        const char *upper, *work;
        bool keep; /* the upper directory is the user's, and stays */
        const char *target;
        const char *label;   /* the SELinux context that all of it has, a ContainerLabels' mount, or NULL */
        unsigned long flags; /* of mount(2) */
} OverlayMount;

/* Mounts an overlay (Documentation/filesystems/overlayfs.rst). An upper directory that is thrown
 * away later is never synced ("volatile"). Returns 0, -E2BIG when there are more lower directories
 * than a mount can have (more than 200 fit), or -errno. */
int mounts_overlay(const OverlayMount *overlay);

/* Says what an error of an overlay that is written to means: the kernel has one word for all that
 * it does not take as the upper directory, which is `upper`, in words. Returns NULL when memory is
 * short. Caller frees. */
char *mounts_overlay_reason(int error, const char *upper);

/* Mounts the file system in the regular file `image` through a loop device that goes away with the
 * mount; `label` as above. On failure `ret_message`, freed by the caller, may be set to what
 * libmount says. Returns 0, -ENOPKG without libmount, or -errno. */
int mounts_image(const char *image, const char *target, bool read_only, const char *label, char **ret_message);

/* A copy of what a process sees mounted at the directory `path` (an absolute one), attached
 * nowhere; it vanishes with its fd, or is to be attached with move_mount(2). `process_fd` is of the
 * process's directory in /proc. No symlink is followed: the other mount namespace may be hostile.
 * Returns the fd, owned by the caller, or -errno. */
int mounts_clone_from(int process_fd, const char *path);

/* Mounts on `target` what `fd` (which may be O_PATH) stands for, a directory or file, and with
 * `recursive` all mounts below it; `target` is one of the same kind. `fd` was opened in the mount
 * namespace that this process is in. Returns 0 or -errno. */
int mounts_attach(int fd, const char *target, bool recursive);

/* Mounts as mount(8) does, with a program for the type where there is one (mount.nfs …): `type`
 * (also "bind") and `options` may be NULL. A `device` may be an fd_path(). As above. */
int mounts_device(const char *device, const char *target, const char *type, const char *options, char **ret_message);
