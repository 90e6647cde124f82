/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Variables in files of compose: those of the environment, and of a file ".env" beside. */
#pragma once

#include "basic/string-list.h"
#include "start/yaml/yaml-tree.h"

/* Appends the assignments of a file ".env", `file` in diagnostics: NAME=VALUE, of which quotes are
 * taken away. Returns 0, also with errors in the diagnostics, or -ENOMEM. */
int compose_variables_read(const char *text, const char *file, StringList *assignments, Diagnostics *diagnostics);

/* Returns the value of a variable: the environment's, or the last in the assignments; NULL when
 * there is none. Borrowed. */
const char *compose_variable(const StringList *assignments, const char *name);

/* Puts variables in for "$NAME", "${NAME}", "${NAME:-DEFAULT}", "${NAME:?MESSAGE}",
 * "${NAME:+OTHER}" and the same without the colon, and "$" for "$$", in every text of the tree, and
 * makes sure that keys are one line each. What is not set is nothing, which is a warning. Returns
 * 0, also with errors in the diagnostics, or -ENOMEM. */
int compose_interpolate(YamlNode *node, const StringList *assignments, Diagnostics *diagnostics);
