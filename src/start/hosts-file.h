/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a container's /etc/hosts. Pure. */
#pragma once

#include "basic/string-list.h"

typedef struct HostsRequest {
        const char *base;        /* the machine's own file */
        const StringList *added; /* AddHost=: "NAME[;NAME…]:ADDRESS" or ":host-gateway" */
        const char *gateway;     /* what host-gateway stands for */
        const StringList *own_addresses; /* of the container's own names, 127.0.0.1 when there are none, … */
        const StringList *neighbours;    /* "ADDRESS NAME …", for names that nobody else has */
        StringList own_names;            /* … each of which gets entries unless it has one */
        bool host_names;                 /* podman's names of the machine stand for the gateway, too */
} HostsRequest;

/* First the added entries, which take their names away from the machine's, as podman has it; then
 * the machine's, localhost if that is missing, the own names, and the neighbours. Returns 0 or
 * -ENOMEM. Caller frees `ret`. */
int hosts_file_text(const HostsRequest *request, char **ret);

/* Makes what a container on another's network adds to the other's file, `base`: the added entries,
 * and 127.0.0.1 for own names; what is there already is left out. `gateway` may be NULL:
 * then it is what the file has for podman's name of the machine. Returns 0, -ENOKEY when an entry
 * needs that and there is none, or -ENOMEM. Caller frees `ret`, which may be empty. */
int hosts_file_joined(const HostsRequest *request, char **ret);
