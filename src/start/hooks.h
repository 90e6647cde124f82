/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OCI hooks of this machine: their files, and the running of those that alter the configuration.
 * What runs later is the runtime's. */
#pragma once

#include "basic/json.h"
#include "host/bundle.h"
#include "oci/facts.h"

/* Fills `list` with the path and text of the hook files that a container has to do with, in the
 * order in which they are run: by lower-case name, where a file in a later directory is instead of
 * one of the same name in an earlier. A directory of OCIHooksDir= that is missing, and a file or
 * its program that is not what it must be, is an error in `diagnostics`. Returns 0, -EREPORTED, or
 * another -errno. */
int hooks_gather(const Container *container, FactPathList *list, Diagnostics *diagnostics);

/* Checks a hook that is no file of its own but stands in `path`, an object as such a file has it,
 * and appends it. What is wrong with it or its program is an error in `diagnostics`. As above. */
int hooks_add(json_object *hook, const char *path, FactPathList *list, Diagnostics *diagnostics);

/* Runs the precreate hooks of the configuration, each of which reads it and writes it as it shall
 * be, and takes them out of it. A hook that fails, runs out of time (its own, or a minute), or
 * writes what is no JSON object is an error in `diagnostics`. Returns 0, -EREPORTED, or another
 * -errno. */
int hooks_run_precreate(const Bundle *bundle, json_object **spec, Diagnostics *diagnostics);
