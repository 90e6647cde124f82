/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An end of a container's processes that is no failure of its unit. */
#pragma once

#include <sys/types.h>

/* Ends all processes of the PID namespace whose first process is `pid`, and waits for that, ten
 * seconds at most. The kernel has the first one end as if by SIGINT, as when it asks to be powered
 * off (reboot(2)), and that is a clean end for systemd: killed it would be a failed unit. Returns
 * 0, -EOPNOTSUPP when it is not the first process of a namespace of its own, -ETIMEDOUT, or another
 * -errno. */
int namespace_end(pid_t pid);
