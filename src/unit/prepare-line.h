/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a start needs a command of systemd's for what it prepares. Without one, ExecStart=
 * prepares as well, and a start takes one program less of systemd's, which is a good part of it. */
#pragma once

#include "source/specifiers.h"

/* Finds out whether one of systemd's drop-ins for the unit, the generator's own left aside, says
 * ExecStartPre=: such a line is run behind ours, and may change what was prepared. Returns 1, 0, or
 * -ENOMEM. */
int prepare_line_is_needed(const char *unit_name, Scope scope);
