/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the fuzz targets share: the function that each has, and how it says that a promise of a
 * header's was not kept. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "basic/macro.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool condition, const char *what) {
        if (condition)
                return;
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
}
