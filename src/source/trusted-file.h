/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that say what root, or a user's manager, is to do. */
#pragma once

#include "basic/diagnostics.h"

/* Looks whether only root, and who runs this, can change what the absolute path leads to: the file
 * and every directory on the way. One that others can write to is as good as theirs, and with it
 * the machine. `where` is the place that names the file; NULL: the file itself is at fault. What
 * cannot be opened, or is no regular file, is left for its reader to say. Returns 0, -EREPORTED
 * with a diagnostic, or -ENOMEM. */
int trusted_file_check(const char *path, const Location *where, Diagnostics *diagnostics);
