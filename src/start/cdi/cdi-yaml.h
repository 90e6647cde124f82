/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* YAML as JSON, as far as there is JSON for it: the only user of libyaml, which is loaded then. */
#pragma once

#include "basic/json.h"

/* Reads the only document of the text. What has no quotes is a number, true, false or null where it
 * looks like that. Anchors and aliases, which can make a small text a huge one, tags, and keys that
 * are no text are refused. `file` is its name in diagnostics. Returns 0, -EREPORTED with a
 * diagnostic that says the line, also when libyaml cannot be loaded, or -ENOMEM. Caller puts
 * `ret`. */
int yaml_to_json(const char *text, size_t size, const char *file, Diagnostics *diagnostics, json_object **ret);
