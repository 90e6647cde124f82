/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Silence in a network namespace whose sockets are still to come: a table of its own there. */
#include "network/silence.h"

#include "network/netlink-socket.h"
#include "network/tables.h"

/* ICMPv6 by its number, as not every machine has an /etc/protocols. */
static const char begin_commands[] =
                "add table inet berth-silence\n"
                "add chain inet berth-silence input { type filter hook input priority -300; policy accept; }\n"
                "add rule inet berth-silence input iifname != \"lo\" meta l4proto != 58 drop\n";

static const char end_commands[] = "delete table inet berth-silence\n";

static int run(void *userdata) {
        return tables_run(userdata, NULL);
}

static int run_in(int namespace_fd, const char *commands) {
        return network_namespace_run(namespace_fd, run, (void *) commands);
}

int silence_begin(int namespace_fd) {
        return run_in(namespace_fd, begin_commands);
}

int silence_end(int namespace_fd) {
        return run_in(namespace_fd, end_commands);
}
