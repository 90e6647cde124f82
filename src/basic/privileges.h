/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Giving up root's power when the steps that need it are done. */
#pragma once

#include <stdint.h>

/* Gives up, for good and for whatever this process runs, all capabilities but those in the mask of
 * capability numbers, and the chance to gain any by a program (capabilities(7),
 * PR_SET_NO_NEW_PRIVS). Returns 0 or -errno. */
int privileges_keep(uint64_t capabilities);
