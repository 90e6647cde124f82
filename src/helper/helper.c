/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth-helper: what the unit templates call. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/log.h"
#include "helper/verbs.h"

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
        { "stop", verb_stop },
        { "cleanup", verb_cleanup },
        { "companion-stop", verb_companion_stop },
        { "pull", verb_pull },
        { "dns", verb_dns },
        { "network-up", verb_network_up },
        { "network-down", verb_network_down },
        { "network-reload", verb_network_reload },
        { "pod-up", verb_pod_up },
        { "pod-down", verb_pod_down },
        { "volume-up", verb_volume_up },
        { "volume-down", verb_volume_down },
};

static int usage(FILE *stream) {
        fputs("Usage: berth-helper prepare|run|create|start|reload|health|await-healthy|pass-notifications|\n"
              "                    stop|cleanup|pull|network-up|network-down|pod-up|pod-down|volume-up|\n"
              "                    volume-down INSTANCE\n"
              "       berth-helper companion-stop UNIT\n"
              "       berth-helper dns|network-reload -\n"
              "\n"
              "Called by container@.service and the like; see berth-helper(8).\n",
              stream);
        return stream == stdout ? EXIT_SUCCESS : 2;
}

int main(int argc, char **argv) {
        int r;

        log_open_service("berth-helper");
        umask(0022);
        if (argc == 2 && streq(argv[1], "--help"))
                return usage(stdout);
        if (argc != 3)
                return usage(stderr);
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
                if (!streq(argv[1], verbs[i].name))
                        continue;
                if (geteuid() != 0) {
                        log_error("berth-helper needs root; containers of a user's service manager are not supported "
                                  "yet");
                        return EXIT_FAILURE;
                }
                r = verbs[i].run(argv[2]);
                return r == -EHOPELESS ? EXIT_HOPELESS : r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        }
        return usage(stderr);
}
