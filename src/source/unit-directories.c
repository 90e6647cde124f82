/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "source/unit-directories.h"

#include <errno.h>
#include <stdlib.h>

#include "basic/directory.h"

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

/* What a user has installed for nobody else. */
static int data_directory(StringList *directories) {
        const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

        if (data && *data)
                return string_list_addf(directories, "%s/systemd/user", data);
        return home && *home ? string_list_addf(directories, "%s/.local/share/systemd/user", home) : 0;
}

static int package_directories(Scope scope, StringList *directories) {
        const char *name = scope == SCOPE_USER ? "user" : "system";
        int r = scope == SCOPE_USER ? data_directory(directories) : 0;

        if (r >= 0)
                r = string_list_addf(directories, "/usr/local/lib/systemd/%s", name);
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

/* What is in one of them. */
typedef struct Installed {
        char *directory;
        StringList names; /* sorted */
} Installed;

/* A generator asks about each of a thousand files, and has the answer in memory then. */
static struct {
        bool known;
        Scope scope;
        Installed *items;
        size_t count;
} installed;

static void forget_installed(void) {
        for (size_t i = 0; i < installed.count; i++) {
                free(installed.items[i].directory);
                string_list_done(&installed.items[i].names);
        }
        installed.items = x_free(installed.items);
        installed.count = 0;
        installed.known = false;
}

static int list_installed(Scope scope) {
        _cleanup_string_list_ StringList directories = {};
        int r = unit_directories_get(scope, UNITS_ALL, &directories);

        if (r < 0)
                return r;
        forget_installed();
        installed.items = calloc(directories.count + 1, sizeof(*installed.items));
        if (!installed.items)
                return -ENOMEM;
        for (size_t i = 0; i < directories.count; i++) {
                Installed *item = &installed.items[installed.count++];

                item->directory = TAKE_PTR(directories.items[i]);
                r = directory_list(item->directory, &item->names);
                if (r == -ENOMEM)
                        return r;
                /* What cannot be read is not there. */
                if (r < 0)
                        string_list_done(&item->names);
        }
        installed.scope = scope;
        installed.known = true;
        return 0;
}

static int compare(const void *a, const void *b) {
        return strcmp(a, *(char *const *) b);
}

static int know_installed(Scope scope) {
        return installed.known && installed.scope == scope ? 0 : list_installed(scope);
}

static bool has(const Installed *item, const char *name) {
        const StringList *names = &item->names;

        return names->count > 0 && bsearch(name, names->items, names->count, sizeof(char *), compare);
}

int unit_is_installed(const char *name, Scope scope, char **ret_directory) {
        int r = know_installed(scope);

        for (size_t i = 0; r >= 0 && i < installed.count; i++) {
                if (!has(&installed.items[i], name))
                        continue;
                if (ret_directory && !(*ret_directory = strdup(installed.items[i].directory)))
                        return -ENOMEM;
                return 1;
        }
        return r;
}

int unit_directories_with(const char *name, Scope scope, StringList *directories) {
        int r = know_installed(scope);

        for (size_t i = 0; r >= 0 && i < installed.count; i++)
                if (has(&installed.items[i], name))
                        r = string_list_add(directories, installed.items[i].directory);
        return r;
}
