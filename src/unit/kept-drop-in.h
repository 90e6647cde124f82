/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The drop-in of a container as it was at its start, and that of its health checks' timer, kept
 * in its bundle. When the container's file goes away, or is masked, while the container runs,
 * the generator makes these of it again: systemd would forget at the next reload how the
 * container is to be stopped, its limits, and how often it is checked. */
#pragma once

#include "source/sources.h"

struct UnitOutputs;

/* Keeps what the generator has made for the unit, if anything that can be read. Returns 0 or
 * -errno. */
int kept_drop_in_write(int bundle_fd, const char *unit_name);

/* Adds the kept drop-in of a container to the outputs. Returns 1; 0 when the container does not
 * run, had none, or others than who runs this could have changed it; or -ENOMEM. */
int kept_drop_in_add(const char *stem, struct UnitOutputs *outputs);

/* Adds those of all containers that have no file any more. Instances whose template is there are
 * added to `instances`. Returns 0 or -ENOMEM. */
int kept_drop_ins_add(const Sources *sources, StringList *instances, struct UnitOutputs *outputs);
