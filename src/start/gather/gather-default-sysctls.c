/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering the kernel parameters that every container has: default_sysctls in [containers] of
 * containers.conf(5), of which the file read last counts. */
#include <errno.h>
#include <fcntl.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "source/places.h"
#include "source/toml.h"
#include "start/gather/gather-steps.h"

/* That root of the container may ping, which has no CAP_NET_RAW. */
#define BUILT_IN "net.ipv4.ping_group_range=0 0"

enum { FILE_MAX = 1 << 20 };

typedef struct Reader {
        const char *file;
        StringList *sysctls;
        Diagnostics *diagnostics;
} Reader;

static int take(const TomlValue *value, void *userdata) {
        Reader *reader = userdata;
        const Location where = { .file = reader->file, .line = value->line };

        if (value->path->count != 2 || !streq(value->path->items[0], "containers") ||
            !streq(value->path->items[1], "default_sysctls"))
                return 0;
        if (value->kind != TOML_STRINGS)
                return diagnose_error(reader->diagnostics, &where, "default_sysctls is no array of strings");
        for (size_t i = 0; i < value->strings->count; i++)
                if (!strchr(value->strings->items[i], '='))
                        return diagnose_error(reader->diagnostics, &where,
                                              "\"%s\" in default_sysctls is no NAME=VALUE", value->strings->items[i]);
        string_list_done(reader->sysctls);
        return string_list_extend(reader->sysctls, value->strings);
}

static int read_file(Reader *reader, const char *path) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = read_file_at(AT_FDCWD, path, FILE_MAX, &text, &size);
        if (r == -ENOENT || r == -ENOTDIR)
                return 0;
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return diagnose_error(reader->diagnostics, &(Location) { .file = path }, "it cannot be read: %s",
                                      strerror(-r));
        reader->file = path;
        return toml_read(text, size, path, reader->diagnostics, take, reader);
}

/* One directory's file, and those beside it. */
static int read_directory(Reader *reader, const char *directory) {
        _cleanup_free_ char *file = path_join(directory, "containers.conf"),
                            *drop_ins = path_join(directory, "containers.conf.d");
        _cleanup_string_list_ StringList names = {};
        int r;

        r = file && drop_ins ? read_file(reader, file) : -ENOMEM;
        if (r >= 0)
                r = directory_list(drop_ins, &names);
        if (r == -ENOTDIR)
                return 0;
        for (size_t i = 0; i < names.count && r >= 0; i++) {
                _cleanup_free_ char *path = path_join(drop_ins, names.items[i]);

                if (!path)
                        return -ENOMEM;
                if (endswith(path, ".conf"))
                        r = read_file(reader, path);
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
