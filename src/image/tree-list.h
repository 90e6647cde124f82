/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a tree of files consists of, always in the same order. */
#pragma once

#include "basic/string-list.h"

/* Appends the names in the directory `fd`, sorted by bytes. Returns 0 or -errno. */
int tree_list_directory(int fd, StringList *names);

/* Appends the names of the extended attributes of `path`, which is not followed, sorted; those of
 * SELinux, which are the machine's, are left out. A file system without attributes has none.
 * Returns 0 or -errno. */
int tree_list_attributes(const char *path, StringList *names);

/* Whether this extended attribute comes along with a file of an archive: a user's, capabilities and
 * ACLs, but nothing that tells overlayfs, SELinux or integrity measurement what to do. */
bool tree_attribute_is_kept(const char *name);
