/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The timer of a health check that comes with an image: only a start knows of it. That of
 * HealthCmd= is container-health@.timer, which the container's unit wants. */
#pragma once

#include "basic/alloc.h"

/* Has the service manager start "container-health-image@STEM.timer", a transient unit that is bound
 * to the container's, and does not wait: it begins when that one is up. Returns 0 or the error of
 * the bus. */
int health_timer_start(const char *stem, uint64_t interval_usec);
