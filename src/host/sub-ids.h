/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subordinate IDs: subuid(5), subgid(5). */
#pragma once

#include "config/id-map.h"

/* All ranges of `name` in the file, one after the other from 0 on inside. A missing file, and a
 * line that is not well-formed, has none. Returns 0, -EEXIST when ranges of the name overlap, or
 * -errno of reading the file. */
int sub_ids_read(const char *file, const char *name, IdMap *ret);

/* The same for a text. */
int sub_ids_parse(const char *text, const char *name, IdMap *ret);
