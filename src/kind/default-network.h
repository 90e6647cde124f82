/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container or pod is on that names no network. */
#pragma once

#include "config/section.h"
#include "config/types.h"

/* Appends it, unless there is a network, or `key`, the section's Network=, is given and empty: as
 * with podman the default one, or a user's has pasta. Returns 0 or -ENOMEM. */
int default_network_add(const Section *section, KeyId key, Scope scope, NetworkAttachmentList *networks);
