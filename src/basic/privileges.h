/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Giving up root's power when the steps that need it are done. */
#pragma once

#include <stdint.h>

/* The bit of one capability in a set; the names are linux/capability.h's. */
#define CAPABILITY(number) (UINT64_C(1) << (number))

/* Gives up, for good, all of this process's own capabilities but those in the mask. What it runs
 * has all of root's power again (of which the bounding set is the limit; capabilities(7)): OCI
 * runtimes and hooks need that. Returns 0 or -errno. */
int privileges_limit(uint64_t capabilities);

/* The same for whatever this process runs, too, with the chance to gain any by a program
 * (PR_SET_NO_NEW_PRIVS). Returns 0 or -errno. */
int privileges_keep(uint64_t capabilities);
