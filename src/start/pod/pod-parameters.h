/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernel parameters that containers.conf(5) gives every container, for the namespaces of a pod. */
#pragma once

#include "basic/string-list.h"

/* Finds those of the parameters (NAME=VALUE) that a pod has namespaces for, with or without a
 * network of its own. One that belongs to no namespace is logged, as it would be the machine's.
 * Returns 0, -EINVAL, or another -errno. */
int pod_parameters_find(bool network, StringList *ret);

/* Sets them in the namespaces that this process is in. Returns 0; or -errno, with the number of the
 * one that could not be set. */
int pod_parameters_set(const StringList *parameters, size_t *ret_failed);
