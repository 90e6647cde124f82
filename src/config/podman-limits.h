/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options of podman run that limit a container, as settings of [Service]. Pure. */
#pragma once

#include "basic/alloc.h"

/* Puts an option and its value into the words of systemd.resource-control(5) and
 * systemd.service(5): "--cpus" and "1.5" are "CPUQuota" (static) and "150%" (the caller frees).
 * Weights are converted as crun does it. Returns 1, 0 when there is no setting for such a value,
 * -EINVAL when the value makes no sense, or -ENOMEM. */
int podman_limit_translate(const char *option, const char *value, const char **ret_key, char **ret_value);

/* Does the same for "--memory-swap", whose value is that of memory and swap together: `memory` is
 * that of "--memory", or NULL, which makes no sense. */
int podman_swap_translate(const char *memory, const char *value, const char **ret_key, char **ret_value);
