/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* container-dns.service: whether it has something to do, and aardvark-dns, wherever that is. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "basic/log.h"
#include "helper/verbs.h"
#include "kind/network-advice.h"
#include "network/names.h"
#include "network/user-networks.h"
#include "source/places.h"

int verb_dns_needed(const char *instance _unused_) {
        int r = names_are_needed();

        if (r < 0)
                return log_error_errno(r, "Failed to look for networks with names: %m");
        return r > 0 ? 0 : -ENOENT;
}

int verb_dns(const char *instance _unused_) {
        _cleanup_free_ char *program = NULL;
        int r = name_server_find(&program);

        if (r == -ENOENT) {
                log_error("Names of containers need aardvark-dns, which is not installed");
                return -EHOPELESS;
        }
        if (r < 0)
                return log_oom();
        r = user_networks_enter();
        if (r < 0)
                return log_error_errno(r, "Failed to reach the networks of containers: %m");
        if (places_scope() == SCOPE_USER) {
                r = user_networks_show_name_server();
                if (r < 0)
                        log_warning_errno(r, "Failed to have a name server for other names than containers': %m");
        }
        /* Its PID file is there before it listens for SIGHUP. That would end it, and have an old
         * version's parent wait for ever; what it is to tell is read after it listens. */
        signal(SIGHUP, SIG_IGN);
        execl(program, program, "--config", place_path(PLACE_NAMES), "--port", "53", "run", NULL);
        return log_error_errno(-errno, "Failed to run %s: %m", program);
}
