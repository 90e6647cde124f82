/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One value out of JSON, by the path to it: "networks.0.addresses.0", with "\." for a dot in a
 * name. */
#pragma once

#include <json-c/json.h>

/* Follows the path from `value`. What is null on the way is null in the end: what is not known has
 * no parts that are. Returns 0 with the value, borrowed, NULL for null. On failure `ret_message`,
 * which the caller frees, says in one line what is wrong, with the column in the path, from 1 on:
 * -EINVAL when it is no path, -ENOENT when it leads nowhere. Or -ENOMEM. */
int value_path_find(json_object *value, const char *path, json_object **ret, char **ret_message);
