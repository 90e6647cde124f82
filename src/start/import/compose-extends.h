/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Services of a file of compose that extend others. */
#pragma once

#include "start/yaml/yaml-tree.h"

/* Puts into each service what it has of the one that it extends, if that is in the same file: maps
 * member by member, lists one after the other, else its own counts. "extends" is gone then, and
 * stays where it names another file. Returns 0, -EREPORTED or -ENOMEM. */
int compose_extend(YamlNode *root, Diagnostics *diagnostics);
