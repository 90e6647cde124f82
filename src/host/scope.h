/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A unit for a container's processes alone, beside the service: CgroupsMode=enabled. */
#pragma once

#include "basic/alloc.h"

/* Has the service manager start the scope (StartTransientUnit of org.freedesktop.systemd1(5)),
 * delegated, in `slice` and with the limits that the service has, and moves this process there;
 * waits until it is. At a shutdown it ends after the service. Returns 0, -ETIMEDOUT, -ENOPKG
 * without libsystemd, or the error of the bus. */
int scope_enter(const char *scope, const char *slice, const char *service);

/* Kills all that is in the scope, and waits until it is gone. Returns 0, also when it was not
 * there, -ETIMEDOUT, or as above. */
int scope_kill(const char *scope);
