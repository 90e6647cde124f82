/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which mounts a container has: the user's, those that its mode of running asks for, the standard
 * ones, and generated files. Private to this folder. */
#pragma once

#include "oci/oci-build.h"

/* Where RunInit='s program is bound; below /run, which no image ships and every container has. */
#define INIT_DESTINATION "/run/.berth-init"

/* Fills `build->mounts`, sorted. Needs compute_paths(). Returns 0 or -ENOMEM. */
int compute_mounts(SpecBuild *build);
