/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in /dev/shm of a container that podman has begun. There it is a file system that podman
 * had mounted, and so it has to come from outside again, at this and all later restores: CRIU
 * writes down only what is mounted in the container alone. */
#pragma once

#include "host/bundle.h"

/* Opens what a checkpoint's directory has of it. Returns an fd, owned by the caller, -ENOENT when
 * there is none, or another -errno. */
int checkpoint_shm_open(int checkpoint_fd);

/* Makes a file system of `size_bytes` with it, attached nowhere yet, with a label of SELinux or
 * NULL, and notes in the bundle that there is one. What was written down may be hostile: the rules
 * of layers hold. Returns an fd of the mount, owned by the caller, -EBADMSG, -ENOSPC, or another
 * -errno. */
int checkpoint_shm_mount(const Bundle *bundle, int shm_fd, uint64_t size_bytes, const char *label);

/* Opens that of a container's first process `pid`, before a checkpoint ends that. Returns an fd,
 * owned by the caller, -ENOENT when CRIU sees to it, or another -errno. */
int checkpoint_shm_open_running(const Bundle *bundle, pid_t pid);

/* Writes what is in it to the checkpoint's directory. Returns 0 or -errno. */
int checkpoint_shm_write(int running_fd, int checkpoint_fd);
