/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Brings along the kernel's limits, as glibc does. For C libraries other than glibc only. */
#pragma once

#include_next <limits.h>
#include <linux/limits.h>
