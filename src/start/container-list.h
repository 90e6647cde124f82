/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All containers: what the files of the search path describe, and what the service manager knows of
 * them. */
#pragma once

#include "host/unit/unit-list.h"
#include "source/places.h"

typedef struct ContainerEntry {
        char *stem;      /* "web", "web@a", "web@" */
        char *unit_name; /* NULL for a template */
        char *path;      /* its file, of an instance perhaps the template's; NULL: the unit has outlived it */
        char *image;     /* what Image= says, or Rootfs=; NULL: the file is not to be understood, or gone */
        char *pod;       /* what Pod= says; may be NULL */
        char *manifest;  /* the digest of the image that it runs; NULL: it runs none, or that is root's to see */
        char *newer;     /* that of the image that its reference leads to now, if it is another; or NULL */
        const char *health; /* "healthy" and the like; static. NULL: there is no check, or root alone sees it */
        StringList addresses, ports; /* "10.88.0.5", "8080:80/tcp"; as above */
        bool masked, wrong; /* `wrong`: there are errors in its files */
        bool sleeps;        /* it does not run, and a start goes on from a checkpoint; root's to see */
        const UnitState *state; /* borrowed from `states`; NULL: not loaded */
} ContainerEntry;

/* Zero-initialise with {}. */
typedef struct ContainerEntries {
        ContainerEntry *items; /* by stem */
        size_t count, allocated;
        UnitStates states;
} ContainerEntries;

/* Finds them: every file, masked ones too, and every instance that is loaded or enabled; with the
 * units' numbers, the images that run, health and networks if `numbers`. Returns 0; 1 when the
 * manager could not be asked, with its error in `ret_error`; or -errno. */
int container_entries_get(Scope scope, bool numbers, ContainerEntries *ret, int *ret_error);

void container_entries_done(ContainerEntries *entries);
#define _cleanup_container_entries_ _cleanup_(container_entries_done)
