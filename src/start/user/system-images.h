/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system's store, seen by a user. Its layers are none for a user's containers: their files
 * belong to IDs that no user has, so that an overlay of them shows all as nobody's, not what is for
 * its owner alone, and takes no change to what is there, nor anything new in its directories; and
 * only the machine's root may mount them with other owners. */
#pragma once

#include "image/pull.h"

/* Tells a user whose pull has failed, when the system's store has the image, how to get it from
 * there. */
void system_images_tell(const PullRequest *request, const PullReporter *reporter);
