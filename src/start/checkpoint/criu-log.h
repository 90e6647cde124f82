/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What CRIU says in its log of why it has failed. */
#pragma once

/* Finds the first error in the log `name` of the directory. Returns 1 with it, 0 when there is
 * none, -ENOENT when there is no log, or another -errno. Caller frees `ret`. */
int criu_log_read_error(const char *directory, const char *name, char **ret);
