/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mounts that the file asks for: Volume=, Tmpfs=. Private to src/spec. */
#pragma once

#include "spec/build.h"

/* Adds them to `build->mounts`, each at its place in the root file system. Returns 0 or -ENOMEM. */
int add_user_mounts(SpecBuild *build);
