/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What waits for the end of a program that is a container's network. */
#pragma once

/* Leaves a process which waits until the one of `pidfd` has ended, says so, and has systemd kill
 * the unit's main process: a container without its network has failed. It ends with the unit, and
 * says nothing when that is being stopped. Returns 0 or -errno. */
int user_mode_watch(const char *program, const char *unit_name, int pidfd);
