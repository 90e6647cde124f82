/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where everything is kept, for the system's manager and for a user's. A process serves one
 * manager: the system's, unless it has chosen the other. */
#pragma once

#include "basic/string-list.h"

typedef enum Scope {
        SCOPE_SYSTEM,
        SCOPE_USER,
} Scope;

/* Directories of file-hierarchy(7), and for a user's manager of the XDG base directories. */
typedef enum BaseDirectory {
        BASE_RUNTIME,       /* /run, $XDG_RUNTIME_DIR */
        BASE_STATE,         /* /var/lib, ~/.local/state */
        BASE_CACHE,         /* /var/cache, ~/.cache */
        BASE_LOGS,          /* /var/log, ~/.local/state/log */
        BASE_CONFIGURATION, /* /etc, ~/.config */
        BASE_DATA,          /* /usr/share, ~/.local/share */
        _BASE_DIRECTORY_COUNT,
} BaseDirectory;

/* Where something is: the comment says where for the system's manager. For a user's, the same below
 * the user's base directory, what is in /var/lib below ~/.local/share. */
typedef enum Place {
        PLACE_RUN,            /* /run/berth: gone after a boot */
        PLACE_BUNDLES,        /* /run/berth/bundles/ID: what one start has made */
        PLACE_RUNTIME_STATE,  /* /run/berth/runtime: the runtime's own, `crun --root … list` */
        PLACE_ID_RANGES,      /* /run/berth/ids: ranges of IDs that "auto" has given out */
        PLACE_LEVELS,         /* /run/berth/levels: SELinux's levels in use */
        PLACE_LIMIT_NOTES,    /* /run/berth/limits/STEM: what was set of an instance without a drop-in */
        PLACE_PULLS,          /* /run/berth/pull: locks and secrets; a tmpfs, so that a power failure leaves none */
        PLACE_LOG_SOCKET,     /* /run/berth/log/socket: berth-log.socket's */
        PLACE_NOTIFICATIONS,  /* /run/berth/notify/STEM: the socket of a container with Notify=yes */
        PLACE_VOLUME_RECORDS, /* /run/berth/volumes/STEM: what was mounted for a volume */
        PLACE_NETWORKS,       /* /run/berth/networks/STEM: what a network is on this machine, and its leases */
        PLACE_ONCE,           /* /run/berth/once: files of berth run --rm, each gone when its container has ended */
        PLACE_FOREGROUND,     /* /run/berth/foreground/STEM: the socket of a berth run that waits for it */
        PLACE_NAMES,          /* /run/berth/names/NETWORK: for aardvark-dns */
        PLACE_STATE,          /* /var/lib/berth: the store of images, and more that stays */
        PLACE_IMAGES,         /* /var/lib/berth/images: a file for each reference, see image_instance() */
        PLACE_STAGING,        /* /var/lib/berth/staging */
        PLACE_DOWNLOADS,      /* /var/lib/berth/downloads/INSTANCE */
        PLACE_CONTAINERS,     /* /var/lib/berth/containers/ID: what containers write */
        PLACE_CHECKPOINTS,    /* /var/lib/berth/checkpoints/ID: what containers were that sleep */
        PLACE_VOLUMES,        /* /var/lib/berth/volumes/NAME */
        PLACE_NETWORK_CHOICES, /* /var/lib/berth/networks/STEM: the subnets that were chosen for it */
        PLACE_STOP_NOTES,     /* /var/lib/berth/stop-signals/ID: what an image's stop signal was at the last start */
        PLACE_UPDATE_NOTES,   /* /var/lib/berth/auto-update/INSTANCE */
        PLACE_MIGRATION,      /* /var/lib/berth/migration: what a migration that has not ended needs to know */
        PLACE_CONFIGURATION,  /* /etc/berth: the administrator's files */
        PLACE_PODMAN_NETWORKS, /* /etc/containers/networks, ~/.local/share/containers/storage/networks: podman(1)'s */
        PLACE_PODMAN_VOLUMES, /* /var/lib/containers/storage/volumes, ~/.local/share/containers/storage/volumes */
        PLACE_GENERATED,      /* /run/systemd/generator: what the generator has made at the last reload */
        PLACE_MANAGER_SOCKET, /* /run/systemd/private: the manager's own bus */
        PLACE_USER_BUS,       /* $XDG_RUNTIME_DIR/bus; only for a user's manager */
        PLACE_RUNNING_UNITS,  /* /run/systemd/units/invocation:UNIT: the manager's, a symlink while the unit is up */
        PLACE_SUB_UIDS,       /* /etc/subuid, for users, too: see subuid(5) */
        PLACE_SUB_GIDS,       /* /etc/subgid */
        PLACE_SYSTEM_BUS,     /* /run/dbus/system_bus_socket, for users, too */
        _PLACE_COUNT,
} Place;

/* Says which manager this process serves; to be called before there are threads. Returns 0, -ENXIO
 * when the user has no home, or -ENOMEM. */
int places_choose(Scope scope);

/* Returns what was chosen last, SCOPE_SYSTEM at first. */
Scope places_scope(void);

/* What systemd's programs are to be called with, for that manager: "--user ", else "". Static. */
const char *places_manager_option(void);

/* Returns the absolute path, for the manager that this process serves. Static, never NULL. */
const char *place_path(Place place);

/* Returns the absolute path for the system's manager, whatever was chosen. Static, never NULL. */
const char *place_path_of_system(Place place);

/* Returns the system's directory. Static. */
const char *base_directory_of_system(BaseDirectory directory);

/* Finds the user's directory, by the environment, or where it is without. Returns 0, -ENXIO when
 * the user has no home, or -ENOMEM. Caller frees `ret`. */
int base_directory_of_user(BaseDirectory directory, char **ret);

/* Finds the user's home, by $HOME or passwd(5). As above. */
int user_home(char **ret);

/* Appends the directories with the files that are read, most important first. For SCOPE_USER:
 * $XDG_CONFIG_HOME/berth or ~/.config/berth, $XDG_RUNTIME_DIR/berth, /etc/berth/users/$UID,
 * /etc/berth/users, /usr/lib/berth/users. Returns 0 or -ENOMEM. */
int places_add_search_path(Scope scope, StringList *path);

/* Appends the directories in which the containers project's files are looked for, most important
 * first: ~/.config/containers for SCOPE_USER, /etc/containers, /usr/share/containers; or those of
 * BERTH_CONTAINERS_PATH (a colon-separated list). Returns 0 or -ENOMEM. */
int places_add_containers_path(Scope scope, StringList *path);
