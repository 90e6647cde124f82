/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's first process. Private to src/spec. */
#pragma once

#include "spec/build.h"

/* process */
int build_process(SpecBuild *build);
