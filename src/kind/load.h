/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a unit's name to its Container: the files found, read, parsed and checked. */
#pragma once

#include "kind/container/container.h"
#include "kind/image.h"

/* Finds and reads the container `stem` on the search path and checks it as a whole. `environment`
 * is the service's, for the variables in values, or NULL: what [Service] says. What is wrong goes
 * to `diagnostics`, also that there is no such file or that it is masked. Returns 0 with a
 * Container that has no errors, -EREPORTED, or another -errno. */
int container_find(const char *stem, Scope scope, const StringList *environment, Diagnostics *diagnostics,
                   Container **ret);

/* Reads and checks the container of `source`, with `lookup` for the machine's specifiers (NULL: of
 * this machine), and the variables that [Service] sets.
 * As above; the Container exists also when there are errors. */
int container_read(const Source *source, Scope scope, SpecifierLookup lookup, void *userdata, Diagnostics *diagnostics,
                   Container **ret);

/* Finds and reads the image `stem`. As container_find(). */
int image_find(const char *stem, Scope scope, Diagnostics *diagnostics, Image **ret);

/* The absolute form of a file's path, by which relative paths in it are understood. Returns 0 or
 * -errno. Caller frees. */
int source_absolute_path(const char *path, char **ret);
