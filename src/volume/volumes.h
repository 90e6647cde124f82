/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Named volumes on this machine: one directory each, PLACE_VOLUMES/NAME, with the content in
 * "_data" below it and, beside that, what is to be known about it: the file "owned" says that its
 * owner was decided on, "copied" that it was filled from a root file system once. */
#pragma once

#include <sys/types.h>

#include "basic/copy-tree.h"
#include "basic/string-list.h"

/* A volume that nobody else makes, fills, mounts or removes meanwhile. The lock is on the
 * directory, and goes with the descriptor. */
typedef struct LockedVolume {
        int fd;          /* of the volume's directory; not that of its content */
        char *data_path; /* of its content */
} LockedVolume;

#define LOCKED_VOLUME_INIT { .fd = -EBADF }

/* Where the content of a volume below `directory` is. NULL when memory is short. Caller frees. */
char *volume_data_path(const char *directory, const char *name);

/* Waits for the lock of the volume `name` below `directory`; with `create`, the volume's own
 * directory is made when it is missing. Returns 0, -ENOENT, -EINVAL when no directory can have the
 * name, or another -errno. */
int volume_lock(const char *directory, const char *name, bool create, LockedVolume *ret);

/* Makes the content's directory (mode 0755, owned by root), unless it is there. With `owner`, that
 * is who owns a new one, for good. It is there as a whole or not at all. Returns 1 when it was
 * made, 0, or -errno. */
typedef struct VolumeOwner {
        uid_t uid;
        gid_t gid;
} VolumeOwner;

int volume_make(const LockedVolume *volume, const VolumeOwner *owner);

/* Forgets what is known about the content: it has gone with the file system in memory that was
 * mounted there. Returns 0 or -errno. */
int volume_forget(const LockedVolume *volume);

/* Opens the content's directory. Returns the fd, or -errno. */
int volume_open_data(const LockedVolume *volume);

/* Whether something is mounted on the content's directory. Returns 1, 0, or -errno. */
int volume_is_mounted(const LockedVolume *volume);

/* Whether the volume is empty and was never filled. Returns 1, 0, or -errno. */
int volume_is_new(const LockedVolume *volume);

/* Whether nothing is in it, never mind how it got there. Returns 1, 0, or -errno. */
int volume_is_empty(const LockedVolume *volume);

/* Another content for the volume, made beside the one it has: an empty directory with that one's
 * owner, mode and attributes, where it has one. volume_replace() puts it, whole and on the disk,
 * in the place of the one before, which is removed; until then the volume is as it was, whatever
 * happens, and volume_give_up() removes what was begun, as the next volume_begin() does. Nothing
 * may be mounted on the volume. Return an fd for reading, owned by the caller; 0; or -errno. */
int volume_begin(const LockedVolume *volume);
int volume_replace(const LockedVolume *volume);
int volume_give_up(const LockedVolume *volume);

/* What becomes of a volume by being mounted in a container for the first time. */
typedef struct VolumeFirstUse {
        int source_fd;       /* the directory of the root file system that it is mounted over; -EBADF: there is none */
        bool copy;           /* fill an empty volume from there */
        bool keep_owner;     /* the file of the volume says who owns it */
        VolumeOwner process; /* who will own an empty volume that is mounted over nothing */
        const CopyOwners *owners; /* of the copy, where it is not who owns the source; or NULL */
} VolumeFirstUse;

/* As podman does: an empty volume that was never filled gets the source's content, owner and mode;
 * one with nothing to be filled from, the source directory's owner and mode, or the process's
 * owner. Each happens once in a volume's life. After a failure or SIGKILL at any point the volume
 * is as empty as it was, or filled by the next call. Returns 0 or -errno. */
int volume_use(const LockedVolume *volume, const VolumeFirstUse *use);

/* Removes the volume with all that is in it; nothing may be mounted on it. The name is free at
 * once, whatever happens to the rest. Returns 0 or -errno. */
int volume_remove(const char *directory, const char *name, const LockedVolume *volume);

/* Finds out whether `entry` of the directory of volumes is a volume that has half of a content
 * beside its own, which nobody is making any more, or is itself what a removal has left; with
 * `remove`, removes that. Returns 1 for the first, 2 for the second, 0, or -errno. */
int volume_sweep(const char *directory, const char *entry, bool remove);

/* Looks without a lock: whether one is there, and mounted (-ENOENT: it is not there); what it takes
 * of the disk. Return 0 or -errno. */
int volume_look(const char *directory, const char *name, bool *ret_mounted);
int volume_measure(const char *directory, const char *name, uint64_t *ret_bytes);

void locked_volume_done(LockedVolume *volume);
#define _cleanup_locked_volume_ _cleanup_(locked_volume_done)
