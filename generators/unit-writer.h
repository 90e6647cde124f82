/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes what the generator has planned. */
#pragma once

#include "unit/unit-outputs.h"

/* Writes the sorted outputs below `directory`, or `late_directory`, each atomically. One that
 * cannot be written is logged, and does not stop the others. Returns 0, or the first failure as
 * -errno. */
int unit_outputs_write(const UnitOutputs *outputs, const char *directory, const char *late_directory);
