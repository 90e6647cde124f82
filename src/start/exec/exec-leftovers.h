/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a `berth exec` that was killed has left: the next one puts it away. */
#pragma once

#include "host/bundle.h"

/* The names of what one has while it runs; the number is its process. */
#define EXEC_FILE_PREFIX "exec-"
#define EXEC_GROUP_PREFIX "berth-exec-"

/* Removes the files in the bundle, and the empty control groups below the container's own (NULL: it
 * has none), of those that are no more. What cannot be removed stays until the container ends. */
void exec_remove_leftovers(const Bundle *bundle, const char *control_group);
