/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a container's /etc/hosts. Pure. */
#pragma once

#include "basic/string-list.h"

typedef struct HostsRequest {
        const char *base;        /* the machine's own file */
        const StringList *added; /* AddHost=: "NAME[;NAME…]:ADDRESS" or ":host-gateway" */
        const char *gateway;     /* what host-gateway stands for */
        const char *own_address; /* of the container's own names, … */
        StringList own_names;    /* … each of which gets an entry unless it has one */
} HostsRequest;

/* First the added entries, which take their names away from the machine's, as podman has it; then
 * the machine's, localhost if that is missing, and the own names. Returns 0 or -ENOMEM. Caller
 * frees `ret`. */
int hosts_file_text(const HostsRequest *request, char **ret);
