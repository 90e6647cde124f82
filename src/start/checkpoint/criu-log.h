/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What CRIU says in its log of why it has failed. */
#pragma once

#include "host/bundle.h"

/* Makes an empty log `name` in the directory, which exists, with the label that the container's
 * files have: what restores a process writes there as that process already. Does nothing more where
 * containers have no labels. Returns 0 or -errno. */
int criu_log_make(const Bundle *bundle, const char *directory, const char *name);

/* Finds the first error in the log `name` of the directory. Returns 1 with it, 0 when there is
 * none, -ENOENT when there is no log, or an empty one, or another -errno. Caller frees `ret`. */
int criu_log_read_error(const char *directory, const char *name, char **ret);
