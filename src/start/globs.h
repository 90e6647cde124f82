/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounts of type glob. */
#pragma once

#include "oci/facts.h"

/* Adds to `ret` what of this machine the patterns of such mounts match, in the order of the names.
 * Who can make files there shall not make a start long: more than 1,000 are an error in
 * `diagnostics`. Returns 0, -EREPORTED, or -ENOMEM. */
int globs_find(const Container *container, FactPathList *ret, Diagnostics *diagnostics);

/* Adds a volume to the container for each file of this machine that a Mount= of type glob matches,
 * in the order of their names. One that matches nothing is an error in `diagnostics`, as it is to
 * podman. Returns 0, -EREPORTED with a diagnostic, or another -errno. */
int globs_expand(Container *container, Diagnostics *diagnostics);
