/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The namespaces of a pod that is up, for those who join them.
 *
 * They are mounted in a mount namespace that no process is in, and that only the descriptor store
 * of the pod's unit holds: with the unit, whatever ends it, all of them go, and there is nothing to
 * undo. Who is root finds it among the descriptors of PID 1. */
#pragma once

#include "host/bundle.h"
#include "oci/facts.h"

/* What a namespace is mounted on in a bundle: "ns-net"; and the shared memory. */
#define PINNED_PREFIX "ns-"
#define PINNED_SHM "shm"

typedef struct PodNamespaces {
        int fds[_OCI_NAMESPACE_COUNT]; /* -EBADF: the pod has none */
        int shm_fd;                    /* a mount attached nowhere */
} PodNamespaces;

#define POD_NAMESPACES_INIT                                                                                            \
        { .fds = { -EBADF, -EBADF, -EBADF, -EBADF, -EBADF, -EBADF, -EBADF }, .shm_fd = -EBADF }

/* Finds the mount namespace of a user's pod for pod_namespaces_open(), and enters the user
 * namespace that it belongs to, in which nothing of the manager's can be looked at. Does nothing
 * for the system's manager. Returns 0, -ENOENT when the pod is not up, or another -errno. */
int pod_namespaces_expect(const char *stem);

/* Opens what the pod `stem` has. Returns 0, -ENOENT when it is not up, or another -errno. `ret` is
 * POD_NAMESPACES_INIT, and to be released in any case. */
int pod_namespaces_open(const char *stem, PodNamespaces *ret);

/* Puts this process's mount namespace, in which everything is mounted, into the store of our unit,
 * and notes down in the pod's bundle which one it is. Returns 0 or -errno. */
int pod_namespaces_keep(const Bundle *bundle);

/* Returns where the pod's namespace `file` ("net") is mounted; NULL when memory is short. Caller
 * frees. */
char *pod_namespace_path(const char *stem, const char *file);

/* Finds a file of the pod's bundle that its containers share ("hosts"). Returns 1, 0 when there is
 * none, or -ENOMEM. Caller frees. */
int pod_find_file(const char *stem, const char *name, char **ret);

void pod_namespaces_done(PodNamespaces *namespaces);
#define _cleanup_pod_namespaces_ _cleanup_(pod_namespaces_done)
