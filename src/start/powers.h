/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the steps of a start, and of its end, need of root's power: sets of capabilities. Each was
 * found by leaving out one after the other; why the rest is there is said with it. A runtime, a
 * hook and apparmor_parser have all of root's power whatever is given up here by
 * privileges_limit(). */
#pragma once

#include <linux/capability.h>

#include "basic/privileges.h"

/* Mounts, owners and modes of other users' files, device nodes, capabilities of files that are
 * copied, and maps of IDs, for which all of the last three are needed. An overlay acts on its upper
 * directory with what its mounter had. */
#define FILL_POWERS                                                                                                    \
        (CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_FOWNER) |   \
         CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_MKNOD) | CAPABILITY(CAP_SETFCAP) | CAPABILITY(CAP_SETUID) |           \
         CAPABILITY(CAP_SETGID))

/* Layers unpacked with their files' owners, modes, nodes and attributes. */
#define UNPACK_POWERS (FILL_POWERS & ~(CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETGID)))

/* What fills a start's places, with interfaces and the packet filter, low ports that are reserved,
 * and the namespaces of others: their files in /proc, and entering a mount namespace. */
#define PREPARE_POWERS                                                                                                 \
        (FILL_POWERS | CAPABILITY(CAP_NET_ADMIN) | CAPABILITY(CAP_NET_BIND_SERVICE) | CAPABILITY(CAP_SYS_PTRACE) |     \
         CAPABILITY(CAP_SYS_CHROOT))

/* What run needs for its last steps, and stop for all: a look at the container's first process
 * (which a /proc with hidepid= shows to few), and a signal to it. */
#define LAST_POWERS (CAPABILITY(CAP_KILL) | CAPABILITY(CAP_SYS_PTRACE))

#define RUN_POWERS (PREPARE_POWERS | LAST_POWERS)

/* Of cleanup: to remove what a container's users have made, and elements of the packet filter. */
#define UNDO_POWERS (CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_FOWNER) | CAPABILITY(CAP_NET_ADMIN))

/* The bundle is root's own directory. */
#define NO_POWERS UINT64_C(0)
