/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* YAML as a tree: the only user of libyaml, which is loaded then. */
#pragma once

#include "start/yaml/yaml-node.h"

typedef enum YamlFlags {
        /* An alias stands for a copy of what its anchor is at, and the key "<<" for the members of
         * a map, or of several, that are not there otherwise. What can make a small text a huge
         * one ends at 8 MiB of copies. */
        YAML_ALIASES = 1 << 0,
} YamlFlags;

/* Reads the only document of the text; NULL when there is none. Anchors and aliases without that
 * flag, tags, keys that are no text, and more than 16 levels are refused. `file` is its name in
 * diagnostics, and borrowed by the nodes. Returns 0, -EREPORTED with a diagnostic that says the
 * place, also when libyaml cannot be loaded, or -ENOMEM. */
int yaml_tree_read(const char *text, size_t size, const char *file, YamlFlags flags, Diagnostics *diagnostics,
                   YamlNode **ret);
