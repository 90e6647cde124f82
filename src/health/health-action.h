/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done with a container that is not well, by the service manager. */
#pragma once

#include "config/types.h"

/* Has the manager kill the unit's main process, or queue a restart or stop of the unit, and does
 * not wait: the health check's own unit is bound to that one, and is to end first. Returns 1, 0
 * when the unit is being stopped or restarted already, or the error of the bus. */
int health_action_request(const char *unit_name, HealthAction action);
