/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths of this machine that lead through what users can change. */
#pragma once

#include <sys/stat.h>

#include "basic/alloc.h"

typedef struct SafePath {
        int fd;     /* of what is there, O_PATH */
        char *path; /* where that really is */
        /* Nobody but those who are trusted can make the path lead elsewhere: every directory on the
         * way is theirs alone to write to, or protects what is theirs in it (as /tmp does). Else it
         * may not be opened again by name. */
        bool fixed;
        char *loose; /* the first directory of which that is not so; NULL when it is fixed */
        /* Something of theirs lies in a directory that others can write to, and is a part of the
         * way: those may have chosen which of several such it is. */
        bool may_be_chosen;
} SafePath;

#define SAFE_PATH_INIT { .fd = -EBADF }

/* Opens what the absolute path leads to. Trusted are root, and who runs this. A symlink of anybody
 * else may lead only to what that user owns, as systemd's CHASE_SAFE has it: it would be a way for
 * the user to get what root does for the path. Nothing is opened but by O_PATH, save that a file
 * system is mounted where one is to be on demand. Returns 0; -ENOLINK for such a symlink, with its
 * own path in `ret_link` (freed by the caller); or another -errno. */
int safe_path_open(const char *path, SafePath *ret, char **ret_link);

/* Says that this process has entered a user namespace as its root, where the machine's own root has
 * no number: what is nobody's there is trusted from now on. With `shares_group` others are in its
 * group, too. */
void safe_path_enter_user_namespace(bool shares_group);

/* Whether those who are trusted own a file, and whether they alone can write to it. A user's own
 * group, of the user's number, is the user. */
bool safe_path_owner_is_trusted(const struct stat *st);
bool safe_path_is_for_trusted_alone(const struct stat *st);

void safe_path_done(SafePath *path);
#define _cleanup_safe_path_ _cleanup_(safe_path_done)
