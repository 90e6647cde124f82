/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file health.json of a bundle: the state, as State.Health of podman-inspect(1). */
#pragma once

#include "health/health-state.h"

#define HEALTH_FILE "health.json"

/* Replaces the file as a whole. Returns 0 or -errno. */
int health_file_write(const Bundle *bundle, const HealthState *state);

/* Writes the same to a directory of the machine's, as "STEM-healthcheck.log" (podman's name for
 * it). Returns 0 or -errno. */
int health_file_log(const char *directory, const char *stem, const HealthState *state);

/* Reads it; none is a state that starts. Returns 0, -EBADMSG when it is not of that form, or
 * another -errno. */
int health_file_read(const Bundle *bundle, HealthState *ret);
