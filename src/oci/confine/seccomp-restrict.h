/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes system calls away from a filter of the OCI configuration, linux.seccomp, whatever the
 * filter is: one that lists what is allowed, or one that lists what is refused. */
#pragma once

#include <json-c/json.h>

#include "basic/string-list.h"

/* One argument of a call: with a `mask`, its bits there are compared, else all of it. */
typedef struct SeccompCondition {
        unsigned index;
        uint64_t mask, value;
} SeccompCondition;

enum { SECCOMP_CONDITIONS = 2 };

/* Conditions that hold together; `count` may be 0: always. */
typedef struct SeccompCase {
        SeccompCondition conditions[SECCOMP_CONDITIONS];
        size_t count;
} SeccompCase;

/* A call that is allowed in some cases only. `allowed` and `refused` say the same in both ways:
 * each call is one of the former, or one of the latter. */
typedef struct SeccompRestriction {
        const char *name;
        const SeccompCase *allowed, *refused;
        size_t allowed_count, refused_count;
        int error;
} SeccompRestriction;

/* Restricts a call. Returns 0, -ENOTSUP when the filter has conditions of its own for it that the
 * others cannot be added to, or -ENOMEM. */
int seccomp_restrict(json_object *filter, const SeccompRestriction *restriction);

/* Refuses the calls with an errno, or with the end of the process where it is 0. Returns 0 or
 * -ENOMEM. */
int seccomp_refuse(json_object *filter, const StringList *names, int error);

/* Leaves no other calls than these. Returns 0, -ENOTSUP when the filter allows what it does not
 * name and refuses some of these only in some cases, or -ENOMEM. */
int seccomp_leave(json_object *filter, const StringList *names, int error);
