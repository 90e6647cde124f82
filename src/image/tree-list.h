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
