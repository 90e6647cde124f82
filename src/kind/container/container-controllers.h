/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits that a file sets and this machine cannot hold: each is the work of a controller of control
 * groups (cgroups(7)), of which a user's service manager has those that are delegated to it. */
#pragma once

#include "kind/container/container.h"

typedef struct Controllers {
        StringList of_machine; /* all that there are */
        StringList delegated;  /* those that the container's unit has, or can have */
} Controllers;

/* Warns at each limit of the file, the container's own keys and those of [Service], for which the
 * controller is missing. */
void container_check_controllers(const Container *container, const Controllers *controllers, Diagnostics *diagnostics);

void controllers_done(Controllers *controllers);
#define _cleanup_controllers_ _cleanup_(controllers_done)
