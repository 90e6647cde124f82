/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Companions: units by which a service answers to a further, plain name ("web.service"), as that of
 * a file's service in Quadlet. */
#pragma once

#include "config/section.h"
#include "unit/unit-outputs.h"

/* Adds the companion `name` of the file's unit. `chosen`: a file asked for the name, and the unit
 * wants its companion; else the companion is there for whoever uses the name, and costs nothing
 * before. `source` is borrowed. Returns 0 or -ENOMEM. */
int companion_add(UnitOutputs *outputs, const char *name, const Section *section, const char *source, bool chosen);

/* Adds the companions of a template's instances that the generator knows nothing of:
 * "web@.service". As above. */
int companion_add_template(UnitOutputs *outputs, const Section *section, const char *source);
