/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the objects of inspect.h have in common. */
#pragma once

#include "basic/json.h"
#include "host/unit/unit-list.h"
#include "network/network-users.h"

/* Adds a string, or null for NULL. */
void inspect_add_text(Json *json, const char *key, const char *value);

/* Adds an object: what a container has on a network, called `name`, the other one's. Returns 0 or
 * -ENOMEM. */
int inspect_add_attachment(Json *json, const char *name, const NetworkUser *user, const Attachment *attachment);

/* Adds how a unit is, as members. NULL is one that is not loaded: inactive if `known`, that is, if
 * the manager could be asked. */
void inspect_add_state(Json *json, const UnitState *state, bool known);

/* Adds an array of what the container or pod with this ID has on networks. Only root can look: it
 * is empty for others. Returns 0 or -errno. */
int inspect_add_networks(Json *json, const char *id);
