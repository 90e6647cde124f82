/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the objects of inspect.h have in common. */
#pragma once

#include "basic/json.h"
#include "network/network-users.h"

/* Adds a string, or null for NULL. */
void inspect_add_text(Json *json, const char *key, const char *value);

/* Adds an object: what a container has on a network, called `name`, the other one's. Returns 0 or
 * -ENOMEM. */
int inspect_add_attachment(Json *json, const char *name, const NetworkUser *user, const Attachment *attachment);
