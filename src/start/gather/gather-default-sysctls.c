/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering the kernel parameters that every container has: default_sysctls in [containers] of
 * containers.conf(5), of which the file read last counts. */
#include <errno.h>

#include "basic/directory.h"
#include "basic/path.h"
#include "source/places.h"
#include "source/toml.h"
#include "start/gather/gather-steps.h"

/* That root of the container may ping, which has no CAP_NET_RAW. */
#define BUILT_IN "net.ipv4.ping_group_range=0 0"

typedef struct Reader {
        StringList *sysctls;
        Diagnostics *diagnostics;
} Reader;

static int take(const TomlValue *value, void *userdata) {
        Reader *reader = userdata;

        if (value->path->count != 2 || !streq(value->path->items[0], "containers") ||
            !streq(value->path->items[1], "default_sysctls"))
                return 0;
        if (value->kind != TOML_STRINGS)
                return diagnose_error(reader->diagnostics, &value->where, "default_sysctls is no array of strings");
        for (size_t i = 0; i < value->strings->count; i++)
                if (!strchr(value->strings->items[i], '='))
                        return diagnose_error(reader->diagnostics, &value->where,
                                              "\"%s\" in default_sysctls is no NAME=VALUE", value->strings->items[i]);
        string_list_done(reader->sysctls);
        return string_list_extend(reader->sysctls, value->strings);
}

/* One directory's file, and those beside it. */
static int read_directory(Reader *reader, const char *directory) {
        _cleanup_free_ char *file = path_join(directory, "containers.conf"),
                            *drop_ins = path_join(directory, "containers.conf.d");
        _cleanup_string_list_ StringList names = {};
        int r;

        r = file && drop_ins ? toml_read_file(file, reader->diagnostics, take, reader) : -ENOMEM;
        if (r >= 0)
                r = directory_list(drop_ins, &names);
        if (r == -ENOTDIR)
                return 0;
        for (size_t i = 0; i < names.count && r >= 0; i++) {
                _cleanup_free_ char *path = path_join(drop_ins, names.items[i]);

                if (!path)
                        return -ENOMEM;
                if (endswith(path, ".conf"))
                        r = toml_read_file(path, reader->diagnostics, take, reader);
        }
        return r;
}

int gather_default_sysctls(const Container *container _unused_, const GatherInput *input _unused_, Facts *facts,
                           Diagnostics *diagnostics) {
        Reader reader = { .sysctls = &facts->default_sysctls, .diagnostics = diagnostics };
        _cleanup_string_list_ StringList directories = {};
        int r;

        r = string_list_add(&facts->default_sysctls, BUILT_IN);
        if (r >= 0)
                r = places_add_containers_path(places_scope(), &directories);
        for (size_t i = directories.count; i > 0 && r >= 0; i--)
                r = read_directory(&reader, directories.items[i - 1]);
        return r < 0 ? r : 0;
}
