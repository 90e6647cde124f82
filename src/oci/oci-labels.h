/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's processes and files are called by SELinux. Pure. */
#pragma once

#include "oci/facts.h"

#define SELINUX_DIRECTORY "/sys/fs/selinux"

typedef struct ContainerLabels {
        char *process; /* NULL: the runtime's own */
        char *mount;   /* of its files: for context= of its root file system, and for what is made or bound for it */
} ContainerLabels;

/* The labels with which podman runs such a container, from those of the policy and SecurityLabel…=.
 * Without SELinux among the facts (`labels->process` is NULL) both are NULL. Returns 0 or
 * -ENOMEM. */
int container_labels_make(const Container *container, const FactLabels *labels, ContainerLabels *ret);

/* Puts another type and another level into a context, "USER:ROLE:TYPE[:LEVEL]"; NULL for either
 * keeps it. Returns 0, -EINVAL when it is none, or -ENOMEM. Caller frees. */
int context_make(const char *context, const char *type, const char *level, char **ret);

/* A file's label with which every container can use it: that of `mount` without categories. As
 * above. */
int context_make_shared(const char *mount, char **ret);

void container_labels_done(ContainerLabels *labels);
#define _cleanup_container_labels_ _cleanup_(container_labels_done)
