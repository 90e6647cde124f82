/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names on the command line. */
#include "berth/command/unit-argument.h"

#include <fnmatch.h>

#include "basic/path.h"
#include "basic/text.h"

int argument_parse(const char *argument, FileType *ret_type, char **ret_stem) {
        const char *name = path_basename(argument), *end;
        int r;

        r = unit_name_parse(name, ret_type, ret_stem);
        if (r == -EINVAL)
                r = file_name_parse(name, ret_type, ret_stem);
        if (r != -EINVAL)
                return r;
        /* A path that leads to none of our files. */
        if (strchr(argument, '/'))
                return -EINVAL;
        end = endswith(argument, ".service") ?: strchr(argument, '\0');
        r = stem_copy(argument, (size_t) (end - argument), ret_stem);
        if (r >= 0)
                *ret_type = FILE_CONTAINER;
        return r;
}

bool argument_matches(const char *argument, FileType type, const char *stem, const char *unit_name) {
        _cleanup_free_ char *meant = NULL;
        FileType meant_type;

        if (fnmatch(argument, stem, 0) == 0 || (unit_name && fnmatch(argument, unit_name, 0) == 0))
                return true;
        return argument_parse(argument, &meant_type, &meant) >= 0 && meant_type == type && streq(meant, stem);
}

static bool is_unit_name(const char *argument) {
        static const char *const endings[] = { ".service", ".slice", ".scope", ".target", ".socket", ".timer",
                                               ".path",    ".mount" };

        for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
                if (endswith(argument, endings[i]))
                        return true;
        return false;
}

int argument_to_unit(const char *argument, char **ret) {
        _cleanup_free_ char *stem = NULL;
        FileType type;
        char *unit;
        int r;

        if (is_unit_name(argument) || strpbrk(argument, "*?[")) {
                unit = is_unit_name(argument) ? strdup(argument) : text_format("container@%s.service", argument);
                if (!unit)
                        return -ENOMEM;
                *ret = unit;
                return 0;
        }
        r = argument_parse(argument, &type, &stem);
        return r < 0 ? r : unit_name_for(type, stem, ret);
}
