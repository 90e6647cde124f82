/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container of a pod cannot say. */
#pragma once

#include "kind/container/container.h"

/* For container_check(): keys that are the pod's to set, and a Pod= that is no pod's file. */
void container_check_pod(const Container *container, Diagnostics *diagnostics);
