/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts of a machine that there is none of. */
#pragma once

#include "oci/facts.h"

/* Facts of no machine in particular, for tests and documentation: uid 0, all capabilities, cgroup
 * v2, no seccomp, a fixed time. `facts` must be {}. Returns 0 or -ENOMEM. */
int facts_init_example(Facts *facts, const Container *container);

/* A SpecifierLookup that asks no machine: `userdata` is the json_object of the facts, whose
 * "specifiers" ({"H": "myhost"}) come first, or NULL; every other specifier has a fixed example
 * value. */
int facts_specifier(void *userdata, char specifier, char **ret);
