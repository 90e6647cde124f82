/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network=pasta and Network=slirp4netns: a program of its own passes packets on. */
#pragma once

#include "kind/container/container.h"

static inline bool network_is_by_program(const NetworkAttachment *network) {
        return network->kind == NETWORK_PASTA || network->kind == NETWORK_SLIRP4NETNS;
}

/* Returns the attachment of a container whose network a program makes, or NULL. Borrowed. */
const NetworkAttachment *container_user_network(const Container *container);

/* Returns the program's name and the package that it is in, a pair of words. Static. */
const char *user_network_program(const NetworkAttachment *network, const char **ret_package);

/* Diagnoses options that the program does not have, or that are not for a file to say, and ports
 * that it cannot publish. */
void user_network_check(const Container *container, Diagnostics *diagnostics);

/* Warns of a program that is not installed. Returns 0 or -ENOMEM. */
int user_network_advise(const Container *container, Diagnostics *diagnostics);
