/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A part of container_check_supported(), for a user's service manager. */
#pragma once

#include "kind/container/container.h"

/* Reports what a container of a user's cannot have, or cannot have yet, and what can be said
 * instead. */
void container_check_of_user(const Container *container, Diagnostics *diagnostics);

/* Refuses the networks of a user's container that root would have to make, for a start. Returns 0,
 * or -EREPORTED with a diagnostic at each. */
int container_refuse_bridges_of_user(const Container *container, Diagnostics *diagnostics);
