/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of containers on the command line. */
#pragma once

#include "berth/command/verb.h"
#include "source/places.h"

/* Says which container is meant by "web", "web@a", "web.container", a path or a unit's name.
 * Returns 0, or -errno with what is wrong logged. Caller frees `ret_stem`. */
int container_argument_parse(const char *argument, char **ret_stem);

/* The same, and there is a file of it, or its unit is at work without one. */
int container_argument_find(const char *argument, Scope scope, char **ret_stem);

/* Looks for the containers that the call's arguments name, of the user when `user`, which chooses
 * the user's places. Patterns are left to systemd, and so is what is no container's. Returns 0, or
 * -EREPORTED with the first that is not there logged. */
int container_arguments_check(const Call *call, bool user);
