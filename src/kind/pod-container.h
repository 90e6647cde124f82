/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a pod and its containers have of each other. */
#pragma once

#include "kind/container/container.h"
#include "kind/pod.h"

/* Fills `ret` with the container that a pod's namespaces would be of: all keys that both kinds of
 * file have, at the places in the pod's file, under the pod's stem and unit. Everything in it is
 * the pod's, so that it is not to be freed. */
void pod_as_container(const Pod *pod, Container *ret);

/* Makes the container one of the pod, which becomes its own, also on failure: the namespaces that
 * its file does not set are the pod's, volumes of the pod come before its own unless it has
 * something else mounted there, and so on. Returns 0 or -ENOMEM. */
int container_join_pod(Container *container, Pod *pod);

/* Finds the pod of Pod=, if the container has one and has not joined it yet, and has it join. What
 * is wrong, with the pod's file as well, is in `diagnostics`. Returns 0, -EREPORTED with a
 * diagnostic, or another -errno. */
int container_find_pod(Container *container, Diagnostics *diagnostics);

/* Returns the stem of the pod's file, "app" of Pod=app.pod: 1, 0 when there is no Pod= or it is no
 * such name, or -ENOMEM. Caller frees. */
int container_pod_stem(const Container *container, char **ret);
