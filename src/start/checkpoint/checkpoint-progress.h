/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stop that writes a checkpoint may take longer than one that does not, as long as it gets
 * anywhere. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* Waits for the runtime, a child that writes to the directory `path`, and has systemd wait as well
 * (EXTEND_TIMEOUT_USEC= of sd_notify(3)). When nothing has been written for a minute it is
 * killed, with CRIU. Returns as process_wait(), or -ETIMEDOUT. */
int progress_wait(pid_t pid, const char *path);

/* Has systemd wait for as long as a slow disk may take for what is in the directory, of which this
 * process cannot see how far it is. */
void progress_expect_sync(const char *path);
