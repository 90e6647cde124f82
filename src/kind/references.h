/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* References from a file to berth's other files that do not exist: "web.network" in Network=,
 * After= … */
#pragma once

#include "kind/container/container.h"
#include "kind/image.h"
#include "kind/network.h"
#include "kind/pod.h"
#include "kind/volume.h"

void container_check_references(const Container *container, const Sources *sources, Diagnostics *diagnostics);
void volume_check_references(const Volume *volume, const Sources *sources, Diagnostics *diagnostics);
void image_check_references(const Image *image, const Sources *sources, Diagnostics *diagnostics);

void pod_check_references(const Pod *pod, const Sources *sources, Diagnostics *diagnostics);

/* The same for a network. */
void network_check_references(const Network *network, const Sources *sources, Diagnostics *diagnostics);
