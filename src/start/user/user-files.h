/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of others that a user's start goes by. */
#pragma once

#include "kind/container/container.h"

/* Refuses what others than root and the user could have written or exchanged, of all that a start
 * reads or mounts by its path; to be called before the user's namespace is entered, in which root
 * and all others look the same. What is found to be theirs alone stays so. Returns 0, -EREPORTED
 * with a diagnostic, or another -errno. */
int user_files_check(const Container *container, Diagnostics *diagnostics);
