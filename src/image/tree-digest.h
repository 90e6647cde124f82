/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One digest of a whole tree of files: whether it is still what it was can be told without what it
 * was made of. */
#pragma once

#include "image/digest.h"

/* Digests names, types, owners, modes, times, devices, links, attributes and contents of the
 * directory `fd` and all below it, but for SELinux labels, which are the machine's: what
 * trees_compare() compares. Nothing is followed. Returns 0, -ELOOP when it is deeper than any
 * layer's may be, or another -errno. */
int tree_digest(int fd, char ret[DIGEST_TEXT_SIZE]);
