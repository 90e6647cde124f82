/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* YAML as JSON, as far as there is JSON for it. */
#pragma once

#include "basic/json.h"

/* Reads the only document of the text, as yaml_tree_read() does. What has no quotes is a number,
 * true, false or null where it looks like that. `file` is its name in diagnostics. Returns 0,
 * -EREPORTED with a diagnostic, or -ENOMEM. Caller puts `ret`. */
int yaml_to_json(const char *text, size_t size, const char *file, Diagnostics *diagnostics, json_object **ret);
