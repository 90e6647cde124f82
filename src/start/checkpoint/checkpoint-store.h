/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where checkpoints are kept: PLACE_CHECKPOINTS/ID, which only root can enter, with a directory
 * "new" while one is being written, "whole" when it is there after a power loss, too, "waking"
 * while a start prepares for it, which its end undoes, and "used" when there may be processes of
 * it; "pre" is checkpoint-pre.h's. Each name is given by a rename: only what is whole is ever
 * used. */
#pragma once

#include <stdbool.h>

#include "basic/string-list.h"

#define CHECKPOINT_NEW "new"
#define CHECKPOINT_WHOLE "whole"
#define CHECKPOINT_WAKING "waking"
#define CHECKPOINT_USED "used"

/* In such a directory, besides the bundle's files "config.json", "image", "network" and "volumes",
 * and CHECKPOINT_ABOUT. */
#define CHECKPOINT_IMAGES "images"       /* what CRIU has written */
#define CHECKPOINT_WORK "work"           /* its log and statistics, while it is at work or when they are kept */
#define CHECKPOINT_UPPER "upper"         /* what the container has changed in its root */
#define CHECKPOINT_TAKEN "taken"         /* that a start has taken that, and must bring it back */
#define CHECKPOINT_VOLUMES "volumes"     /* the names of those that it has; in an archive, their content */
#define CHECKPOINT_SHM "shm.tar"         /* what is in /dev/shm where CRIU does not see to that */
#define CHECKPOINT_PODMANS "podman.json" /* of podman's: how that described it, in place of "config.json" */
#define CHECKPOINT_ADDRESSES "addresses" /* of podman's: those that it had, in place of "network" */
#define CHECKPOINT_SETTINGS "criu.conf"  /* see criu(8) */
#define CHECKPOINT_SLEEPS "sleeps"       /* the next start restores it: a line for each option */

typedef struct CheckpointOptions {
        bool tcp_established, file_locks, keep;
        bool ignore_static_ip; /* the addresses may be others than it had */
        bool or_fresh; /* a start that cannot restore it is none that fails, but begins anew */
} CheckpointOptions;

/* A checkpoint that is there. */
typedef struct Checkpoint {
        char *path;
        int fd;                    /* of its directory */
        bool sleeps;               /* the next start restores it */
        CheckpointOptions options; /* of that restore */
} Checkpoint;

#define CHECKPOINT_INIT { .fd = -EBADF }

/* Returns the path of `name` (NULL: the directory itself) of the container's checkpoints; NULL when
 * memory is short. Caller frees. */
char *checkpoint_path(const char *id, const char *name);

/* Returns whether the next start of the container is to restore one: a single look. */
bool checkpoint_sleeps(const char *id);

/* Returns whether a start of the container that cannot restore its checkpoint is to begin anew. */
bool checkpoint_is_or_fresh(const char *id);

/* Opens the container's checkpoint, in the directory `name` of those above. Returns 0, -ENOENT when
 * there is none, or another -errno. `ret` is to be released. */
int checkpoint_open(const char *id, const char *name, Checkpoint *ret);

/* Has the next start restore it. Returns 0 or -errno. */
int checkpoint_write_options(int directory_fd, const CheckpointOptions *options);

/* Writes what CRIU is told besides the runtime's options; TCP connections are an error otherwise,
 * or are closed when it wakes up. Returns 0 or -errno. */
int checkpoint_write_settings(int directory_fd, bool close_connections);

/* Returns whether CRIU's images in the checkpoint's directory have what every restore begins with,
 * and ends a dump: a list of all others. */
bool checkpoint_has_inventory(int directory_fd);

/* Returns whether it was podman's. */
bool checkpoint_is_podmans(int directory_fd);

/* Returns whether there is a description in it, ours or podman's, that the container's is to be. */
bool checkpoint_has_description(int directory_fd);

/* Keeps everybody else from the container's checkpoints, whose directory is made. Waits. Returns an
 * fd of it, whose closing ends that, owned by the caller, or -errno. */
int checkpoint_lock(const char *id);

/* Gives what is in "new" the name "whole", in place of what had it, durably. Returns 0 or
 * -errno. */
int checkpoint_commit(int lock_fd);

/* Forgets the container's checkpoint, if there is one. Returns 1 when there was, 0, or -errno. */
int checkpoint_forget(const char *id);

/* Appends the IDs of the containers that have one, or what is left of it. Returns 0 or -errno. */
int checkpoints_list(StringList *ret_ids);

/* Returns whether the directory of the container's checkpoints is empty: systemd makes it where it
 * is to be able to clean it. */
bool checkpoint_is_empty(const char *id);

void checkpoint_done(Checkpoint *checkpoint);
#define _cleanup_checkpoint_ _cleanup_(checkpoint_done)
