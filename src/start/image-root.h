/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of a start, and of a look without one, that is about the container's image. */
#pragma once

#include "host/bundle.h"
#include "image/image-use.h"
#include "kind/container/container.h"
#include "oci/facts.h"

/* Finds the container's image in the store, and completes the container by what the image says.
 * What is wrong is in the diagnostics. Returns 0, -EREPORTED or another -errno. */
int container_open_image(Container *container, Diagnostics *diagnostics, ImageUse *ret);

/* Makes the directories that the image speaks of and does not have: its volumes, and the working
 * directory, which is the user's. A volume that is a symlink to /, or to where the machine is
 * shown, is an error in `diagnostics`. Returns 0, -EREPORTED then, or another -errno. */
int make_image_directories(const Container *container, int root_fd, const Facts *facts, Diagnostics *diagnostics);
