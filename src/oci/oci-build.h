/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the OCI configuration share while it is being built. Private to this folder. */
#pragma once

#include "basic/json.h"
#include "oci/facts.h"
#include "oci/mount-list.h"
#include "oci/oci-labels.h"

/* As conversion.md of the OCI image specification has it. */
#define STOP_SIGNAL_ANNOTATION "org.opencontainers.image.stopSignal"

/* Bit masks by capability number. */
typedef struct CapabilitySets {
        uint64_t bounding;
        uint64_t permitted; /* and effective */
        uint64_t ambient;   /* and inheritable: the kernel lets only what is inheritable become ambient */
} CapabilitySets;

/* Each part computes first, then writes its members to `json`; what cannot work is an error in
 * `diagnostics`, and the part goes on with the rest, so that a user sees everything at once. Where
 * a part can run short of memory itself, it returns 0 or -ENOMEM. */
typedef struct SpecBuild {
        const Container *container;
        const Facts *facts;
        Diagnostics *diagnostics;
        Json json;
        char *host_name;         /* see oci_spec_host_name() */
        char *cgroups_path;      /* linux.cgroupsPath, or NULL */
        CapabilitySets capabilities;
        ContainerLabels labels;
        StringList masked_paths; /* linux.maskedPaths and readonlyPaths */
        StringList readonly_paths;
        OciMountList mounts;     /* sorted */
} SpecBuild;

/* Reports an error at the place where `key` was set last; gives -EREPORTED. */
#define build_error(build, key, ...)                                                                                   \
        ({                                                                                                             \
                const Location _where = container_where((build)->container, (key));                                   \
                diagnose_error((build)->diagnostics, &_where, __VA_ARGS__);                                            \
        })

/* Whether the file sets `key`. */
static inline bool build_is_set(const SpecBuild *build, KeyId key) {
        return build->container->set.entry[key] != NULL;
}
