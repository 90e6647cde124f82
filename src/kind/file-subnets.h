/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all .network files say in Subnet=: two of them can want the same addresses. */
#pragma once

#include "basic/ip-address.h"
#include "source/sources.h"

typedef struct FileSubnet {
        IpPrefix subnet;
        const char *stem; /* of its file */
        Location where;
        bool shared; /* by a driver that has others on the same wire */
} FileSubnet;

/* Zero-initialise. */
typedef struct FileSubnets {
        FileSubnet *items; /* in the order of the sources */
        size_t count, allocated;
        StringList texts; /* what items borrow */
        bool read;
} FileSubnets;

/* Reads what the files say, whether they are sound otherwise or not; only the first call does.
 * Returns 0 or -ENOMEM. */
int file_subnets_read(FileSubnets *subnets, const Sources *sources);

/* Diagnoses each subnet of the network that overlaps one of a file which comes before it: the first
 * by name has it, whatever is started first. Returns 0, or -EREPORTED with an error. */
int file_subnets_check(const FileSubnets *subnets, const char *stem, Diagnostics *diagnostics);

void file_subnets_done(FileSubnets *subnets);
#define _cleanup_file_subnets_ _cleanup_(file_subnets_done)
