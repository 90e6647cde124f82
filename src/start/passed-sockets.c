/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/passed-sockets.h"

#include "basic/log.h"
#include "host/labels.h"
#include "host/log/pipe-label.h"
#include "kind/container/container-socket.h"

void passed_sockets_check(const Container *container, const char *process, Diagnostics *diagnostics) {
        const Entry *socket = container_find_socket(container);

        /* One class of sockets says it for all of them. */
        if (socket && process && !labels_may_use_socket(process, LIBEXECDIR "/berth-helper", "tcp_socket", "read"))
                diagnose_warning(diagnostics, &socket->where,
                                 "SELinux's policy does not let the container use the socket, see SELINUX in "
                                 "berth.container(5)");
}

/* A FIFO that the payload has handed over in an earlier life is one that it could open: it becomes
 * its own. */
void passed_sockets_label(const Bundle *bundle, const PassedFds *passed) {
        for (size_t i = 0; i < passed->socket_count; i++) {
                int r = pipe_label_give_named(bundle, PASSED_FDS_FIRST + (int) i);

                if (r < 0)
                        log_warning_errno(r, "What %s gets as \"%s\" cannot be labelled for it: %m", bundle->stem,
                                          passed->names.items[i]);
        }
}
