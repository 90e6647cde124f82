/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* System calls that [Service] takes away. */
#pragma once

#include <json-c/json.h>

#include "oci/oci-build.h"

/* Whether any of the settings needs a filter: the first that does, or NULL. Borrowed. */
const Entry *confine_calls_needed(const UnitFile *unit);

/* Whether the filter names sets of calls ("@clock"), which only the machine's systemd knows. */
bool confine_calls_need_sets(const UnitFile *unit);

/* Makes a filter narrower. What cannot be is in the diagnostics. Returns 0 or -ENOMEM. */
int confine_calls(SpecBuild *build, json_object *filter);
