/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the journal hears of a container's health, with fields that can be matched. */
#pragma once

#include "health/health-state.h"

/* Sends one message, which is shown among those of the container's unit: CONTAINER_NAME= is
 * `stem`, HEALTH_STATUS= the status. Returns 0 or -errno. */
int health_journal_send(const char *stem, const char *unit_name, HealthStatus status, const char *message);
