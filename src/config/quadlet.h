/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The [Quadlet] section, which any of the files may have. */
#pragma once

#include "config/types.h"

typedef struct Quadlet {
        TriState default_dependencies;
} Quadlet;
