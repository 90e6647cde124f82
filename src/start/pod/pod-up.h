/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pod's start. */
#pragma once

/* Makes the namespaces of the pod whose unit has this instance name, with networks, ports and the
 * files that its containers share, and has systemd start those containers. Logs what is wrong.
 * Returns 0 or -errno. */
int pod_up(const char *instance);
