/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where everything is kept. Nobody else names these directories. */
#include "source/places.h"

#include <errno.h>
#include <pwd.h>
#include <unistd.h>

#include "basic/path.h"
#include "basic/text.h"

static const struct {
        const char *system;
        const char *variable;
        const char *in_home;
        const char *below;
} bases[_BASE_DIRECTORY_COUNT] = {
        [BASE_RUNTIME] = { "/run", "XDG_RUNTIME_DIR", NULL, NULL },
        [BASE_STATE] = { "/var/lib", "XDG_STATE_HOME", ".local/state", NULL },
        [BASE_CACHE] = { "/var/cache", "XDG_CACHE_HOME", ".cache", NULL },
        [BASE_LOGS] = { "/var/log", "XDG_STATE_HOME", ".local/state", "log" },
        [BASE_CONFIGURATION] = { "/etc", "XDG_CONFIG_HOME", ".config", NULL },
        [BASE_DATA] = { "/usr/share", "XDG_DATA_HOME", ".local/share", NULL },
};

/* The system's; a user's is the same with another beginning. */
static const char *const of_system[_PLACE_COUNT] = {
        [PLACE_RUN] = "/run/berth",
        [PLACE_BUNDLES] = "/run/berth/bundles",
        [PLACE_RUNTIME_STATE] = "/run/berth/runtime",
        [PLACE_ID_RANGES] = "/run/berth/ids",
        [PLACE_LEVELS] = "/run/berth/levels",
        [PLACE_LIMIT_NOTES] = "/run/berth/limits",
        [PLACE_PULLS] = "/run/berth/pull",
        [PLACE_LOG_SOCKET] = "/run/berth/log/socket",
        [PLACE_NOTIFICATIONS] = "/run/berth/notify",
        [PLACE_VOLUME_RECORDS] = "/run/berth/volumes",
        [PLACE_NETWORKS] = "/run/berth/networks",
        [PLACE_ONCE] = "/run/berth/once",
        [PLACE_FOREGROUND] = "/run/berth/foreground",
        [PLACE_NAMES] = "/run/berth/names",
        [PLACE_STATE] = "/var/lib/berth",
        [PLACE_IMAGES] = "/var/lib/berth/images",
        [PLACE_STAGING] = "/var/lib/berth/staging",
        [PLACE_DOWNLOADS] = "/var/lib/berth/downloads",
        [PLACE_CONTAINERS] = "/var/lib/berth/containers",
        [PLACE_CHECKPOINTS] = "/var/lib/berth/checkpoints",
        [PLACE_VOLUMES] = "/var/lib/berth/volumes",
        [PLACE_NETWORK_CHOICES] = "/var/lib/berth/networks",
        [PLACE_STOP_NOTES] = "/var/lib/berth/stop-signals",
        [PLACE_UPDATE_NOTES] = "/var/lib/berth/auto-update",
        [PLACE_MIGRATION] = "/var/lib/berth/migration",
        [PLACE_CONFIGURATION] = "/etc/berth",
        [PLACE_PODMAN_NETWORKS] = "/etc/containers/networks",
        [PLACE_PODMAN_VOLUMES] = "/var/lib/containers/storage/volumes",
        [PLACE_GENERATED] = "/run/systemd/generator",
        [PLACE_MANAGER_SOCKET] = "/run/systemd/private",
        [PLACE_USER_BUS] = "/run/bus",
        [PLACE_RUNNING_UNITS] = "/run/systemd/units",
        [PLACE_SUB_UIDS] = "/etc/subuid",
        [PLACE_SUB_GIDS] = "/etc/subgid",
        [PLACE_SYSTEM_BUS] = "/run/dbus/system_bus_socket",
};

static Scope chosen = SCOPE_SYSTEM;
static char *of_user[_PLACE_COUNT];

