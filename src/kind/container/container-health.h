/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container's health check as a whole. */
#pragma once

#include "kind/container/container.h"

/* Podman's, where the file says nothing. */
enum { HEALTH_SECONDS = 30, HEALTH_RETRIES = 3, HEALTH_LOG_COUNT = 5, HEALTH_LOG_SIZE = 500 };

/* Whether there is a check: HealthCmd= is set, and is not none; or, where the image's configuration
 * has been applied, that one's. */
bool container_has_health(const Container *container);

/* How long after the end of a check the next one is run, in microseconds; 0 for a check that is not
 * repeated by itself. */
uint64_t container_health_interval(const Container *container);

/* Whether it is, or may be, run again and again by itself: HealthInterval= is not disable, and the
 * container is up for longer than its start takes. */
bool container_repeats_health(const Container *container);

/* Reports what is wrong with the Health keys. */
void container_check_health(const Container *container, Diagnostics *diagnostics);
