/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the text of a .container file to a Container. */
#pragma once

#include "kind/container/container.h"

/* Turns the entries into a Container and checks each key by itself. Takes over what `unit` holds
 * (it is empty then, also on failure). `context` gives the specifiers' values; its stem and unit
 * name are copied. Returns 0 with a Container, which also exists when there are errors in
 * `diagnostics`, or -ENOMEM. */
int container_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Container **ret);
