/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "source/unit-directories.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/path.h"

static int user_directories(StringList *directories) {
        const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME"), *runtime = getenv("XDG_RUNTIME_DIR");
        int r = 0;

        if (config && *config)
                r = string_list_addf(directories, "%s/systemd/user", config);
        else if (home && *home)
                r = string_list_addf(directories, "%s/.config/systemd/user", home);
        if (r >= 0)
                r = string_list_add(directories, "/etc/systemd/user");
        if (r >= 0 && runtime && *runtime)
                r = string_list_addf(directories, "%s/systemd/user", runtime);
        return r;
}

static int system_directories(StringList *directories) {
        int r = string_list_add(directories, "/etc/systemd/system");

        return r < 0 ? r : string_list_add(directories, "/run/systemd/system");
}

static int package_directories(Scope scope, StringList *directories) {
        const char *name = scope == SCOPE_USER ? "user" : "system";
        int r = string_list_addf(directories, "/usr/local/lib/systemd/%s", name);

        return r < 0 ? r : string_list_addf(directories, "/usr/lib/systemd/%s", name);
}

int unit_directories_get(Scope scope, UnitDirectories which, StringList *directories) {
        const char *path = getenv("SYSTEMD_UNIT_PATH");
        int r = 0;

        if (!path || !*path) {
                r = scope == SCOPE_USER ? user_directories(directories) : system_directories(directories);
                return r < 0 || which == UNITS_OF_ADMINISTRATOR ? r : package_directories(scope, directories);
        }
        while (r >= 0 && *path) {
                size_t n = strcspn(path, ":");

                if (n > 0)
                        r = string_list_add_n(directories, path, n);
                path += n + (path[n] == ':');
        }
        return r;
}

int unit_is_installed(const char *name, Scope scope, char **ret_directory) {
        _cleanup_string_list_ StringList directories = {};
        int r = unit_directories_get(scope, UNITS_ALL, &directories);

        for (size_t i = 0; r >= 0 && i < directories.count; i++) {
                _cleanup_free_ char *path = path_join(directories.items[i], name);

                if (!path)
                        return -ENOMEM;
                if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (ret_directory && !(*ret_directory = strdup(directories.items[i])))
                        return -ENOMEM;
                return 1;
        }
        return r;
}
