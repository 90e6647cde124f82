/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* EnvironmentFile=: files of variables in the format of `podman run --env-file`. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/string-list.h"

/* Appends the assignments of the file's text: NAME=VALUE with the value taken as it is, no quoting;
 * NAME alone takes the value from this process's environment, when it has one; "#" begins a comment
 * line. `path` is for diagnostics. Returns 0, -EREPORTED (reported), or -ENOMEM. */
int environment_file_parse(const char *text, size_t size, const char *path, StringList *assignments,
                           Diagnostics *diagnostics);

/* Reads and parses the file. A missing optional one is fine; a missing or unreadable other one is
 * an error at `where`. */
int environment_file_read(const char *path, bool optional, const Location *where, StringList *assignments,
                          Diagnostics *diagnostics);
