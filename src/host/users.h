/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Users and groups as the container's own /etc/passwd and /etc/group name them. The files may be
 * hostile: they are looked up below the root's fd, must be regular and small, and a line that is
 * not well-formed is no entry. */
#pragma once

#include <sys/types.h>

#include "basic/string-list.h"

typedef struct ContainerUser {
        uint32_t uid, gid;
        uint32_t *groups; /* supplementary, ascending; with `gid` when a user or group was asked for */
        size_t group_count;
        char *home; /* "/" when the user has no entry */
        char *shell; /* NULL when the user has no entry, or none in it */
} ContainerUser;

/* What is looked up: any may be NULL. `user` may be "user:group". */
typedef struct UserRequest {
        const char *user;
        const char *group;
        const StringList *group_add; /* names or numbers */
} UserRequest;

/* Finds the user (default 0:0) inside the root. A number needs no entry, a name does; a number's
 * entry gives group and home as well. Supplementary groups are those whose members name the user,
 * unless a group was asked for, and `group_add`. Returns 0; -ESRCH when a name has no entry and
 * -ERANGE for a number over 4294967294, with `ret_missing` what was looked up (borrowed from the
 * request); -E2BIG for more groups than a process can have; or -errno of reading the files. */
int users_lookup(int root_fd, const UserRequest *request, ContainerUser *ret, const char **ret_missing);

/* The highest ID in the root's /etc/passwd and /etc/group, save those of nobody and nogroup, if
 * that is above `*highest`. Returns 0, or -errno of reading the files. */
int users_highest_id(int root_fd, uint32_t *highest);

/* The container's /etc/passwd and /etc/group with an entry for a number that has none, as podman
 * adds it. `home` as it can stand in an entry; else "/". Returns 1 with `ret`, which the caller
 * frees, 0 when there is an entry, or -errno of reading the file. */
int users_add_user(int root_fd, uint32_t uid, uint32_t gid, const char *home, char **ret);
int users_add_group(int root_fd, uint32_t gid, char **ret);

void container_user_done(ContainerUser *user);
#define _cleanup_container_user_ _cleanup_(container_user_done)
