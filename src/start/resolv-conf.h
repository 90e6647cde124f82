/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a container's /etc/resolv.conf. Pure. */
#pragma once

#include "basic/string-list.h"

typedef struct ResolvConfRequest {
        const char *base; /* the machine's own file */
        /* DNS=, DNSSearch=, DNSOption=: each, where it is not empty, replaces what the machine's
         * file says */
        const StringList *servers, *search, *options;
        bool host_network; /* else the machine's loopback, and a server that listens there, is out of reach */
} ResolvConfRequest;

/* On the machine's network the file is the machine's, save for what is replaced. On a network of
 * the container's own, servers at a loopback address are left out, and public ones used when none
 * is left, as libpod has it. Returns 0 or -ENOMEM. Caller frees `ret`. */
int resolv_conf_text(const ResolvConfRequest *request, char **ret);
