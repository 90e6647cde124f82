/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether two trees of files are the same. This has a walk of its own, not that of tree.h: it goes
 * through two trees side by side, by sorted names, to find the first difference. Both are the
 * store's, were unpacked by us, and do not change meanwhile. */
#pragma once

#include "basic/alloc.h"

/* Compares names, types, owners, modes, times, devices, links, attributes and contents, but for
 * SELinux labels, which are the machine's. Nothing is followed. Returns 1 when they are the same; 0
 * when not, with the path of the first difference in `ret_difference`, which the caller frees; or
 * -errno. */
int trees_compare(int a_fd, int b_fd, char **ret_difference);
