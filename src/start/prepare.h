/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first half of a start: from the file and the machine to a bundle that a runtime can take. */
#pragma once

#include "host/bundle.h"

typedef struct Prepared {
        Bundle bundle;
        char *runtime;       /* program */
        char *unit_name, *unit_group;
        char *control_group; /* that the container's is below: the unit's, or that of the scope */
        char *scope, *slice; /* CgroupsMode=enabled: a scope and where it is to be; else NULL */
        bool no_cgroup;      /* CgroupsMode=disabled */
        uid_t root_uid;      /* who the container's root is on the machine */
        gid_t root_gid;
        bool oneshot;        /* Type=oneshot: the unit is up when the payload has ended */
} Prepared;

#define PREPARED_INIT { .bundle = BUNDLE_INIT }

/* Reads the container's file, undoes what an earlier life has left, mounts the root file system (in
 * a mount namespace of this process, if there is something to mount) and writes config.json. Logs
 * what is wrong. Returns 0 or a negative errno. */
int prepare(const char *instance, Prepared *ret);

void prepared_done(Prepared *prepared);
#define _cleanup_prepared_ _cleanup_(prepared_done)
