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
#include "start/exec/exec-run.h"

/* What only the system's service manager has: why, and what a user does in its place. */
#define NO_CHECKPOINTS                                                                                                 \
        "CRIU needs CAP_CHECKPOINT_RESTORE over the machine; without CheckpointOnStop= a stop ends the container"
#define NO_CONNECTIONS                                                                                                 \
        "a user's lets no connection end with another service's process; without Accept=yes the container gets the "   \
        "socket, and accepts by itself"
#define NO_RULES                                                                                                       \
        "the machine's packet filter has nothing of a user's networks, whose rules are in a network namespace of "     \
        "their own"

static const struct {
        const char *name;
        int (*run)(const char *instance);
        const char *not_for_users; /* the reason; NULL: a user's manager has it as well */
} verbs[] = {
        { "prepare", verb_prepare, NULL },
        { "run", verb_run, NULL },
        { "create", verb_create, NULL },
        { "start", verb_start, NULL },
        { "reload", verb_reload, NULL },
        { "health", verb_health, NULL },
        { "await-healthy", verb_await_healthy, NULL },
        { "pass-notifications", verb_pass_notifications, NULL },
        { "sleep", verb_sleep, NO_CHECKPOINTS },
        { "stop", verb_stop, NULL },
        { "cleanup", verb_cleanup, NULL },
        { "companion-stop", verb_companion_stop, NULL },
        { "hand-over", verb_hand_over, NO_CONNECTIONS },
        { "hand-over-end", verb_hand_over_end, NO_CONNECTIONS },
        { "pull", verb_pull, NULL },
        { "dns-needed", verb_dns_needed, NULL },
        { "dns", verb_dns, NULL },
        { "networks", verb_networks, NULL },
        { "network-up", verb_network_up, NULL },
        { "network-down", verb_network_down, NULL },
        { "network-reload", verb_network_reload, NO_RULES },
        { "pod-up", verb_pod_up, NULL },
        { "pod-down", verb_pod_down, NULL },
        { "pod-network", verb_pod_network, NULL },
        { "volume-up", verb_volume_up, NULL },
        { "volume-down", verb_volume_down, NULL },
};

static int usage(FILE *stream) {
        fputs("Usage: berth-helper prepare|run|create|start|reload|health|await-healthy|pass-notifications|\n"
              "                    sleep|stop|cleanup|hand-over|hand-over-end|pull|network-up|\n"
              "                    network-down|pod-up|pod-down|pod-network|volume-up|volume-down INSTANCE\n"
              "       berth-helper companion-stop UNIT\n"
              "       berth-helper dns-needed|dns|networks|network-reload -\n"
              "\n"
              "Called by container@.service and the like; see berth-helper(8).\n",
              stream);
        return stream == stdout ? EXIT_SUCCESS : 2;
}

/* Only root's units are the system's. */
static int choose_manager(const char *verb, const char *not_for_users) {
        int r;

        if (geteuid() == 0)
                return 0;
        if (not_for_users) {
                log_error("\"%s\" is for the system's service manager: %s", verb, not_for_users);
                return -EOPNOTSUPP;
        }
        r = places_choose(SCOPE_USER);
        return r < 0 ? log_error_errno(r, "Failed to find the user's directories: %m") : 0;
}

/* By that of ExecStart= a container that could not be started is told from one that has ended. */
static int exit_status(int (*verb)(const char *instance), int r) {
        if (r >= 0)
                return EXIT_SUCCESS;
        if (r == -EHOPELESS)
                return EXIT_HOPELESS;
        return verb == verb_run || verb == verb_create ? EXEC_NOT_DONE : EXIT_FAILURE;
}

int main(int argc, char **argv) {
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
                if (choose_manager(verbs[i].name, verbs[i].not_for_users) < 0)
                        return EXIT_FAILURE;
                return exit_status(verbs[i].run, verbs[i].run(argv[2]));
        }
        return usage(stderr);
}