int user_home(char **ret) {
        const char *home = getenv("HOME");
        const struct passwd *user;
        char *copy;

        if (!home || *home != '/') {
                user = getpwuid(getuid());
                home = user ? user->pw_dir : NULL;
        }
        if (!home)
                return -ENXIO;
        copy = strdup(home);
        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

const char *base_directory_of_system(BaseDirectory directory) {
        return bases[directory].system;
}

int base_directory_of_user(BaseDirectory directory, char **ret) {
        const char *variable = getenv(bases[directory].variable), *below = bases[directory].below;
        _cleanup_free_ char *home = NULL, *path = NULL;
        int r;

        if (variable && *variable == '/')
                path = strdup(variable);
        else if (!bases[directory].in_home) /* there pam_systemd(8) makes the directory */
                path = text_format("/run/user/%lu", (unsigned long) getuid());
        else {
                r = user_home(&home);
                if (r < 0)
                        return r;
                path = path_join(home, bases[directory].in_home);
        }
        if (!path)
                return -ENOMEM;
        *ret = below ? path_join(path, below) : TAKE_PTR(path);
        return *ret ? 0 : -ENOMEM;
}

static int move_to_user(Place place, BaseDirectory directory, const char *user_base) {
        const char *rest = startswith(of_system[place], bases[directory].system);

        if (!rest || *rest != '/')
                return 0;
        free(of_user[place]);
        of_user[place] = text_format("%s%s", user_base, rest);
        return of_user[place] ? 0 : -ENOMEM;
}

/* podman has a user's networks beside what it stores. */
static int find_podman_places(void) {
        _cleanup_free_ char *data = NULL;
        int r = base_directory_of_user(BASE_DATA, &data);

        if (r < 0)
                return r;
        free(of_user[PLACE_PODMAN_NETWORKS]);
        free(of_user[PLACE_PODMAN_VOLUMES]);
        of_user[PLACE_PODMAN_NETWORKS] = path_join(data, "containers/storage/networks");
        of_user[PLACE_PODMAN_VOLUMES] = path_join(data, "containers/storage/volumes");
        return of_user[PLACE_PODMAN_NETWORKS] && of_user[PLACE_PODMAN_VOLUMES] ? 0 : -ENOMEM;
}

static int find_places_of_user(void) {
        /* Images and volumes are a user's data rather than the state of a program. */
        static const struct {
                BaseDirectory of_system, of_user;
        } moves[] = {
                { BASE_RUNTIME, BASE_RUNTIME },
                { BASE_STATE, BASE_DATA },
                { BASE_CONFIGURATION, BASE_CONFIGURATION },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(moves); i++) {
                _cleanup_free_ char *base = NULL;

                r = base_directory_of_user(moves[i].of_user, &base);
                for (Place place = 0; r >= 0 && place < PLACE_SUB_UIDS; place++)
                        r = move_to_user(place, moves[i].of_system, base);
        }
        return r < 0 ? r : find_podman_places();
}

int places_choose(Scope scope) {
        int r = scope == SCOPE_USER ? find_places_of_user() : 0;

        if (r >= 0)
                chosen = scope;
        return r;
}

Scope places_scope(void) {
        return chosen;
}

const char *places_manager_option(void) {
        return chosen == SCOPE_USER ? "--user " : "";
}

const char *place_path(Place place) {
        return chosen == SCOPE_USER && of_user[place] ? of_user[place] : of_system[place];
}

const char *place_path_of_system(Place place) {
        return of_system[place];
}

static int add_of_user(StringList *path) {
        const char *runtime = getenv(bases[BASE_RUNTIME].variable);
        _cleanup_free_ char *configuration = NULL;
        int r;

        r = base_directory_of_user(BASE_CONFIGURATION, &configuration);
        if (r >= 0)
                r = string_list_addf(path, "%s/berth", configuration);
        if (r != -ENOMEM && runtime && *runtime == '/')
                r = string_list_addf(path, "%s/berth", runtime);
        if (r != -ENOMEM)
                r = string_list_addf(path, "/etc/berth/users/%lu", (unsigned long) getuid());
        if (r >= 0)
                r = string_list_add(path, "/etc/berth/users");
        return r < 0 ? r : string_list_add(path, "/usr/lib/berth/users");
}

int places_add_search_path(Scope scope, StringList *path) {
        static const char *const system[] = { "/etc/berth", "/run/berth", "/usr/local/lib/berth", "/usr/lib/berth" };
        int r = 0;

        if (scope == SCOPE_USER)
                return add_of_user(path);
        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(system); i++)
                r = string_list_add(path, system[i]);
        return r;
}

int places_add_containers_path(Scope scope, StringList *path) {
        const char *given = getenv("BERTH_CONTAINERS_PATH");
        _cleanup_free_ char *configuration = NULL;
        int r = 0;

        if (given)
                return string_list_add_split(path, given, strlen(given), ":");
        if (scope == SCOPE_USER)
                r = base_directory_of_user(BASE_CONFIGURATION, &configuration);
        if (r == -ENOMEM)
                return r;
        r = configuration ? string_list_addf(path, "%s/containers", configuration) : 0;
        if (r >= 0)
                r = string_list_add(path, "/etc/containers");
        return r < 0 ? r : string_list_add(path, "/usr/share/containers");
}
