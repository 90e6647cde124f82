/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth-helper: what the unit templates call. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/log.h"
#include "helper/verbs.h"
#include "source/places.h"

static const struct {
        const char *name;
        int (*run)(const char *instance);
} verbs[] = {
        { "prepare", verb_prepare },
        { "run", verb_run },
        { "create", verb_create },
        { "start", verb_start },
        { "reload", verb_reload },
        { "health", verb_health },
        { "await-healthy", verb_await_healthy },
        { "pass-notifications", verb_pass_notifications },
        { "sleep", verb_sleep },
        { "stop", verb_stop },
        { "cleanup", verb_cleanup },
        { "companion-stop", verb_companion_stop },
        { "hand-over", verb_hand_over },
        { "hand-over-end", verb_hand_over_end },
        { "pull", verb_pull },
        { "dns", verb_dns },
        { "networks", verb_networks },
        { "network-up", verb_network_up },
        { "network-down", verb_network_down },
        { "network-reload", verb_network_reload },
        { "pod-up", verb_pod_up },
        { "pod-down", verb_pod_down },
        { "pod-network", verb_pod_network },
        { "volume-up", verb_volume_up },
        { "volume-down", verb_volume_down },
};

static int usage(FILE *stream) {
        fputs("Usage: berth-helper prepare|run|create|start|reload|health|await-healthy|pass-notifications|\n"
              "                    sleep|stop|cleanup|hand-over|hand-over-end|pull|network-up|\n"
              "                    network-down|pod-up|pod-down|pod-network|volume-up|volume-down INSTANCE\n"
              "       berth-helper companion-stop UNIT\n"
              "       berth-helper dns|networks|network-reload -\n"
              "\n"
              "Called by container@.service and the like; see berth-helper(8).\n",
              stream);
        return stream == stdout ? EXIT_SUCCESS : 2;
}

/* What a user's service manager has as well. */
static bool is_for_users(const char *verb) {
        static const char *const names[] = {
                "prepare",        "run",  "create",        "start",     "reload",     "health", "await-healthy",
                "pass-notifications", "stop", "cleanup", "companion-stop", "pull", "volume-up", "volume-down",
                "dns", "networks", "network-up", "network-down", "pod-up", "pod-down", "pod-network",
        };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (streq(names[i], verb))
                        return true;
        return false;
}

/* Only root's units are the system's. */
static int choose_manager(const char *verb) {
        int r;

        if (geteuid() == 0)
                return 0;
        if (!is_for_users(verb)) {
                log_error("\"%s\" is not supported yet for a user's service manager; a file in %s makes it the "
                          "system's, for root to start",
                          verb, place_path_of_system(PLACE_CONFIGURATION));
                return -EOPNOTSUPP;
        }
        r = places_choose(SCOPE_USER);
        return r < 0 ? log_error_errno(r, "Failed to find the user's directories: %m") : 0;
}

int main(int argc, char **argv) {
        int r;

        if (argc == 3 && streq(argv[1], "health"))
                log_open_service_late("berth-helper");
        else
                log_open_service("berth-helper");
        umask(0022);
        if (argc == 2 && streq(argv[1], "--help"))
                return usage(stdout);
        if (argc != 3)
                return usage(stderr);
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
                if (!streq(argv[1], verbs[i].name))
                        continue;
                if (choose_manager(verbs[i].name) < 0)
                        return EXIT_FAILURE;
                r = verbs[i].run(argv[2]);
                return r == -EHOPELESS ? EXIT_HOPELESS : r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        }
        return usage(stderr);
}
