/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images import: an image of a root file system. */
#pragma once

/* Makes an image of one layer of the archive, "-" for standard input, and gives it the name. Says
 * what is wrong. Returns 0 or -errno. */
int tree_take(const char *file, const char *name);
