/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The namespaces that a container is started with: those that it joins, "ns:PATH" and other
 * containers', and the IDs of its user namespace. */
#pragma once

#include "host/bundle.h"
#include "oci/facts.h"

typedef struct Namespaces {
        int fds[_OCI_NAMESPACE_COUNT];     /* of those that are joined; -EBADF: not joined, or out of reach */
        char *paths[_OCI_NAMESPACE_COUNT]; /* where the runtime finds them */
        /* of the user namespace, when it is not the machine's; user_namespace_find_maps() fills in
         * those of an own one */
        IdMap uids, gids;
        /* the /dev/shm that goes with a joined IPC namespace: a mount attached nowhere; -EBADF
         * without one */
        int shm_fd;
        char *shm_path;                    /* where that is after namespaces_pin() */
        char *host_name;                   /* of the container whose UTS namespace is joined */
} Namespaces;

#define NAMESPACES_INIT                                                                                                \
        { .fds = { -EBADF, -EBADF, -EBADF, -EBADF, -EBADF, -EBADF, -EBADF }, .shm_fd = -EBADF }

/* Opens what the container joins. Another container's namespaces are those of its unit's main
 * process, which is pinned by a pidfd: a recycled process ID, or a berth-helper that has yet to
 * create the container, is never taken for it. One that does not run, and a path that is no such
 * namespace, is an error in `diagnostics` at its place. Returns 0, -EREPORTED with a diagnostic, or
 * another -errno; `namespaces` is NAMESPACES_INIT, and to be released in any case. */
int namespaces_open(const Container *container, Diagnostics *diagnostics, Namespaces *namespaces);

/* Makes what was opened part of this process's own mount namespace, for the runtime that it starts;
 * `paths` are then these places in the bundle. Nothing of it is left when the process and the
 * runtime have ended. Returns 0 or -errno. */
int namespaces_pin(Namespaces *namespaces, const Bundle *bundle);

/* Makes those that a start has pinned visible at the same places for this process, and a runtime
 * that it has look at the container: what the container's process `pid` is in. Returns 0 or
 * -errno. */
int namespaces_pin_again(const Bundle *bundle, pid_t pid);

/* Opens the one of that type that a start has pinned. Returns its fd or -errno. */
int namespaces_open_pinned(const Bundle *bundle, OciNamespace type);

/* Where the generated file `name` ("hosts") that another container has comes from, which may be a
 * third one's bundle. Returns 1, 0 when it has none, or -ENOMEM. Caller frees. */
int namespaces_find_file(const char *stem, const char *name, char **ret);

void namespaces_done(Namespaces *namespaces);
#define _cleanup_namespaces_ _cleanup_(namespaces_done)
