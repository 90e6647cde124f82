/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a network wants of this machine. */
#include "kind/network-advice.h"

#include <errno.h>
#include <unistd.h>

#include "kind/network-needs.h"

int name_server_find(char **ret) {
        static const char *const programs[] = { "/usr/libexec/podman/aardvark-dns", "/usr/lib/podman/aardvark-dns" };

        for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
                if (access(programs[i], X_OK) == 0) {
                        *ret = strdup(programs[i]);
                        return *ret ? 0 : -ENOMEM;
                }
        return -ENOENT;
}

bool network_wants_filter(const Network *network) {
        bool bridge = !network->driver || streq(network->driver, "bridge");

        return bridge && !streq_null(network_option(network, "mode"), "unmanaged");
}

bool network_wants_names(const Network *network) {
        return !network->disable_dns && network_wants_filter(network);
}

static int advise_names(const Network *network, Diagnostics *diagnostics) {
        _cleanup_free_ char *program = NULL;
        int r;

        if (!network_wants_names(network))
                return 0;
        r = name_server_find(&program);
        if (r == -ENOENT)
                diagnose_warning(diagnostics, &(Location) { .file = network->path },
                                 "containers on it find by name only those that run when they start, as aardvark-dns "
                                 "is not installed: Debian has it in the package of that name");
        return r == -ENOMEM ? r : 0;
}

int network_advise(const Network *network, Diagnostics *diagnostics) {
        _cleanup_free_ char *lack = NULL;
        int r = network_find_lack(network_wants_filter(network), &lack);

        if (r > 0)
                diagnose_warning(diagnostics, &(Location) { .file = network->path }, "%s", lack);
        return r < 0 ? r : advise_names(network, diagnostics);
}
