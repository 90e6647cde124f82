/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Published ports by slirp4netns(1), which is asked for each at its socket. */
#pragma once

#include "host/bundle.h"

/* Asks for all ports that are on record in the bundle; none is fine. Returns 0, -EADDRINUSE when
 * one is refused, or another -errno. */
int slirp_publish(const Bundle *bundle, const char *socket_path);
