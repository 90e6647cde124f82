/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Idmapped mounts (mount_setattr(2)): files whose owners look shifted through one mount, and stay
 * as they are on disk.
 *
 * For a layer of an overlay: after mounts_unshare(), idmap_mount() the layer's directory at a mount
 * point in the bundle, and give the overlay "lowerdir=/proc/self/fd/N" with what it returned. All
 * layers can be mounted at the same mount point: a mount that another covers is as good as any to
 * an overlay. The overlay itself cannot be idmapped, and need not be; its upper directory takes the
 * owner of the topmost idmapped layer's root (fstat() of the fd). */
#pragma once

#include <sys/types.h>

#include "config/id-map.h"

/* Makes a user namespace with these mappings, in which no process stays. Returns its fd, owned by
 * the caller, or -errno: -ENOSPC when the machine allows no more of them
 * (user.max_user_namespaces). */
int idmap_open_namespace(const IdMap *uids, const IdMap *gids);

/* Gives the user namespace of a process its mappings. Returns 0 or -errno. */
typedef int (*IdMapWriter)(pid_t pid, const IdMap *uids, const IdMap *gids);

/* An IdMapWriter for who may map these IDs: writes them itself. */
int idmap_write_maps(pid_t pid, const IdMap *uids, const IdMap *gids);

/* The same as idmap_open_namespace(), where `write` maps. */
int idmap_open_namespace_by(IdMapWriter write, const IdMap *uids, const IdMap *gids);

/* A copy of the mount that `path_fd` (O_PATH, directory or file) is on, of this part of it, seen
 * through the mappings of `namespace_fd`; attached nowhere, it vanishes with its fd. Mounts on the
 * original show in the copy, and never the other way round. With `recursive` what is mounted below
 * comes with it. Returns the fd, owned by the caller; -EINVAL when the file system of one of them
 * cannot be idmapped; -ENOSYS on a kernel before 5.12; or another -errno. */
int idmap_clone(int path_fd, int namespace_fd, bool recursive);

/* The same, mounted at `target`, an existing directory or file as the source is one. The fd is then
 * of the mounted root. */
int idmap_mount(int path_fd, int namespace_fd, bool recursive, const char *target);

/* What an error of these means to the user; NULL when its own text says it. Static. */
const char *idmap_reason(int error);
