/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The environment of the container's first process. Private to this folder. */
#pragma once

#include "oci/oci-build.h"

/* process.env */
int build_environment(SpecBuild *build);
