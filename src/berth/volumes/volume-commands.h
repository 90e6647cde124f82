/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What "berth volumes" does to one volume at a time. Each takes a name that the list has, and says
 * what went wrong. Return 0 or -errno. */
#pragma once

#include <stdbool.h>

/* Makes the volume, as a container's start would: owned by whom its file says. */
int volume_command_create(const char *name);

/* Writes an archive of what is in it to the file, which is replaced when that is whole; NULL: to
 * standard output. */
int volume_command_export(const char *name, const char *file);

/* Makes it what the archive in the file says; NULL: that at standard input. Without `replace` it
 * must be empty, or not there. */
int volume_command_import(const char *name, const char *file, bool replace);

/* Removes it with all that is in it. */
int volume_command_remove(const char *name);
