/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From files' values to what systemd reads: drop-ins for the templates such as container@.service,
 * and links beside them. No file is opened here. */
#pragma once

#include "kind/container/container.h"
#include "kind/image.h"
#include "kind/network.h"
#include "kind/pod.h"
#include "kind/volume.h"
#include "unit/drop-in.h"

/* Defines unit_text_container() …, which adds to the drop-in what the keys of that kind of file ask
 * for, and to its outputs what there is besides. `drop_in->context` is the one that the object was
 * loaded with. Returns 0, also with diagnostics, or -ENOMEM. */
#define KIND(type, Struct, prefix, ...) int unit_text_##prefix(const Struct *object, UnitDropIn *drop_in);
#include "source/kinds.def"

/* Adds the link that masks the unit of a masked file. `source` is borrowed. Returns 0 or
 * -ENOMEM. */
int unit_text_mask(const char *unit_name, const char *source, UnitOutputs *outputs);
