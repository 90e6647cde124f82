/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is no fault of a file, but will hardly do what its author had in mind. */
#pragma once

#include "kind/container/container.h"

/* Warns of secrets that this machine does not have, of commands and sockets of podman's, of images
 * and full volumes that only podman has, of a container that is enabled although it has a socket,
 * and of what was written for a user's manager. For `berth
 * check`: a start says what it misses itself. `sources` are all files. Returns 0 or -ENOMEM. */
int container_advise(const Container *container, Scope scope, const StringList *search_path, const Sources *sources,
                     Diagnostics *diagnostics);
