/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .pod file as a value. */
#pragma once

#include "config/section.h"

typedef struct Pod {
        char *pod_name;
        NetworkAttachmentList networks;
        StringList network_aliases;
        StringList publish_ports;
        VolumeMountList volumes;
        StringList add_hosts;
        StringList dns;
        StringList dns_options;
        StringList dns_search;
        char *host_name;
        char *ip;
        char *ip6;
        UserNamespace user_ns;
        StringList uid_map;
        StringList gid_map;
        char *sub_uid_map;
        char *sub_gid_map;
        uint64_t shm_size_bytes;
        ExitPolicy exit_policy;
        uint64_t stop_timeout_usec;
        StringList labels;
        bool of_user; /* the file is for a user's service manager */

        SECTION;
} Pod;

/* As container_load(). */
int pod_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Pod **ret);

/* As container_check(). */
void pod_check(const Pod *pod, Diagnostics *diagnostics);

/* As container_check_supported(). */
void pod_check_supported(const Pod *pod, Diagnostics *diagnostics);

/* What the pod is called. Borrowed. */
const char *pod_name(const Pod *pod);

void pod_free(Pod *pod);
static inline void pod_freep(Pod **pod) { pod_free(*pod); }
#define _cleanup_pod_ _cleanup_(pod_freep)
