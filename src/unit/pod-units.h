/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the units of a pod and of its containers hang together.
 *
 * A container binds to its pod's service and so starts it, and is stopped and restarted with it.
 * The other way round there is no dependency: systemd would start all containers of the pod again
 * whenever one of them is started or restarted, also those that have done their work. So there are
 * two targets beside the service: "container-pod-start@NAME.target" wants the containers that are
 * to start with the pod, and is asked for by the pod's own start; and
 * "container-pod-members@NAME.target" is wanted by every container, ends when none is left, and
 * takes the pod along: ExitPolicy=stop. */
#pragma once

#include "kind/container/container.h"
#include "kind/pod.h"
#include "unit/drop-in.h"

/* Adds what a container of a pod has for that; nothing for one that has joined none. Returns 0 or
 * -ENOMEM. */
int unit_pod_add_member(const Container *container, UnitDropIn *drop_in);

/* Returns the name of the pod's instance, "app" of "container-pod@app.service", as it stands there;
 * NULL when memory is short. Caller frees. */
char *unit_pod_instance(const Pod *pod);

/* Returns the slice of all units of the pod, "berth-NAME.slice", below the one that the pod's file
 * names; NULL when memory is short. Caller frees. */
char *unit_pod_slice(const Pod *pod);
