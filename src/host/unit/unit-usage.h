/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a unit uses at the moment, by the kernel's word. */
#pragma once

#include <sys/types.h>

#include "basic/alloc.h"

/* UINT64_MAX: not known. */
typedef struct UnitUsage {
        uint64_t cpu_usec;               /* since the unit's start */
        uint64_t memory_bytes, tasks;    /* now */
        uint64_t memory_limit;           /* in bytes: that of the unit, or the machine's memory */
        uint64_t read_bytes, written_bytes;  /* of block devices, since the start */
        uint64_t received_bytes, sent_bytes; /* of all interfaces but the loopback device */
} UnitUsage;

/* Reads the files of the control group ("/system.slice/…") and, for the network, those of the
 * namespace that `main_pid` is in (0: of none). A controller that is not there leaves what it says
 * unknown, and so does a network that is the machine's own. Returns 0 or -ENOMEM. */
int unit_usage_read(const char *control_group, pid_t main_pid, UnitUsage *ret);

/* Reads only what costs next to nothing: the memory in bytes and the processor time in
 * nanoseconds. What is not known is left as it is. Returns 0 or -ENOMEM. */
int unit_usage_read_basics(const char *control_group, uint64_t *memory_bytes, uint64_t *cpu_nsec);
