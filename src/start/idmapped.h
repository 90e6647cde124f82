/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which idmapped mounts a container has: Rootfs=…:idmap and Volume=…:idmap. */
#pragma once

#include "start/namespaces.h"

/* Opens a user namespace for "idmap", or "idmap=MAPPING" when `mapping` is not NULL, of a container
 * with these mappings. A mapping behind "@" that the container's user namespace does not have is an
 * error at `where`. Returns the fd, owned by the caller; -EREPORTED with a diagnostic; or another
 * -errno. */
int idmapped_open(const Namespaces *namespaces, const char *mapping, const Location *where, Diagnostics *diagnostics);

/* Says at `where` that `what` cannot be idmapped, and why, when that is what `error` means. Returns
 * -EREPORTED then, else `error`. */
int idmapped_diagnose(int error, const char *what, const Location *where, Diagnostics *diagnostics);

/* Notes down in `facts->mapped` where in the bundle the source of each Volume= with "idmap" will
 * be. Returns 0 or -ENOMEM. */
int idmapped_gather(const Container *container, const char *bundle_path, Facts *facts);

/* Mounts them there, in this process's own mount namespace. Returns 0; -EREPORTED with a
 * diagnostic; or another -errno. */
int idmapped_mount(const Container *container, const Namespaces *namespaces, const Bundle *bundle, const Facts *facts,
                   Diagnostics *diagnostics);
