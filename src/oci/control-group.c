/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/control-group.h"

#include <errno.h>

#include "basic/text.h"
#include "source/unit-name.h"

enum { UNIT_NAME_MAX = 255 };

int container_scope_name(const char *stem, char **ret) {
        _cleanup_free_ char *escaped = unit_name_escape(stem);
        char *name = escaped ? text_format("berth-%s.scope", escaped) : NULL;

        if (!name)
                return -ENOMEM;
        if (strlen(name) > UNIT_NAME_MAX) {
                free(name);
                return -EINVAL;
        }
        *ret = name;
        return 0;
}

int container_scope_group(const char *unit_group, const char *scope, char **ret) {
        const char *slash = strrchr(unit_group, '/');

        if (!slash)
                return -EINVAL;
        *ret = text_format("%.*s/%s", (int) (slash - unit_group), unit_group, scope);
        return *ret ? 0 : -ENOMEM;
}
