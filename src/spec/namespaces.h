/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which namespaces the container has of its own, and which it joins. Private to src/spec. */
#pragma once

#include "spec/build.h"

typedef enum OciNamespace {
        OCI_NAMESPACE_PID,
        OCI_NAMESPACE_NETWORK,
        OCI_NAMESPACE_IPC,
        OCI_NAMESPACE_UTS,
        OCI_NAMESPACE_MOUNT,
        OCI_NAMESPACE_CGROUP,
        _OCI_NAMESPACE_COUNT,
} OciNamespace;

/* Private is the default, save for the cgroup namespace where cgroups are not v2: podman has it so. */
NamespaceKind namespace_kind(const Container *container, const Facts *facts, OciNamespace namespace);

/* linux.namespaces */
void build_namespaces(SpecBuild *build);
