/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program that is a pod's network, pasta(1) or slirp4netns(1), as a service of its own beside
 * the pod's: container-pod-network@.service. Nothing else of the pod runs, and the pod's unit,
 * which is confined, has not the devices that these need.
 *
 * There is no dependency between the two units. That one is asked for by the pod's start, which
 * waits until the network is there, and is stopped when that is undone: by dependencies it would
 * end beside the containers that it is the network of, and with a restart start before the pod has
 * namespaces. When the program ends by itself, systemd starts it anew, for the namespaces that are
 * there: no container of the pod ends. */
#pragma once

#include "host/bundle.h"

/* Has systemd start the service of the pod's program, and waits until its network is ready. Logs
 * what is wrong. Returns 0 or -errno. */
int pod_program_start(const Bundle *bundle, const char *instance);

/* Stops that service, and waits until it has ended; for effects_undo(). That there is none is fine.
 * Returns 0, -EBADMSG for another unit's name, or another -errno. */
int pod_program_stop(const char *unit_name);

/* Runs the program, until its network is ready, and hands the service that this process is of over
 * to it. Logs what is wrong. Returns 0 or -errno. */
int pod_program_run(const char *instance);
