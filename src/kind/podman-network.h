/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Networks that podman(1) keeps: NAME.json, as netavark(1) reads it. */
#pragma once

#include "kind/network.h"

enum { PODMAN_NETWORK_MAX = 1 << 20 /* bytes of a file */ };

/* Turns the text of such a file, `path` in diagnostics, into what a .network file would say, so
 * that the same parsers judge it: assignments go to `unit`, static routes, for which those files
 * have no key, to `routes` ("DESTINATION GATEWAY METRIC"). Returns 0, -EREPORTED with an error, or
 * -ENOMEM; both outputs may have been added to. */
int podman_network_translate(const char *text, size_t size, const char *path, Diagnostics *diagnostics, UnitFile *unit,
                             StringList *routes);

/* Reads the network, in a file that nobody but root can change, and checks it as a whole. Returns 0
 * with a Network without errors, -ENOENT (not reported) when there is none, -EREPORTED, or another
 * -errno. */
int podman_network_read(const char *name, Diagnostics *diagnostics, Network **ret);

/* Appends the names of those there are, sorted. Returns 0 or -errno. */
int podman_networks_list(StringList *ret);
