/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files outside of the search path, which may refer to those beside them. */
#pragma once

#include "source/sources.h"

/* Returns whether there is something at the path. */
bool source_exists(const char *path);

/* Returns whether that is a directory, through symlinks. */
bool source_is_directory(const char *path);

/* Takes the source over, to the end of the list. Returns 0 or -ENOMEM. */
int sources_append(Sources *sources, Source *source);

/* Adds the files in the directory of `path` that are not in `sources` by their names, and sorts
 * these by type and stem; none when nobody may list the directory. Returns 0 or -errno. */
int sources_add_siblings(Sources *sources, const char *path);
