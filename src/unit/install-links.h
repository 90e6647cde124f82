/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The [Install] section of a file, and ServiceName=: by which links and further names the generator
 * carries them out. */
#pragma once

#include "config/section.h"
#include "unit/unit-outputs.h"

typedef struct UnitInstall {
        StringList wanted_by, required_by, upheld_by; /* names of units */
        StringList aliases;    /* names that a symlink can give: another template's, with the same instance */
        StringList companions; /* "NAME.service", which takes a unit of its own (see companion.h) */
        char *quadlet_name;    /* the same by Quadlet's rule; NULL when another unit has it, or the file chose one */
        char *default_instance; /* of a template: the stem of the instance, "web@a" */
} UnitInstall;

/* Reads the section. What is wrong with it goes to the diagnostics and is left out; so are names
 * that `outputs` has for another file. Instances that are referred to are added to `instances`.
 * Returns 0 or -ENOMEM. */
int unit_install_load(const Section *section, const SpecifierContext *context, UnitOutputs *outputs,
                      StringList *instances, Diagnostics *diagnostics, UnitInstall *ret);

/* Adds the links and companions. `source` is borrowed by the outputs. Returns 0 or -ENOMEM. */
int unit_install_add_outputs(const UnitInstall *install, const Section *section, const char *source,
                             UnitOutputs *outputs);

void unit_install_done(UnitInstall *install);
#define _cleanup_unit_install_ _cleanup_(unit_install_done)
