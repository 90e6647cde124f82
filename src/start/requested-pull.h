/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be pulled, from where people and units say it. */
#pragma once

#include "image/pull.h"
#include "kind/container/container.h"
#include "kind/image.h"

/* From a .image file. Returns 0, -EREPORTED (in the diagnostics) or -ENOMEM. */
int pull_request_from_image(const Image *image, Diagnostics *diagnostics, PullRequest *ret);

/* From a reference, as people write it. As above. */
int pull_request_from_reference(const char *text, Diagnostics *diagnostics, PullRequest *ret);

/* From a container's Image=. As above, or -ENOENT when there is no such file. */
int pull_request_from_container(const Container *container, Diagnostics *diagnostics, PullRequest *ret);

/* From the instance of a container-image@.service: a reference, for which the unit's variables
 * (pull-units.h) say how, or a .image file. As above, or -ENOENT when there is no such file. */
int pull_request_from_instance(const char *instance, Diagnostics *diagnostics, PullRequest *ret);
