/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Accept=yes in [Socket] of a template "web@.container": systemd starts "web@CONNECTION.service"
 * for each connection to "web.socket" and knows no other name for it. That one has the container
 * "container@web@CONNECTION.service" started, to which it hands the connection over, and ends with
 * it. */
#pragma once

#include "unit/drop-in.h"

/* Adds "web.socket", with the links that [Install] asks for, and "web@.service" for a template with
 * Accept=yes; nothing for other files. Returns 0 or -ENOMEM. */
int connection_units_add(UnitDropIn *drop_in);
