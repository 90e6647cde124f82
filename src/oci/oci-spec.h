/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The OCI runtime configuration (config.json) of a container: text and facts in, JSON out. Pure:
 * nothing here looks at the machine. */
#pragma once

#include "oci/facts.h"

/* Builds the whole configuration, OCI runtime-spec 1.0.2, of a container in which container_check()
 * and container_check_supported() have found no error. User mounts that replace a generated one are
 * warnings in `diagnostics`; what cannot work with these facts (a hidden destination, a capability
 * that the machine lacks …) is an error there, with -EREPORTED. On success `*ret` is owned by the
 * caller (json_object_put). */
int oci_spec_build(const Container *container, const Facts *facts, Diagnostics *diagnostics, json_object **ret);

/* Its bytes as they go into config.json: compact for machines, or indented. NULL when memory is
 * short. Caller frees. */
char *oci_spec_to_text(json_object *spec, bool pretty);

/* The host name that the container has: HostName=, else the machine's when it shares the machine's
 * network or UTS namespace, as podman has it, else ContainerName= or the file's stem with what a
 * host name cannot hold turned into "-". Returns 0 or -ENOMEM. Caller frees. */
int oci_spec_host_name(const Container *container, const Facts *facts, char **ret);
