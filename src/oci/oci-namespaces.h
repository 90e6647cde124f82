/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which namespaces the container has of its own, and which it joins. */
#pragma once

#include "oci/oci-build.h"

/* What the file says; its value is borrowed. */
Namespace get_namespace(const Container *container, const Facts *facts, OciNamespace namespace);

/* Private is the default, save for the cgroup namespace where cgroups are not v2: podman has it
 * so. */
NamespaceKind namespace_kind(const Container *container, const Facts *facts, OciNamespace namespace);

/* Whether the container's user namespace is not the machine's. */
bool has_user_namespace(const Container *container, const Facts *facts);

/* Whether the namespace belongs to the container's user namespace, or to none below it: it is
 * private, or joined together with that, from the same container or pod. What the kernel shows of a
 * namespace (proc, sysfs, mqueue) can be mounted from such a user namespace only. */
bool namespace_is_owned(const Container *container, const Facts *facts, OciNamespace namespace);

/* linux.namespaces, uidMappings and gidMappings */
void build_namespaces(SpecBuild *build);
