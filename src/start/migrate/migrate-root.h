/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of a migration that are root's: for a user, of the namespace with the user's other IDs,
 * to which files of images and volumes belong. podman(1) and systemctl(1) are to see the user. */
#pragma once

/* Runs the job, which returns 0 or -errno: for a user's manager in a process of its own, which has
 * entered user_root_enter() and shares no memory but that of MAP_SHARED. Returns what the job has
 * returned, what user_root_enter() has, or -EIO when the process was ended. */
int migrate_as_root(int (*job)(void *userdata), void *userdata);
