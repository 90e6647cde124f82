/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a specification of the container device interface does to a container. */
#pragma once

#include "basic/json.h"
#include "oci/facts.h"

/* Adds what the object "containerEdits" says to the facts: variables, mounts, nodes of devices,
 * hooks and groups; `edits` may be NULL. `root_fd` is the container's root, in which destinations
 * are looked up. `file` is where it stands, and `where` which line of a container's file has asked
 * for it. Anything else that it says is an error: a device that is there by half is none. Returns
 * 0, -EREPORTED with a diagnostic, or another -errno. */
int cdi_edits_apply(json_object *edits, const char *file, const Location *where, int root_fd, Facts *facts,
                    Diagnostics *diagnostics);
