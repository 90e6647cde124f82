/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Levels of SELinux: each running container has a pair of categories that no other one has, and
 * neither can use the other's files. */
#pragma once

#include "host/bundle.h"

/* The level that a container has if nobody else holds it: always the same, so that the files of a
 * `Z` volume still have the right label at its next start; another for each user's container of the
 * name. NULL when memory is short. Caller frees. */
char *label_level_preferred(const char *id);

/* Takes a level that nobody holds, the preferred one or one near it, until it is released; an
 * effect of the bundle. Returns 0, -ENOSPC when all near it are held, or -errno. Caller frees
 * `ret`. */
int label_level_take(const Bundle *bundle, char **ret);

/* Notes that a container uses a level that its file gives. It may share it, so one that is held is
 * fine. Returns 0 or -errno. */
int label_level_note(const Bundle *bundle, const char *level);

/* The level that the container `id` holds. Returns 1, 0 when it holds none, or -errno. Caller frees
 * `ret`. */
int label_level_find(const char *id, char **ret);

/* Lets go of a level, if the container `id` holds it. Returns 0, -EBADMSG for what is no level, or
 * -errno. */
int label_level_release(const char *level, const char *id);
