/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's first process. Private to this folder. */
#pragma once

#include "oci/oci-build.h"

/* process */
int build_process(SpecBuild *build);
