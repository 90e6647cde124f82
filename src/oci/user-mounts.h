/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mounts that the file asks for: Volume=, Tmpfs=. Private to this folder. */
#pragma once

#include "oci/oci-build.h"

/* Adds them to `build->mounts`, each at its place in the root file system. Returns 0 or -ENOMEM. */
int add_user_mounts(SpecBuild *build);
