/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From files' values to what systemd reads: drop-ins for the templates such as container@.service,
 * and links beside them. No file is opened here. */
#pragma once

#include "kind/container/container.h"
#include "kind/image.h"
#include "kind/network.h"
#include "kind/pod.h"
#include "kind/volume.h"
#include "unit/unit-outputs.h"

/* Defines unit_text_container() …, which adds all that the generator makes for a file of that kind;
 * for a template that is nothing. `context` is the one that the object was loaded with; its path is
 * borrowed by the outputs. Instances that the file refers to ("web@a.container"), and a template's
 * default instance, are added to `instances`. Returns 0, also with diagnostics, or -ENOMEM. */
#define KIND(type, Struct, prefix, ...)                                                                                \
        int unit_text_##prefix(const Struct *object, const SpecifierContext *context, const StringList *search_path,   \
                               StringList *instances, Diagnostics *diagnostics, UnitOutputs *outputs);
#include "source/kinds.def"

/* Adds the link that masks the unit of a masked file. `source` is borrowed. Returns 0 or
 * -ENOMEM. */
int unit_text_mask(const char *unit_name, const char *source, UnitOutputs *outputs);
