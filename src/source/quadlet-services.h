/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dependencies on services by the names that Podman Quadlet gives them: files that were written for
 * Quadlet say "After=db.service" where they mean db.container. */
#pragma once

#include "source/ini-file.h"
#include "source/sources.h"

/* In the dependencies of [Unit] and the targets of [Install], replaces the name of a service that
 * Quadlet would make of one of `sources` ("db.service" of db.container, "data-volume.service" of
 * data.volume, by podman-systemd.unit(5)) by the file's, unless a unit of that name is installed on
 * this machine. Returns 0 or -ENOMEM. */
int quadlet_services_adopt(UnitFile *unit, Scope scope, const Sources *sources);

/* Returns the name that Quadlet gives the service of a file. NULL when memory is short; the caller
 * frees. */
char *quadlet_service_name(FileType type, const char *stem);
