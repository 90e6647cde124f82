/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth check: everything that is wrong in the files. */
#pragma once

/* argv[0] is "check". Returns the exit status: 0 when nothing is wrong (warnings may be there), 1,
 * or 2 for a wrong usage. */
int verb_check(int argc, char **argv);
