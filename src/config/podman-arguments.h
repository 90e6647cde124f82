/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PodmanArgs=: podman's own options, put into our words. */
#pragma once

#include "config/keys.h"

/* Appends to `unit` an assignment for every option in the PodmanArgs= of `section` that a key of
 * the section stands for, with the option's place: so it is read by that key's own parser, behind
 * all that the file says by keys, as podman reads its command line. Each gets a warning that names
 * the assignment. What there is no key for is an error. Returns 0 (also with diagnostics) or
 * -ENOMEM. To be called before the section is parsed: the entries may move.
 * A word that is a variable becomes the words of its value first. */
int podman_arguments_translate(UnitFile *unit, const char *section, const ValueContext *context);

/* Does the same for one option of podman run's that was typed, `name` ("--env") with its value: no
 * warning, and messages about no place. `value` may be NULL where the option takes none; what means
 * something in a file ("%", "$") is escaped in it. `unit` has an entry already, of [Container].
 * As above. */
int podman_option_translate(UnitFile *unit, const char *name, const char *value, Diagnostics *diagnostics);
