/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program criu(8), which the runtimes run for checkpoints. */
#pragma once

/* Asks it for its version, "4.1.1". Returns 0, -ENOPKG when it is not installed, -ENOSYS when its
 * answer is none, or another -errno. Caller frees `ret`. */
int criu_version(char **ret);

/* Whether it writes down the labels that processes have by SELinux, and gives them to those that it
 * restores: that of some distributions, among them Debian, is built without libselinux. Returns 1,
 * 0, -ENOPKG, or another -errno. */
int criu_keeps_labels(void);

/* Whether the kernel tells it which memory has changed since a while. Returns as above. */
int criu_knows_changed_memory(void);
