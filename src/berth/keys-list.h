/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth keys. */
#pragma once

/* `berth keys [SECTION|KEY]…`: prints what may stand in the files. Returns the exit status: 0, 1
 * when there is no such section or key, or 2 for a wrong usage. */
int verb_keys(int argc, char **argv);
