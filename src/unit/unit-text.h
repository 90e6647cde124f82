/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From files' values to what systemd reads: drop-ins for the templates such as container@.service,
 * and links beside them. No file is opened here. */
#pragma once

#include "kind/container/container.h"
#include "kind/image.h"
#include "kind/volume.h"
#include "unit/unit-outputs.h"

/* Adds all that the generator makes for a container; for a template that is nothing. `context` is
 * the one that the container was loaded with; its path is borrowed by the outputs. Instances that
 * the file refers to ("web@a.container"), and a template's default instance, are added to
 * `instances`. Returns 0, also with diagnostics, or -ENOMEM. */
int unit_text_build(const Container *container, const SpecifierContext *context, const StringList *search_path,
                    StringList *instances, Diagnostics *diagnostics, UnitOutputs *outputs);

/* The same for a volume. */
int unit_text_build_volume(const Volume *volume, const SpecifierContext *context, StringList *instances,
                           Diagnostics *diagnostics, UnitOutputs *outputs);

/* The same for an image. */
int unit_text_build_image(const Image *image, const SpecifierContext *context, StringList *instances,
                          Diagnostics *diagnostics, UnitOutputs *outputs);

/* Adds the link that masks the unit of a masked file. `source` is borrowed. Returns 0 or
 * -ENOMEM. */
int unit_text_mask(const char *unit_name, const char *source, UnitOutputs *outputs);
