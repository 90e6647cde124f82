/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lists in [Service] whose words are the kernel's: capabilities, namespaces, address families,
 * system calls. Of what is wrong with them sandbox_check_values() tells; the others go on without
 * it. */
#pragma once

#include "config/sandbox.h"

/* The families that there are on Linux, and some to come. */
enum { SANDBOX_FAMILIES = 64 };

/* What SystemCallFilter= says of a call, or of a set ("@clock"). */
typedef struct SandboxCall {
        char *name;
        bool allowed; /* added to what is allowed, or taken from it */
        int error;    /* of the call, when it is refused; 0: that of the whole filter, -1: the process is killed */
} SandboxCall;

typedef struct SandboxFilter {
        SandboxCall *items;
        size_t count, allocated;
        bool allows; /* the first line lists what is allowed; else what is refused */
        int error;   /* of what is refused; 0: the process is killed */
} SandboxFilter;

/* Says what is wrong with the lists. Returns 0 or -ENOMEM. */
int sandbox_check_values(const UnitFile *unit, Diagnostics *diagnostics);

/* The capabilities that CapabilityBoundingSet= leaves, as a bit mask; all when it is not set. */
int sandbox_capabilities(const UnitFile *unit, uint64_t *ret);

/* The CLONE_NEW… flags that RestrictNamespaces= denies; 0: none. Returns 0 or -ENOMEM. */
int sandbox_namespaces(const UnitFile *unit, uint64_t *ret);

/* Whether a socket may be of a family. Returns 1 with `ret`, 0 when RestrictAddressFamilies= is not
 * set, or -ENOMEM. */
int sandbox_families(const UnitFile *unit, bool ret[SANDBOX_FAMILIES]);

/* Reads SystemCallFilter= and SystemCallErrorNumber=. Returns 1 with `ret`, 0 when there is no
 * filter, or -ENOMEM. */
int sandbox_filter(const UnitFile *unit, SandboxFilter *ret);

void sandbox_filter_done(SandboxFilter *filter);
#define _cleanup_sandbox_filter_ _cleanup_(sandbox_filter_done)
