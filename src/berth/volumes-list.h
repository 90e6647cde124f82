/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth volumes. */
#pragma once

/* `berth volumes [OPTION…]`: lists the volumes. `berth volumes rm NAME…`: removes some. Returns the
 * exit status: 0, 1 when something could not be done, or 2 for a wrong usage. */
int verb_volumes(int argc, char **argv);
