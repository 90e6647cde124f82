/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running other programs as what they are. */
#pragma once

#include <sys/types.h>

#include "basic/alloc.h"

enum {
        PROCESS_INHERIT_STDIN = 1 << 0, /* instead of /dev/null */
};

/* Runs argv[0] (an absolute path or a name to look up in PATH) with `environment` (NULL: this process's own) and waits. Standard output and standard error are
 * inherited. Returns its exit status (0…255), 128 + signal when a signal ended it, or -errno when it could not be started. */
int process_run(const char *const argv[], char *const environment[], unsigned flags);

/* Where the program `name` is: itself when it holds a slash, else the first executable regular file in PATH, or in systemd's
 * default PATH when the environment has none. Returns 0, -ENOENT or another -errno. Caller frees `ret`. */
int process_find(const char *name, char **ret);
