/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this machine's security modules have for a container: SELinux's labels, AppArmor's
 * profile. */
#pragma once

#include "host/bundle.h"
#include "oci/oci-labels.h"

typedef struct Confinement {
        FactLabels selinux;
        bool apparmor;          /* as in Facts */
        ContainerLabels labels; /* the container's own, of the former */
} Confinement;

/* Finds it out. With `bundle`, for a start: takes a level for the container (an effect), and loads
 * the default profile where that is missing. Without, `id` is the container's for whom this is a
 * look. Returns 0, -EREPORTED with a diagnostic, or another -errno. */
int confinement_find(const Container *container, const char *id, const Bundle *bundle, Confinement *ret,
                     Diagnostics *diagnostics);

/* Returns whether SELinux has a label for it on this machine. */
bool confinement_has_label(const Container *container);

void confinement_done(Confinement *confinement);
#define _cleanup_confinement_ _cleanup_(confinement_done)
