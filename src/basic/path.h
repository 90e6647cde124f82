/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths as text. Nothing here looks at the machine; see root.h for paths inside a container. */
#pragma once

#include "basic/alloc.h"

/* "a/b" from "a" and "b", with one slash between. NULL when memory is short. Caller frees. */
char *path_join(const char *directory, const char *name);

/* What follows the last slash; borrowed from `path`. */
const char *path_basename(const char *path);

/* Everything before the last component: "/" for "/a", "." for "a". NULL when memory is short.
 * Caller frees. */
char *path_dirname(const char *path);

/* An absolute path without "//", "/./" and a trailing slash. Returns 0, -EINVAL when `path` is not
 * absolute or has a ".." component (which cannot be folded as text: symlinks), -ENAMETOOLONG, or
 * -ENOMEM. Caller frees `ret`. */
int path_normalize(const char *path, char **ret);

/* Splits a path of an archive, such as "./a//b/c", into the directory "/a/b" and "c", which is ""
 * for the root itself. Returns 0, -EBADMSG where it has a ".." component, which is in no honest
 * archive, -ENAMETOOLONG, or -ENOMEM. Caller frees both. */
int path_split_entry(const char *path, char **ret_parent, char **ret_name);

/* Whether the normalized absolute path `path` is `ancestor` or lies below it. */
bool path_is_below(const char *path, const char *ancestor);

/* How many components a normalized absolute path has; 0 for "/". */
size_t path_depth(const char *path);

/* Whether `name` can be one file's name: not empty, "." or "..", no slash, at most NAME_MAX
 * bytes. */
bool file_name_is_valid(const char *name);
