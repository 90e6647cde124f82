/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether two trees of files are the same. */
#pragma once

#include "basic/alloc.h"

/* Compares names, types, owners, modes, times, devices, links, attributes and contents, but for
 * SELinux labels, which are the machine's. Nothing is followed. Returns 1 when they are the same; 0
 * when not, with the path of the first difference in `ret_difference`, which the caller frees; or
 * -errno. */
int trees_compare(int a_fd, int b_fd, char **ret_difference);
