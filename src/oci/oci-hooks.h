/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OCI hooks: programs that run at stages of a container's life, as files in hooks.d directories
 * describe them; see oci-hooks(5), schema 1.0.0. */
#pragma once

#include "oci/oci-build.h"

/* Where hooks are looked for unless OCIHooksDir= says otherwise; a later one wins. */
#define HOOKS_DIRECTORY_VENDOR "/usr/share/containers/oci/hooks.d"
#define HOOKS_DIRECTORY_LOCAL "/etc/containers/oci/hooks.d"

/* Parses the text of a hook file, `file`. Returns 0 with an object that has all required members
 * and those of the right types, -EREPORTED with diagnostics that say the line, or -ENOMEM. Caller
 * puts `ret`. */
int hook_parse(const char *text, const char *file, Diagnostics *diagnostics, json_object **ret);

/* The program that a parsed hook runs. Borrowed. */
const char *hook_program(json_object *hook);

/* The configuration's "hooks": those of the facts whose conditions hold. "precreate" is among the
 * stages here, for hooks_take_precreate(). Reads what has been written of the process and
 * annotations. Returns 0 or -ENOMEM; what is wrong is in `build->diagnostics`. */
int build_hooks(SpecBuild *build);

/* Takes the hooks of the stage "precreate", which no runtime knows, out of the configuration: an
 * array of {path, args, env, timeout}, or NULL when there are none. Caller puts it. */
json_object *hooks_take_precreate(json_object *spec);
