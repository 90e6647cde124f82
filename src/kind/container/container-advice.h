/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is no fault of a file, but will hardly do what its author had in mind. */
#pragma once

#include "kind/container/container.h"

/* Warns of secrets that this machine does not have, of commands and sockets of podman's, and of
 * images that only podman has. For `berth check`: a start says what it misses itself. Returns 0 or
 * -ENOMEM. */
int container_advise(const Container *container, const StringList *search_path, Diagnostics *diagnostics);
